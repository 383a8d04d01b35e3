"""`${NAME}` in the configuration's texts, filled from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from hookrouter.wire.config.faults import Fault, Path

LONGEST_SECRET = 64 * 1024
_DOLLAR = re.compile(r"\$\$|\$\{([^{}]*)\}|\$\{")
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A document with its variables filled in.

    Attributes:
        value: where a variable could not be filled in, the text stays as it was written.
        faults: one for each such text.
        filled: the value of each variable that was used, for masking.
        defaulted: the variables that are not set and have a default, each with the first place that names it.
    """

    value: object = field(repr=False)
    faults: tuple[Fault, ...]
    filled: Mapping[str, str] = field(repr=False)
    defaulted: Mapping[str, Path] = field(default_factory=dict)


def expand(value: object, environment: Mapping[str, str]) -> Expansion:
    """Fill in `${NAME}` and `${NAME:-default}` in all texts but keys; `$$` is a dollar sign."""
    filling = _Filling(environment)
    filled = filling.fill(value, ())
    return Expansion(value=filled, faults=tuple(filling.faults), filled=filling.filled, defaulted=filling.defaulted)


class _Unfilled(Exception):  # noqa: N818 - it reads as what happened
    """A variable has no value; the text says why."""


class _Filling:
    """One walk through a document."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.faults: list[Fault] = []
        self.filled: dict[str, str] = {}
        self.defaulted: dict[str, Path] = {}

    def fill(self, value: object, path: Path) -> object:
        if isinstance(value, dict):
            return {key: self.fill(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner, (*path, number)) for number, inner in enumerate(value)]
        if isinstance(value, str) and "$" in value:
            return self._fill_text(value, path)
        return value

    def _fill_text(self, text: str, path: Path) -> str:
        try:
            return _DOLLAR.sub(lambda found: self._replacement(found, path), text)
        except _Unfilled as reason:
            self.faults.append(Fault(path=path, message=str(reason)))
            return text

    def _replacement(self, found: re.Match[str], path: Path) -> str:
        if found[0] == "$$":
            return "$"
        named = _NAME.fullmatch(found[1] or "")
        if named is None:
            raise _Unfilled("`${` begins a variable, ${NAME} or ${NAME:-default}: write `$$` for a dollar sign")
        name, default = named[1], named[2]
        value = self._look_up(name)
        if value is None and default is None:
            raise _Unfilled(f"the variable {name} is not set, nor is {name}_FILE")
        if value is None:
            self.defaulted.setdefault(name, path)
            return str(default)
        self.filled[name] = value
        return value

    def _look_up(self, name: str) -> str | None:
        """An empty variable counts as none, so that a deployment's blank is noticed.

        A line break at its end is not part of it: `echo` put it there when a Secret was made of what it wrote.
        """
        direct, file = self._environment.get(name, "").rstrip("\r\n"), self._environment.get(f"{name}_FILE", "")
        if direct and file:
            raise _Unfilled(f"both {name} and {name}_FILE are set: keep one")
        if file:
            return _read_secret(f"{name}_FILE", file)
        return direct or None


def _read_secret(name: str, file: str) -> str:
    try:
        with FilePath(file).open("rb") as stream:
            content = stream.read(LONGEST_SECRET + 1)
        secret = content.decode().strip()
    except OSError as error:
        raise _Unfilled(f"{name} names {file}, which cannot be read: {error.strerror}") from None
    except ValueError:
        raise _Unfilled(f"{name} names {file}, which is no UTF-8 text") from None
    if not secret or len(content) > LONGEST_SECRET:
        raise _Unfilled(f"{name} names {file}, which is {'too long for a secret' if secret else 'empty'}")
    return secret
