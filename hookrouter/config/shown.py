"""What may be shown of the configuration in force: its files as they were written, without what is secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hookrouter.config.line_secrets import HIDDEN, Span, comment_of, secrets_in
from hookrouter.config.model import WrittenConfig
from hookrouter.config.secrets import LOOK_SECRET, SECRET_KEYS, SECRET_NAMES
from hookrouter.domain.ids import RouteName

_DEFAULT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*):-[^{}]*\}")
_BREAKS = re.compile(r"\r\n|\n|\r")
_SAID = re.compile(rf"{SECRET_NAMES.pattern}|{'|'.join(sorted(SECRET_KEYS))}", re.IGNORECASE)
MOST_LINES = 5000
"""Of all files together: some hundred routes."""
AT_ONCE = 200
"""Lines; their secrets are found within some milliseconds."""
UNSAID = f"# {HIDDEN}"
"""Shown for a comment that speaks of secrets: it may tell one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """A file of the configuration.

    Attributes:
        lines: without their ends.
        left: how many more there are.
        routes: the route that begins in a line, by its number from 1.
    """

    name: str
    lines: Sequence[str]
    routes: Mapping[int, RouteName]
    left: int = 0


def shown(written: WrittenConfig, rest: Callable[[], None] = lambda: None) -> Sequence[ShownFile]:
    """All files, the main one first; each by its name from the main one's folder on.

    Args:
        written: what is in force.
        rest: called between some lines and the next, so that others have their turn.
    """
    folder = next((file.rpartition("/")[0] for file in written.files), "")
    room, files = MOST_LINES, list[ShownFile]()
    for name, text in written.files.items():
        lines = _BREAKS.split(text.removesuffix("\n"))
        told = [_line(lines, number, written.mask) for number in _with_rests(min(len(lines), room), rest)]
        room -= len(told)
        files.append(
            ShownFile(
                name=name.removeprefix(f"{folder}/") if folder else name,
                lines=told,
                routes={line: route for route, (file, line) in written.routes.items() if file == name},
                left=len(lines) - len(told),
            )
        )
    return files


def _with_rests(count: int, rest: Callable[[], None]) -> Iterator[int]:
    for number in range(count):
        if number and not number % AT_ONCE:
            rest()
        yield number


def _line(lines: Sequence[str], number: int, mask: Mapping[str, str]) -> str:
    line = lines[number]
    code = comment_of(line)
    spans = [
        (start, min(end, code), instead) for start, end, instead in secrets_in(lines, number, mask) if start < code
    ]
    text = _DEFAULT.sub(r"${\1:-…}", _without(line[:code], spans))
    text += _comment(line[code:], mask)
    return "".join(sign if sign.isprintable() else " " for sign in text.rstrip())


def _comment(comment: str, mask: Mapping[str, str]) -> str:
    """A comment, unless it may tell what the lines beside it do not."""
    if _SAID.search(comment) or any(sign in comment for sign in (*LOOK_SECRET, *mask)):
        return UNSAID
    return comment


def _without(line: str, spans: Sequence[Span]) -> str:
    pieces, end = [], 0
    for start, stop, instead in spans:
        pieces += [line[end:start], instead]
        end = stop
    return "".join([*pieces, line[end:]])
