"""No two things have one key, whatever the configuration calls them, and each key tells whose it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookrouter.domain.ids import LeadKey, SinkName, SourceName
from hookrouter.domain.layout import Place
from hookrouter.domain.living_message import LeadPlace
from hookrouter.ports.stages import Stage
from hookrouter.store.forgetting.words import COPY, STREAMS, copied_in, generation_in, shard_in, sink_in, word_of
from hookrouter.store.keys import Keys
from hookrouter.store.shard import Shard
from hookrouter.wire.config.strict_fields import KEBAB, LONGEST_NAME, is_name
from hookrouter.wire.rules.events import EVENT_SOURCES

KEYS = Keys("hr")
OF_NAMES = frozenset({"SinkName", "RouteName", "SourceName", "TeamName"})
"""What the configuration calls."""
STREAM = "stream"
"""The argument of those keys that belong to a stream."""
PLACES = (Place(0, 1), Place(1, 1), Place(0, 2), Place(10, 11))
OTHERS: dict[str, Sequence[Any]] = {
    "number": (0, 1),
    "source": (None, *sorted(EVENT_SOURCES)),
    "name": ("sink:x", "place:x", "sink:first"),
    "dialect": (1, 2),
    "int": (0, 1, 12),
    "date": (date(2026, 11, 27),),
    "Stage": tuple(Stage),
}
"""What else keys are made of, by the name or the kind of the argument."""
IDS = ("d_1", "a0", "0")
"""Of pushes, leads, deliveries: whatever is not named by the configuration."""
WORDS = sorted({*STREAMS, "copy", "first", "lease", "lease-before", "retry", "retry-records", "run", "all", "0", "1"})
"""What stands in keys that belong to a sink or a route, and may be called so itself."""
OTHER_WORDS = sorted(word for name in dir(Keys) if is_name(word := name.replace("_", "-")))


@dataclass(frozen=True, slots=True)
class Thing:
    """What has a key.

    Attributes:
        key: which is its own.
        made_by: the function, and what it is given.
        stream: what it belongs to, if that is a stream.
    """

    key: str
    made_by: str
    given: tuple[Any, ...]
    stream: Thing | None = None

    @property
    def is_walked_through(self) -> bool:
        """Whether people are looked for in it, entry by entry."""
        return self.made_by in OF_STREAMS - NO_SHELF


MAKERS = {
    name: function
    for name, function in inspect.getmembers(Keys, inspect.isfunction)
    if not name.startswith("_") and name != "snapshots_of" and STREAM not in inspect.signature(function).parameters
}
"""What makes keys that do not belong to another."""
OF_STREAMS = frozenset(name for name, function in MAKERS.items() if (function.__doc__ or "").startswith("Stream"))
NO_SHELF = frozenset({"audit", "deciding", "reminding", "watching"})
"""Streams that hold nobody, or are never there."""


def arguments(function: Callable[..., str], names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """All that a key may be made of."""
    kinds = [(each.name, str(each.annotation)) for each in inspect.signature(function).parameters.values()][1:]
    if [name for name, _ in kinds][-2:] != ["number", "generation"]:
        yield from product(*(_choices(name, kind, names) for name, kind in kinds))
        return
    rest = [_choices(name, kind, names) for name, kind in kinds[:-2]]
    of_before = [Place()] if rest else [Place(), Place(1), Place(10)]  # only the intake had several from the beginning
    for *found, place in product(*rest, (*of_before, *PLACES)):
        yield (*found, *place)


def _choices(name: str, kind: str, names: Sequence[str]) -> Sequence[Any]:
    if kind in OF_NAMES:
        return names
    if kind == "LeadPlace":
        return [
            LeadPlace(sink=SinkName(each), channel="#a", source=SourceName("crm"), lead=LeadKey("1")) for each in names
        ]
    return OTHERS.get(name) or OTHERS.get(kind, IDS)


def things(names: Sequence[str]) -> list[Thing]:
    """All that has a key, where the configuration calls things so."""
    found = [
        Thing(function(KEYS, *given), name, given)
        for name, function in MAKERS.items()
        for given in arguments(function, names)
    ]
    streams = [thing for thing in found if thing.made_by in OF_STREAMS]
    walked = [thing for thing in streams if thing.is_walked_through]
    return [
        *found,
        *(Thing(KEYS.lease(each.key), "lease", (), each) for each in streams),
        *(Thing(KEYS.lease_before(each.key), "lease_before", (), each) for each in streams),
        *(Thing(KEYS.copied(each.key), "copied", (), each) for each in walked),
        *(Thing(f"{each.key}:copy", "copied", ("by the release before",), each) for each in walked),
    ]


def check(names: Sequence[str]) -> None:
    known: dict[str, Thing] = {}
    words = {thing.made_by: word_of(KEYS, thing.key) for thing in things(["plain"])}
    for thing in things(names):
        other = known.setdefault(thing.key, thing)
        assert other is thing, f"{other} and {thing}"
        word = word_of(KEYS, thing.key)
        if thing.made_by == "copied" and thing.stream is not None:
            assert (word, copied_in(KEYS, thing.key)) == (COPY, thing.stream.key)
        elif thing.stream is None:
            assert word == words[thing.made_by], thing
        if thing.is_walked_through:
            check_stream(thing, word)


def check_stream(thing: Thing, word: str) -> None:
    """Who walks through a stream knows by its key under whose lease it is, and when its turn comes."""
    shelf = STREAMS[word]
    if shelf.of_sink:
        sink, *rest = thing.given
        shard = Shard(KEYS, sink, Place(*rest[-2:]))
        assert (sink_in(KEYS, thing.key), shard_in(KEYS, thing.key)) == (sink, shard)
        assert generation_in(KEYS, thing.key) == shard.place.generation
    elif word == "intake":
        assert generation_in(KEYS, thing.key) == thing.given[1]
    else:
        assert generation_in(KEYS, thing.key) == 0


@pytest.mark.parametrize("word", WORDS)
def test_a_name_that_is_a_word_of_keys_is_mistaken_for_none(word: str) -> None:
    check(list({word, "copy", f"copy-{word}"}))


NAMES = st.from_regex(KEBAB, fullmatch=True).filter(lambda name: len(name) <= LONGEST_NAME) | st.sampled_from(
    WORDS + OTHER_WORDS
)


@settings(max_examples=10, deadline=None)
@given(names=st.lists(NAMES, min_size=2, max_size=2, unique=True))
def test_no_two_things_have_one_key_whatever_they_are_called(names: list[str]) -> None:
    check(names)
