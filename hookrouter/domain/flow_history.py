"""The history of the flow: what came and went in each minute, told by how the figures of the day grew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hookrouter.domain.figures import Days, Figure, Kind
from hookrouter.domain.ids import SinkName, SourceName

MINUTE = timedelta(minutes=1)
KEPT = timedelta(hours=26)
"""A day, and two hours to compare its beginning with."""
DETAILED = timedelta(hours=1)
"""For so long it is also known by route and sink."""
SLOW_WRITERS = timedelta(minutes=10)
"""For so long after midnight figures of the day before are still looked at: a worker's clock may be behind."""
CLOCK_SET_BACK = timedelta(minutes=5)
"""A last sample so far ahead was taken by a clock that is right no more."""
OF_PEOPLE = frozenset({Kind.REACTED})
"""Kinds that tell of people, not of the flow."""

Counts = Counter[Figure]
Totals = Mapping[date, Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The figures as they were at a moment, which the next sample is told by; `at` is None before the first."""

    at: datetime | None = None
    totals: Totals = field(default_factory=dict)

    def is_over(self, now: datetime) -> bool:
        """Whether the minute has passed in which this was read."""
        if self.at is None or self.at > now + CLOCK_SET_BACK:
            return True
        return minute_of(self.at) < minute_of(now)

    def begins_anew(self, now: datetime) -> bool:
        """Whether what came before tells nothing of the time since: it is the first, or nobody looked for too long."""
        return self.at is None or not timedelta() < now - self.at <= KEPT

    def days(self, days: Days, now: datetime) -> Sequence[date]:
        """The days whose figures may have grown since."""
        return sorted({*self.totals, *current_days(days, now)})

    def grown(self, totals: Totals) -> Counts:
        """What was counted since; where figures shrank, Redis came back without them, and they began at nothing."""
        grown: Counts = Counter()
        for day, counts in totals.items():
            before = self.totals.get(day, Counter())
            for figure, count in counts.items():
                was = before[figure]
                grown[figure] += count - was if count >= was else count
        return +grown


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """What came and went within about a minute, and what waited at its end.

    Attributes:
        at: its end.
        seconds: how long it was; longer than a minute where nobody took samples meanwhile.
        pushes: that came.
        missed: the leads that no push brought, and reconcile did.
        waiting: leads and deliveries in all streams, those included that wait for their next attempt.
    """

    at: datetime
    seconds: float
    pushes: int = 0
    leads: int = 0
    missed: int = 0
    routed: int = 0
    delivered: int = 0
    late: int = 0
    dead: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The same by source, route and sink.

    Attributes:
        counts: without people.
        waiting: for each sink, as far as anything does.
        staged: leads that are on their way to their sinks.
    """

    at: datetime
    seconds: float
    counts: Counts = field(default_factory=Counter)
    pushes: Mapping[SourceName, int] = field(default_factory=dict)
    waiting: Mapping[SinkName, int] = field(default_factory=dict)
    staged: int = 0

    @property
    def minute(self) -> Minute:
        """It in brief."""
        kinds = by_kind(self.counts)
        return Minute(
            at=self.at,
            seconds=self.seconds,
            pushes=sum(self.pushes.values()),
            leads=kinds[Kind.LEADS],
            missed=kinds[Kind.MISSED],
            routed=kinds[Kind.ROUTED],
            delivered=kinds[Kind.DELIVERED],
            late=kinds[Kind.LATE],
            dead=kinds[Kind.DEAD],
            waiting=self.staged + sum(self.waiting.values()),
        )


def minute_of(moment: datetime) -> int:
    """The minute of a moment, as a number."""
    return int(moment.timestamp() // MINUTE.total_seconds())


def current_days(days: Days, now: datetime) -> set[date]:
    """The days whose figures may grow yet."""
    return {days.of(now - SLOW_WRITERS), days.of(now)}


def without_people(figures: Mapping[Figure, int]) -> Counts:
    """The figures of the flow, whoever the leads were given to."""
    counts: Counts = Counter()
    for figure, count in figures.items():
        if figure.kind not in OF_PEOPLE:
            counts[figure._replace(person="")] += count
    return counts


def by_kind(counts: Mapping[Figure, int]) -> Counter[Kind]:
    """All counts of a kind together."""
    kinds: Counter[Kind] = Counter()
    for figure, count in counts.items():
        kinds[figure.kind] += count
    return kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A stretch of a chart: how many a minute, and the most that waited; None where nobody took samples."""

    at: datetime
    leads: float | None = None
    delivered: float | None = None
    dead: float | None = None
    waiting: int | None = None


def course(minutes: Sequence[Minute], since: datetime, step: timedelta, count: int) -> Sequence[Point]:
    """So many stretches of equal length from a moment on, by the minutes that fall into them.

    One that is longer than a stretch is spread evenly over all that it covers.
    """
    sums: list[Counter[str]] = [Counter() for _ in range(count)]
    for minute in minutes:
        begin = (minute.at - timedelta(seconds=minute.seconds) - since) / step
        end = (minute.at - since) / step
        for place in range(max(0, int(begin)), min(count, int(end) + 1)):
            overlap = min(end, place + 1) - max(begin, place)
            if overlap > 0:
                _add(sums[place], minute, overlap / (end - begin))
    return [_point(since + (place + 1) * step, each) for place, each in enumerate(sums)]


def _add(into: Counter[str], minute: Minute, share: float) -> None:
    into["seconds"] += minute.seconds * share  # type: ignore[assignment]  # shares of whole numbers
    for name in ("leads", "delivered", "dead"):
        into[name] += getattr(minute, name) * share
    into["waiting"] = max(into["waiting"], minute.waiting)


def _point(at: datetime, counted: Counter[str]) -> Point:
    minutes = counted["seconds"] / 60
    if not minutes:
        return Point(at=at)
    return Point(
        at=at,
        leads=counted["leads"] / minutes,
        delivered=counted["delivered"] / minutes,
        dead=counted["dead"] / minutes,
        waiting=counted["waiting"],
    )
