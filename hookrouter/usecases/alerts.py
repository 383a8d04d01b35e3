"""Alerts: look what is wrong, and tell people once, through hookrouter's own sinks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookrouter.domain.alert import BY_NO_ROUTE, USUAL_LAG, Alert, AlertKind, Trouble, Underway
from hookrouter.domain.alert_events import AlertTold
from hookrouter.domain.alerting import look
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.circuit import CircuitState
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.fallback import fallen_back
from hookrouter.domain.ids import DeliveryId, LeadKey, PushId, SinkName, SourceName
from hookrouter.domain.troubles import (
    dead_trouble,
    no_push_trouble,
    quota_trouble,
    sink_lag,
    sink_trouble,
    stage_lag,
)
from hookrouter.ports.alerts import AlertBook
from hookrouter.ports.census import Census, far_side_of
from hookrouter.ports.outbox_depth import OutboxDepth
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.surroundings import Observer

ROUTE = BY_NO_ROUTE
SOURCE = SourceName("alerts")
"""An alert comes by no route and from no source; these names stand for them."""
ARRIVES_WITHIN = timedelta(minutes=30)
"""So long it is looked after an alert's messages; a sink that is dead for longer has a fallback by itself."""
MOST_UNDERWAY = 100
EVERY = timedelta(seconds=10)
"""How often it is looked what is wrong; the kick comes more often."""

Depths = Mapping[SinkName, OutboxDepth]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAlerts:
    """Tells some sinks of what is wrong.

    Attributes:
        on: of what, with the time of what has one.
        is_known: whether the configuration has a sink.
    """

    on: Mapping[AlertKind, timedelta | None]
    to: Sequence[SinkName]
    census: Census
    book: AlertBook
    wake: Wake
    observer: Observer
    is_known: Callable[[SinkName], bool]
    revision: str = ""

    def run(self, now: datetime) -> Sequence[Alert]:
        """Look, if it is time; what was told."""
        was, memory = self.book.read()
        if memory.looked_at is not None and timedelta() <= now - memory.looked_at < EVERY:
            return ()
        depths = {sink: depth for sink, depth in self.census.depths(now).items() if self.is_known(sink)}
        known = [each for each in memory.known if each.kind in self.on]
        after, alerts = look(list(self._troubles(depths, now)), replace(memory, known=known), now)
        places = self._places(depths, now)
        made = [self._delivery(alert, *place) for alert in alerts for place in places]
        passed_on, underway = self._look_after(memory.underway, depths, now)
        deliveries = [*made, *passed_on]
        begun = [Underway(delivery=each.id, sink=each.sink, told_at=now) for each in deliveries]
        after = replace(after, underway=[*underway, *begun][-MOST_UNDERWAY:])
        if not self.book.write(was, after, deliveries):
            return ()  # another worker looked
        sinks = tuple(sink for sink, _ in places)
        for alert in alerts:
            self.observer.report(AlertTold(alert=alert.kind, about=alert.about, news=alert.news, sinks=sinks))
        if deliveries:
            self.wake.ring(Stage.DELIVER)
        return alerts

    def _look_after(
        self, underway: Sequence[Underway], depths: Depths, now: datetime
    ) -> tuple[list[Delivery], list[Underway]]:
        """What goes to the fallbacks of sinks that failed to take an alert, and what is to be looked after still.

        A sink that is hardly used has no circuit that is open: the alert itself is what finds out that it fails.
        """
        passed_on: list[Delivery] = []
        stay: list[Underway] = []
        looked_after = [each for each in underway if now - each.told_at < ARRIVES_WITHIN]
        for each, failed in zip(looked_after, self.book.failed(looked_after), strict=True):
            depth = depths.get(each.sink)
            if failed is None:
                stay.append(each)
            elif depth is not None and depth.fallback is not None:
                passed_on += fallen_back(failed, _who_takes(depth.fallback.to, depths, now))
        return passed_on, stay

    def _troubles(self, depths: Depths, now: datetime) -> Iterator[Trouble]:
        found: list[Trouble | None] = []
        if AlertKind.CIRCUIT_OPEN in self.on:
            found += [sink_trouble(sink, far_side_of(depth), now) for sink, depth in depths.items()]
        if AlertKind.LAG in self.on:
            found += self._lags(depths, self.on[AlertKind.LAG] or USUAL_LAG, now)
        if AlertKind.DEAD in self.on:
            count = self.census.set_aside().get("dead", 0)
            found.append(dead_trouble(count, self.census.dead_groups() if count else ()))
        longest = self.on.get(AlertKind.NO_PUSH_FOR)
        if longest is not None:
            found.append(no_push_trouble(self.census.last_push(), longest, now))
        if AlertKind.CRM_QUOTA in self.on:
            found.append(quota_trouble(self.census.crm_quota(), self.census.crm_away()))
        yield from filter(None, found)

    def _lags(self, depths: Depths, longest: timedelta, now: datetime) -> Iterator[Trouble | None]:
        waiting = self.census.lags()
        for stage, oldest in self.census.oldest().items():
            yield stage_lag(stage, waiting.get(stage, 0), oldest, longest, now)
        for sink, depth in depths.items():
            if depth.standing(now) == CircuitState.CLOSED:
                yield sink_lag(sink, depth.waiting, depth.due_since, longest, now)

    def _places(self, depths: Depths, now: datetime) -> list[tuple[SinkName, SinkName | None]]:
        """Each sink that is told now, with the one in whose place it is.

        One that takes no messages is not waited for: its fallback is told at once, for this may be about itself.
        """
        places: dict[SinkName, SinkName | None] = {}
        for sink in self.to:
            place = _who_takes(sink, depths, now)
            if place not in places or place == sink:
                places[place] = None if place == sink else sink
        return list(places.items())

    def _delivery(self, alert: Alert, sink: SinkName, instead: SinkName | None) -> Delivery:
        name = f"{alert.kind}\x1f{alert.about}\x1f{alert.news}\x1f{alert.at.isoformat()}\x1f{sink}"
        about = hashlib.sha256(f"{alert.kind}\x1f{alert.about}".encode()).hexdigest()[:16]
        return Delivery(
            id=DeliveryId("d_" + hashlib.sha256(f"{ROUTE}\x1f{name}".encode()).hexdigest()[:32]),
            sink=sink,
            route=ROUTE,
            push=PushId(f"alert-{alert.kind.replace('_', '-')}-{alert.news}"),
            source=SOURCE,
            received_at=alert.at,
            event=LeadEvent.UNCHANGED,
            lead_key=LeadKey(f"alert-{about}"),
            lead={},
            changed=(),
            previous={},
            revision=self.revision,
            in_place_of=instead,
            alert=alert,
        )


def _who_takes(sink: SinkName, depths: Depths, now: datetime) -> SinkName:
    """The sink, or the first of those that stand in for it that takes messages; itself when none does."""
    passed, place = {sink}, sink
    while (depth := depths.get(place)) is not None and _is_dead(depth, now):
        if depth.fallback is None or depth.fallback.to in passed:
            return sink
        place = depth.fallback.to
        passed.add(place)
    return place


def _is_dead(depth: OutboxDepth, now: datetime) -> bool:
    """Whether a sink takes nothing; also where somebody paused it, which is no trouble by itself."""
    is_paused = depth.pause is not None and depth.pause.holds(now)
    return is_paused or sink_trouble(SinkName(""), far_side_of(depth), now) is not None
