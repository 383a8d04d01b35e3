"""What `match` speaks of, with the place of each: fields, plain values, and patterns."""

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
OF_VALUES = frozenset({"in", "not", "from", "to"})

_PROBES = ("a", "0", " ", "-", "é", "ZZ 9", "".join(map(chr, range(32, 127))), "q" * 1000)
"""Texts that have nothing in common but that they say something."""


class Kind(Enum):
    """What is spoken of."""

    FIELD = auto()
    VALUE = auto()
    REGEX = auto()
    LIKE = auto()


OF_PATTERNS = {"regex": Kind.REGEX, "like": Kind.LIKE}


@dataclass(frozen=True, slots=True)
class Mention:
    """One field, text or pattern, which stands there as a key or as a value; `field` is whose value it is."""

    kind: Kind
    text: str
    path: Path
    at_key: bool = False
    field: str = ""


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
                yield from _asked(value, place, name)


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
                yield from _asked(asked, (*path, name), name)


def _asked(asked: Json, path: Path, field: str) -> Iterator[Mention]:
    """What stands behind a field: values that it must equal, and operators."""
    match asked:
        case str():
            yield Mention(Kind.VALUE, asked, path, field=field)
        case list():
            for number, part in enumerate(asked):
                yield from _asked(part, (*path, number), field)
        case dict():
            for word, operand in asked.items():
                place = (*path, word)
                if word in OF_PATTERNS:
                    yield from _texts(operand, place, OF_PATTERNS[word], field)
                elif word in OF_VALUES:
                    yield from _asked(operand, place, field)


def _texts(value: Json, path: Path, kind: Kind, field: str) -> Iterator[Mention]:
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, (*path, number), kind, field)
    else:
        yield Mention(kind, str(value), path, field=field)
