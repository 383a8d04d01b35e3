"""How leads are spread over streams, and how that may change while they wait.

What is split into several streams is known here by how their names begin: `intake`, or `outbox:NAME`. A change makes a
new generation of streams. Nothing is added to the former streams any more, and a new one is not served until all former
ones that may hold the same leads are empty, so each lead's order is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import gcd
from typing import NamedTuple
from zlib import crc32

from hookrouter.domain.ids import SinkName, Who

INTAKE = "intake"
OUTBOX = "outbox:"
MOST_STREAMS = 256
"""In one generation."""
ENRICHING = 4
"""Streams each for what waits for its history and for what is pending. It never changes: the CRM sets their speed."""


def outbox_of(sink: SinkName) -> str:
    """The name by which the streams of a sink's outbox are known."""
    return f"{OUTBOX}{sink}"


def sink_of(name: str) -> SinkName | None:
    """The sink whose outbox this names; None if it names no outbox."""
    return SinkName(name.removeprefix(OUTBOX)) if name.startswith(OUTBOX) else None


class Place(NamedTuple):
    """One of the streams that something is split into."""

    number: int = 0
    generation: int = 0

    def __str__(self) -> str:
        """The place as it is written in a stream's name."""
        return f"{self.generation}.{self.number}" if self.generation else str(self.number)


def place_in(text: str) -> Place | None:
    """The place that `str` wrote as this text; None if it never writes such a text."""
    generation, _, number = text.rpartition(".")
    if not number.isdecimal() or not (generation.isdecimal() or not generation):
        return None
    return Place(int(number), int(generation or 0))


@dataclass(frozen=True, slots=True)
class Spread:
    """Over how many streams something is spread.

    Attributes:
        former: how it was spread before, while what was added then still waits.
    """

    streams: int = 1
    generation: int = 0
    former: Spread | None = None

    def place_of(self, who: Who) -> Place:
        """The stream to which everything of a lead is added."""
        return Place(_hash(who) % self.streams, self.generation)

    def places_of(self, who: Who) -> tuple[Place, ...]:
        """All streams in which something of a lead may wait, former ones first."""
        place = self.place_of(who)
        return (*self.waits_for(place), place)

    @property
    def own(self) -> tuple[Place, ...]:
        """The streams of this generation."""
        return tuple(Place(number, self.generation) for number in range(self.streams))

    @property
    def places(self) -> tuple[Place, ...]:
        """All streams in which anything may wait, former ones first."""
        return self.own if self.former is None else (*self.former.own, *self.own)

    def waits_for(self, place: Place) -> tuple[Place, ...]:
        """The former streams that may hold leads of this stream.

        A lead's place is the remainder of its hash. Some hash has the remainders r by M and s by N if and only if r and
        s are equal modulo the greatest common divisor of M and N.
        """
        if self.former is None or place.generation != self.generation:
            return ()
        shared = gcd(self.streams, self.former.streams)
        return tuple(each for each in self.former.own if (each.number - place.number) % shared == 0)

    def ready(self, waiting: Collection[Place]) -> list[Place]:
        """Of the streams with entries, those that may be served now: former ones, and new ones that wait for none."""
        known = frozenset(waiting)
        with_entries = [place for place in self.places if place in known]
        if self.former is None:
            return with_entries
        shared = gcd(self.streams, self.former.streams)
        held = {place.number % shared for place in with_entries if place.generation != self.generation}
        return [
            place for place in with_entries if place.generation != self.generation or place.number % shared not in held
        ]

    def changed_to(self, streams: int) -> Spread:
        """The spread after a change to so many streams has begun."""
        return Spread(streams, self.generation + 1, Spread(self.streams, self.generation))

    def settled(self) -> Spread:
        """The spread once nothing waits in the former streams."""
        return replace(self, former=None)

    def reopened(self) -> Spread:
        """The spread after a process that knows of no spreads has filled the single stream there was at first."""
        return replace(self, former=WHOLE)


WHOLE = Spread()
"""The spread of an outbox that has never been split."""
UNKNOWN = Spread(257)
"""Streams filled before there were layouts, however many there were: a prime, so that every new stream waits for all of
them."""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What still waits in the former streams of something that is being spread anew.

    Attributes:
        count: how many entries and waiting deliveries.
        since: when this count was first seen.
    """

    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Strays:
    """The numbers of streams that an earlier version left and that belong to no spread; they are served until empty.

    Attributes:
        intake: those of the intake.
        enriching: those of what waits for its history, or to be decided by it.
    """

    intake: frozenset[int] = frozenset()
    enriching: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Layout:
    """How everything is spread; what `spreads` does not name has a single stream."""

    spreads: Mapping[str, Spread] = field(default_factory=dict)
    strays: Strays = Strays()

    def of(self, name: str) -> Spread:
        """How something is spread."""
        return self.spreads.get(name, WHOLE)

    @property
    def intake(self) -> Spread:
        """How the intake is spread."""
        return self.of(INTAKE)

    @property
    def intakes(self) -> tuple[Place, ...]:
        """All streams of the intake in which anything may wait."""
        return (*self.intake.places, *map(Place, sorted(self.strays.intake)))

    def intakes_ready(self, waiting: Collection[Place]) -> list[Place]:
        """Of the intake's streams with entries, those that may be served now."""
        strays = map(Place, sorted(self.strays.intake))
        return [*self.intake.ready(waiting), *(place for place in strays if place in waiting)]

    @property
    def enriching(self) -> tuple[int, ...]:
        """The numbers of the streams in which anything may wait for its history, or to be decided by it."""
        return (*range(ENRICHING), *sorted(self.strays.enriching))

    def outbox(self, sink: SinkName) -> Spread:
        """How a sink's outbox is spread."""
        return self.of(outbox_of(sink))

    @property
    def changing(self) -> dict[str, Spread]:
        """What is being spread anew now."""
        return {name: spread for name, spread in self.spreads.items() if spread.former is not None}

    def wanting(self, wishes: Mapping[str, int]) -> list[str]:
        """What is to be spread anew and can be, for a change under way must end first."""
        spreads = {name: self.of(name) for name in wishes}
        return [name for name, each in spreads.items() if each.former is None and each.streams != wishes[name]]

    def toward(self, wishes: Mapping[str, int]) -> Layout:
        """The layout in which every change begins that is wanted and can begin."""
        begun = {name: self.of(name).changed_to(wishes[name]) for name in self.wanting(wishes)}
        return replace(self, spreads={**self.spreads, **begun}) if begun else self

    def reopened(self, names: Collection[str]) -> Layout:
        """The layout by which what an earlier version added to these is moved to where it belongs."""
        again = {name: self.of(name).reopened() for name in names}
        return replace(self, spreads={**self.spreads, **again}) if again else self

    def settled(self, names: Collection[str]) -> Layout:
        """The layout in which the changes of these have ended."""
        over = {name: self.of(name).settled() for name in names}
        return replace(self, spreads={**self.spreads, **over}) if over else self


def enriching_place(who: Who) -> int:
    """The number of the stream in which a lead waits for its history, or to be decided by it."""
    return _hash(who) % ENRICHING


def _hash(who: Who) -> int:
    source, lead = who
    return crc32(f"{source}\x1f{lead}".encode())
