"""How leads are spread over streams, and how that may change while they wait.

What is split into several streams is known here by the first words of their names: `intake`, or `outbox:NAME`. A change
makes a new generation of streams. Nothing is added to the former any more, and a stream of the new one is not served
before all of the former that may hold the same leads are empty: so each lead's order is kept.
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
"""Of one generation."""
ENRICHING = 4
"""Streams of what waits for its history, and of what is pending, for ever: they are as fast as the CRM lets them be."""


def outbox_of(sink: SinkName) -> str:
    """What the streams of a sink's outbox are known by."""
    return f"{OUTBOX}{sink}"


def sink_of(name: str) -> SinkName | None:
    """Whose outbox it is; None for what is none."""
    return SinkName(name.removeprefix(OUTBOX)) if name.startswith(OUTBOX) else None


class Place(NamedTuple):
    """One of the streams that something is split into."""

    number: int = 0
    generation: int = 0

    def __str__(self) -> str:
        """As it stands in the stream's name."""
        return f"{self.generation}.{self.number}" if self.generation else str(self.number)


def place_in(text: str) -> Place | None:
    """What `str(place)` wrote; None for what it never wrote."""
    generation, _, number = text.rpartition(".")
    if not number.isdecimal() or not (generation.isdecimal() or not generation):
        return None
    return Place(int(number), int(generation or 0))


@dataclass(frozen=True, slots=True)
class Spread:
    """Over how many streams something is spread.

    Attributes:
        former: over how many it was before, while what was added then waits.
    """

    streams: int = 1
    generation: int = 0
    former: Spread | None = None

    def place_of(self, who: Who) -> Place:
        """The stream that all of a lead is added to."""
        return Place(_hash(who) % self.streams, self.generation)

    def places_of(self, who: Who) -> tuple[Place, ...]:
        """All streams in which something of a lead may wait, the former first."""
        place = self.place_of(who)
        return (*self.waits_for(place), place)

    @property
    def own(self) -> tuple[Place, ...]:
        """The streams of this generation."""
        return tuple(Place(number, self.generation) for number in range(self.streams))

    @property
    def places(self) -> tuple[Place, ...]:
        """All streams that anything may wait in, the former first."""
        return self.own if self.former is None else (*self.former.own, *self.own)

    def waits_for(self, place: Place) -> tuple[Place, ...]:
        """The former streams that may hold leads of a stream's.

        A lead's hash gives its place by its remainder. Two of these, by M and by N, are of the same number for some
        hash if and only if they agree by the greatest common divisor of both.
        """
        if self.former is None or place.generation != self.generation:
            return ()
        shared = gcd(self.streams, self.former.streams)
        return tuple(each for each in self.former.own if (each.number - place.number) % shared == 0)

    def ready(self, waiting: Collection[Place]) -> list[Place]:
        """Those of the streams with entries that may be served now: the former, and what waits for none of them."""
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
        """What it becomes when it is spread anew."""
        return Spread(streams, self.generation + 1, Spread(self.streams, self.generation))

    def settled(self) -> Spread:
        """What it becomes when nothing waits in the former streams."""
        return replace(self, former=None)

    def reopened(self) -> Spread:
        """What it becomes when somebody who knows no spreads has filled the one stream that there was at first."""
        return replace(self, former=WHOLE)


WHOLE = Spread()
"""How an outbox is spread that has never been split."""
UNKNOWN = Spread(257)
"""Streams that were filled before there were layouts, over any number of them: a prime, so that all new ones wait for
all of them."""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What waits in the former streams of something that is being spread anew.

    Attributes:
        count: how many entries, or deliveries that wait for whatever.
        since: when so many were counted for the first time.
    """

    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Strays:
    """The numbers of streams that an earlier version left, and that nothing is spread over; served until empty.

    Attributes:
        intake: those of the intake.
        enriching: those of what waits for its history, or to be decided by it.
    """

    intake: frozenset[int] = frozenset()
    enriching: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Layout:
    """How everything is spread; what is not named in `spreads` is whole."""

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
        """All streams of the intake that anything may wait in."""
        return (*self.intake.places, *map(Place, sorted(self.strays.intake)))

    def intakes_ready(self, waiting: Collection[Place]) -> list[Place]:
        """Those with entries that may be served now."""
        strays = map(Place, sorted(self.strays.intake))
        return [*self.intake.ready(waiting), *(place for place in strays if place in waiting)]

    @property
    def enriching(self) -> tuple[int, ...]:
        """The numbers of the streams in which anything may wait for its history, or to be decided by it."""
        return (*range(ENRICHING), *sorted(self.strays.enriching))

    def outbox(self, sink: SinkName) -> Spread:
        """How the outbox of a sink is spread."""
        return self.of(outbox_of(sink))

    @property
    def changing(self) -> dict[str, Spread]:
        """What is being spread anew at this moment."""
        return {name: spread for name, spread in self.spreads.items() if spread.former is not None}

    def wanting(self, wishes: Mapping[str, int]) -> list[str]:
        """What is to be spread anew, and can be: a change under way comes to its end first."""
        spreads = {name: self.of(name) for name in wishes}
        return [name for name, each in spreads.items() if each.former is None and each.streams != wishes[name]]

    def toward(self, wishes: Mapping[str, int]) -> Layout:
        """The layout in which all changes begin that are wanted and can."""
        begun = {name: self.of(name).changed_to(wishes[name]) for name in self.wanting(wishes)}
        return replace(self, spreads={**self.spreads, **begun}) if begun else self

    def reopened(self, names: Collection[str]) -> Layout:
        """The layout in which what an earlier version added to these is moved to where it belongs."""
        again = {name: self.of(name).reopened() for name in names}
        return replace(self, spreads={**self.spreads, **again}) if again else self

    def settled(self, names: Collection[str]) -> Layout:
        """The layout in which the changes of these are over."""
        over = {name: self.of(name).settled() for name in names}
        return replace(self, spreads={**self.spreads, **over}) if over else self


def enriching_place(who: Who) -> int:
    """The number of the stream in which a lead waits for its history, or to be decided by it."""
    return _hash(who) % ENRICHING


def _hash(who: Who) -> int:
    source, lead = who
    return crc32(f"{source}\x1f{lead}".encode())
