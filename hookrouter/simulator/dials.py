"""Everything about the simulated CRM that can be turned while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, TypeVar

from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.quirks import Quirks

Section = TypeVar("Section", Pushing, Allowance, Quirks)


@dataclass(slots=True, kw_only=True)
class Dials:
    """The sections, each a frozen value that is exchanged as a whole; whoever reads one reads it anew each time."""

    pushing: Pushing = field(default_factory=Pushing)
    allowance: Allowance = field(default_factory=Allowance)
    quirks: Quirks = field(default_factory=Quirks)

    def stand(self) -> dict[str, dict[str, Any]]:
        """How they stand, as JSON has it."""
        return asdict(self)

    def turn(self, wanted: Mapping[str, Any]) -> None:
        """Turn what is named, such as `{"pushing": {"lost": 0.3}}`: all of it or, if any of it makes no sense, none.

        Raises:
            ValueError: for what cannot be turned, or not to there.
        """
        unknown = wanted.keys() - {each.name for each in fields(self)}
        if unknown:
            raise ValueError(f"there is no {min(unknown)}; there are {', '.join(each.name for each in fields(self))}")
        made = {name: _turned(getattr(self, name), given) for name, given in wanted.items()}
        for name, section in made.items():
            setattr(self, name, section)


def _turned(section: Section, given: object) -> Section:
    if not isinstance(given, dict):
        raise ValueError("a section must be an object")  # noqa: TRY004 - it came as JSON
    return replace(section, **{name: _as_before(section, name, value) for name, value in given.items()})


def _as_before(section: Section, name: str, value: object) -> Any:
    """The value in the type that it has now."""
    if name not in {each.name for each in fields(section)}:
        raise ValueError(f"there is no {name}; there are {', '.join(each.name for each in fields(section))}")
    present = getattr(section, name)
    if isinstance(present, StrEnum):
        return type(present)(str(value))
    wanted = (int, float) if isinstance(present, float) else type(present)
    if not isinstance(value, wanted) or isinstance(value, bool) != isinstance(present, bool):
        raise ValueError(f"{name} must be {_KINDS[type(present)]}")
    return value


_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
