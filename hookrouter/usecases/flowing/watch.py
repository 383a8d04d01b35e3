"""Watch the flow: the picture of now, and the course of the last hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.figures import Days
from hookrouter.domain.flow import Flow, FlowFacts, FlowPlan, RouteSeen, SinkFacts
from hookrouter.domain.flow_history import KEPT, MINUTE, Counts, Point, Sample, course, without_people
from hookrouter.domain.flow_seen import PAUSED, flow_of
from hookrouter.domain.ids import SourceName
from hookrouter.ports.census import Census
from hookrouter.ports.flow import FlowHistory
from hookrouter.ports.outbox_depth import OutboxDepth
from hookrouter.ports.report import Figures
from hookrouter.ports.surroundings import Clock

WINDOW = timedelta(minutes=5)
"""What a picture counts, and what came since the last sample."""
MOST_PUSHES = 200
"""Since the last sample, whose source is looked up."""
MOST_POINTS = 240
"""Of a chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFlow:
    """Looks, and changes nothing; what it asks of Redis grows with the numbers of routes and sinks alone."""

    plan: FlowPlan
    figures: Figures
    history: FlowHistory
    census: Census
    days: Days
    clock: Clock

    def look(self) -> Flow:
        """The picture of this moment.

        Raises:
            StoreAway: Redis does not answer.
        """
        now = self.clock.now()
        since, counts, pushes = self._of_late(now)
        return flow_of(
            self.plan,
            FlowFacts(
                now=now,
                since=since,
                counts=counts,
                pushes=pushes,
                last_pushes=self.census.last_pushes(self.plan.sources),
                staged={stage.value: count for stage, count in self.census.lags().items()},
                partitions=self.census.layout().intake.streams,
                sinks={name: _facts(depth, now) for name, depth in self.census.depths(now).items()},
                paused_routes=self.census.paused_routes(now),
            ),
        )

    def routes(self, days: int) -> Sequence[RouteSeen]:
        """What each route did today and on the days before, so many in all, in their order. Raises as `look` does."""
        now = self.clock.now()
        asked = [self.days.of(now) - timedelta(days=ago) for ago in range(days)]
        counts: Counts = Counter()
        for figures in self.figures.of(asked).values():
            counts.update(without_people(figures))
        facts = FlowFacts(now=now, since=None, counts=counts, paused_routes=self.census.paused_routes(now))
        places = {route.name: place for place, route in enumerate(self.plan.routes)}
        seen = flow_of(self.plan, facts).routes
        return sorted(seen, key=lambda route: places.get(route.name, len(places)))

    def course(self, span: timedelta) -> Sequence[Point]:
        """The last while in stretches of whole minutes, the present one not among them. Raises as `look` does."""
        whole = max(1, -(-span // (MINUTE * MOST_POINTS)))
        step = MINUTE * whole
        count = max(1, span // step)
        end = self.clock.now().replace(second=0, microsecond=0)
        minutes = self.history.minutes(span // MINUTE + 1)
        return course(minutes, end - step * count, step, count)

    def _of_late(self, now: datetime) -> tuple[datetime | None, Counts, Mapping[SourceName, int]]:
        """What was counted in the samples of the window and since, from when on."""
        _, reading = self.history.last()
        if reading.at is None or now - reading.at > KEPT:
            return None, Counter(), {}
        samples = [each for each in self.history.samples(WINDOW // MINUTE) if each.at > now - WINDOW - MINUTE]
        found = self.figures.of(reading.days(self.days, now))
        counts = reading.grown({day: without_people(figures) for day, figures in found.items()})
        pushes = Counter(self.history.pushes(reading.at, now, MOST_PUSHES))
        for sample in samples:
            counts.update(sample.counts)
            pushes.update(sample.pushes)
        return _since(samples, reading.at), counts, pushes


def _since(samples: Sequence[Sample], last: datetime) -> datetime:
    if not samples:
        return last
    return samples[-1].at - timedelta(seconds=samples[-1].seconds)


def _facts(depth: OutboxDepth, now: datetime) -> SinkFacts:
    standing = depth.standing(now)
    instead = depth.falls_back(now)
    return SinkFacts(
        waiting=depth.all_waiting,
        retrying=depth.retrying,
        held=sum(depth.shut.values()),
        oldest=depth.due_since,
        is_gathering=depth.is_gathering,
        standing=standing,
        reason=str(depth.pause) if standing == PAUSED else depth.circuit.reason,
        until=depth.circuit.until if depth.circuit.waits(now) else None,
        told_instead="" if instead is None else instead.to,
        shards=depth.shards,
    )
