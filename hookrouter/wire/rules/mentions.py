"""What `match` speaks of, with the place of each: fields, and regular expressions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

import re2

from hookrouter.domain.lead import Json
from hookrouter.wire.config.faults import Path
from hookrouter.wire.rules.language import GROUP, GROUPS, WORDS

OF_GROUPS = frozenset(name for name, word in WORDS.items() if word.takes in (GROUP, GROUPS))
OF_CHANGES = frozenset({"changed", "crossed"})
REGEX = "regex"

_PROBES = ("a", "0", " ", "-", "é", "ZZ 9", "".join(map(chr, range(32, 127))), "q" * 1000)
"""Texts that have nothing in common but that they say something."""


class Kind(Enum):
    """What is spoken of."""

    FIELD = auto()
    PATTERN = auto()


@dataclass(frozen=True, slots=True)
class Mention:
    """One field or expression, which stands there as a key or as a value."""

    kind: Kind
    text: str
    path: Path
    at_key: bool = False


def mentions(match: Json, path: Path) -> Iterator[Mention]:
    """All that a sound `match` or a named condition speaks of; conditions that it names are not looked into."""
    if isinstance(match, list):
        for number, part in enumerate(match):
            yield from mentions(part, (*path, number))
    elif isinstance(match, dict):
        for name, value in match.items():
            place = (*path, name)
            if name in OF_GROUPS:
                yield from mentions(value, place)
            elif name in OF_CHANGES:
                yield from _of_changes(value, place)
            elif name not in WORDS:
                yield Mention(Kind.FIELD, name, place, at_key=True)
                yield from _patterns(value, place)


def matches_everything(pattern: str) -> bool:
    """Whether an expression is found in any text that says something, so that it asks no more than `exists`."""
    search = re2.compile(pattern.encode()).search
    return all(search(probe.encode()) is not None for probe in _PROBES)


def _of_changes(value: Json, path: Path) -> Iterator[Mention]:
    match value:
        case str():
            yield Mention(Kind.FIELD, value, path)
        case list():
            for number, name in enumerate(value):
                yield from _of_changes(name, (*path, number))
        case dict():
            for name, asked in value.items():
                yield Mention(Kind.FIELD, name, (*path, name), at_key=True)
                yield from _patterns(asked, (*path, name))


def _patterns(asked: Json, path: Path) -> Iterator[Mention]:
    match asked:
        case list():
            for number, part in enumerate(asked):
                yield from _patterns(part, (*path, number))
        case dict():
            for word, operand in asked.items():
                place = (*path, word)
                if word == REGEX:
                    yield from _texts(operand, place)
                else:
                    yield from _patterns(operand, place)


def _texts(value: Json, path: Path) -> Iterator[Mention]:
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, (*path, number))
    else:
        yield Mention(Kind.PATTERN, str(value), path)
