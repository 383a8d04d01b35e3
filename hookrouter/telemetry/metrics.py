"""The metrics, counted in this process and shared with its neighbours through files (prometheus multi-process)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from hookrouter.domain import events
from hookrouter.domain.alert_events import AlertTold
from hookrouter.domain.claim_events import ButtonPressed, ClaimFailed, ClaimSettled
from hookrouter.domain.clock_events import ClockFailed, LeadAnswered, ReminderDue
from hookrouter.domain.crm_events import ChangesReconciled, LeadsSwept, LoopBroken
from hookrouter.domain.history_events import ListsFetched
from hookrouter.domain.operator import Door
from hookrouter.domain.process_events import CountersMoved, OperatorRefused, ProcessStarted, RequestFailed, TaskFailed
from hookrouter.domain.redis_events import JobRefused
from hookrouter.domain.routing_events import (
    LeadAssigned,
    LeadDecided,
    LeadRepeated,
    LeadRouted,
    LeadShadowed,
    LeadSilenced,
    LeadUnroutable,
)
from hookrouter.domain.spool_events import SpoolFed
from hookrouter.domain.watch_events import CanaryLost, CanaryReturned, PushesSilent, SourceSubscribed
from hookrouter.telemetry import series
from hookrouter.telemetry.batches import Batches
from hookrouter.telemetry.counter_files import are_in_memory
from hookrouter.telemetry.ended_counters import EveryCounter


class EventMetrics:
    """Counts each fact."""

    def __init__(self, say: Callable[[events.Event], None]) -> None:
        """Count; `say` is told of what becomes of the counts."""
        self._say = say
        self._were_in_memory = False
        self._batches = Batches()
        self._attempts: dict[tuple[str, str, str], _Attempts] = {}

    def flush(self) -> None:
        """Write what was gathered, and say where this process counts, when that has changed."""
        self._batches.write()
        if are_in_memory() is not self._were_in_memory:
            self._were_in_memory = are_in_memory()
            self._say(CountersMoved(to="memory" if self._were_in_memory else "disk"))

    def report(self, event: events.Event) -> None:
        """Count one fact."""
        match event:
            case events.DeliveryAttempted():
                self._count_attempt(event)
            case LeadRouted() | LeadDecided():
                _count_lead(event, self._batches)
            case _:
                _count_course(event)
                _count_watched(event)
                _count_trouble(event)

    def _count_attempt(self, event: events.DeliveryAttempted) -> None:
        kind = (event.sink, event.outcome, event.reason)
        of = self._attempts.get(kind)
        if of is None:
            of = self._attempts[kind] = self._of_attempts(*kind)
        of.took.append(event.seconds)
        if of.arrival is not None:
            of.arrival.append(event.lead_seconds)
        if of.taken is not None:
            of.taken.append(event.attempt)
        self._batches.count(of.made)

    def _of_attempts(self, sink: str, outcome: str, reason: str) -> _Attempts:
        amounts_of = self._batches.amounts_of
        return _Attempts(
            made=series.DELIVERIES.labels(sink, outcome, reason),
            took=amounts_of(series.ATTEMPT.labels(sink)),
            arrival=amounts_of(series.ARRIVAL.labels(sink)) if outcome == "delivered" else None,
            taken=None if outcome == "retry" else amounts_of(series.TAKEN.labels(sink)),
        )


def _count_course(event: events.Event) -> None:  # noqa: C901 - one case a fact; a table would hide the arguments
    """Count what leads, deliveries and what was asked of the CRM came to."""
    match event:
        case events.DeliveryTimed():
            for result in ("met", "late"):
                series.OBJECTIVES.labels(event.route, result).inc(result == event.result)
        case events.LeadHydrated() | events.LeadUnconfirmed():
            series.HYDRATED.labels(event.source, "rejected")  # so that its growth shows from the first on
            series.HYDRATED.labels(event.source, event.result).inc()
        case LeadShadowed() | LeadRepeated() | LeadSilenced() | ReminderDue() | LeadAnswered() | LeadAssigned():
            _count_of_routes(event)
        case events.PushReceived():
            _count_push(event)
        case events.DeliverySuperseded():
            series.SUPERSEDED.labels(event.sink).inc()
        case events.DeliverySuppressed():
            series.SUPPRESSED.labels(event.sink).inc()
        case events.DigestGathered():
            series.DIGESTS.labels(event.sink).inc()
        case events.TimelineFetched():
            series.TIMELINES.labels(event.result).inc()
        case ListsFetched():
            series.LISTS.labels(event.result).inc()
        case ChangesReconciled():
            series.CHANGES.labels(event.source, "known").inc(event.known)
            series.CHANGES.labels(event.source, "missed").inc(event.missed)
        case LeadsSwept():
            series.GONE.labels(event.source).inc(event.gone)


def _count_watched(event: events.Event) -> None:
    """Count what watching over the CRM's pushes came to, and what people pressed."""
    match event:
        case CanaryReturned():
            series.CANARY.observe(event.seconds)
        case CanaryLost():
            series.CANARIES_LOST.labels(event.source, event.result).inc()
        case PushesSilent():
            series.SILENCES.labels(event.source).inc()
        case SourceSubscribed():
            series.SUBSCRIPTIONS.labels(event.source, event.why, event.result).inc()
        case ButtonPressed():
            series.CLICKS.labels(event.sink, event.result).inc()
        case ClaimSettled():
            series.CLAIMS.labels(event.sink, event.result).observe(event.seconds)


def _count_trouble(event: events.Event) -> None:  # noqa: C901, PLR0912 - as above
    """Count what went wrong."""
    match event:
        case LeadUnroutable():
            series.ROUTED.labels(event.source, "unroutable").inc()
        case events.PushRefusedEvent():
            series.REFUSED.labels(str(event.status), event.title.replace(" ", "-")).inc()
        case LoopBroken():
            series.LOOPS.labels(event.sink, event.route).inc()
        case events.CircuitChanged():
            series.CIRCUITS.labels(event.sink, event.state).inc()
        case events.SinkPaused():
            series.PAUSED.labels(event.sink).inc()
        case AlertTold():
            series.ALERTS.labels(event.alert, event.news).inc()
        case events.SinkFellBack():
            series.FELL_BACK.labels(event.sink).inc(event.deliveries)
        case events.LeaseLost():
            series.LEASES_LOST.inc()
        case events.NeighbourFailed():
            series.FAILURES.labels(event.neighbour).inc()
        case events.EntryUnreadable():
            series.UNREADABLE.inc()
        case events.DrainFailed():
            series.DRAINS_FAILED.inc()
        case RequestFailed() | TaskFailed():
            series.ERRORS.inc()
        case _:
            _count_processes(event)


def _count_processes(event: events.Event) -> None:
    """Count what became of processes and of what is kept for them."""
    match event:
        case ProcessStarted():
            series.STARTED.labels(event.role).inc()
            if event.role == "web":
                _begin_at_nought()
        case OperatorRefused():
            series.STRANGERS.labels(event.door).inc()
        case SpoolFed():
            series.FED.inc(event.pushes)
        case JobRefused():
            series.REFUSED_JOBS.inc()
        case ClockFailed():
            series.CLOCKS_FAILED.inc()
        case ClaimFailed():
            series.CLAIMS_FAILED.labels(event.sink, event.duty).inc()


def _begin_at_nought() -> None:
    """Show what alerts look at before it happens: of a series that appears Prometheus cannot tell that it grew."""
    for status, reason in (("503", "not-kept"), ("429", "too-many-at-once")):
        series.REFUSED.labels(status, reason)
    for door in (Door.CONSOLE, Door.API):
        series.STRANGERS.labels(door)


def _count_push(event: events.PushReceived) -> None:
    series.PUSHES.labels(event.source, str(event.duplicate).lower()).inc()
    series.ACKNOWLEDGED.observe(event.seconds)
    if not event.duplicate:
        series.LEADS.labels(event.source, "accepted").inc(event.accepted)
        series.LEADS.labels(event.source, "rejected").inc(event.rejected)


def _count_lead(event: LeadRouted | LeadDecided, batches: Batches) -> None:
    """Count a lead once when it is routed, and the routes that it takes when each is known."""
    happened = event.happened if isinstance(event, LeadRouted) else None
    batches.count(*_series_of_lead(event.source, happened, event.routes))


UNTOLD: Mapping[type[events.Event], Counter] = {
    LeadShadowed: series.SHADOWED,
    LeadRepeated: series.REPEATED,
    LeadSilenced: series.SILENCED,
}


def _count_of_routes(
    event: LeadShadowed | LeadRepeated | LeadSilenced | ReminderDue | LeadAnswered | LeadAssigned,
) -> None:
    if isinstance(event, LeadAnswered):
        series.REACTION.labels(event.route).observe(event.seconds)
        return
    if isinstance(event, ReminderDue):
        series.REMINDERS.labels(event.route, event.step).inc()
        return
    if isinstance(event, LeadAssigned):
        series.ASSIGNED.labels(event.team, event.result).inc()
        return
    for route in event.routes:
        UNTOLD[type(event)].labels(route).inc()


@functools.lru_cache(maxsize=1024)
def _series_of_lead(source: str, happened: str | None, routes: tuple[str, ...]) -> tuple[Counter, ...]:
    """The series of a routed lead; looking them up anew costs as much as counting."""
    routed = () if happened is None else (series.ROUTED.labels(source, happened),)
    return *routed, *(series.MATCHES.labels(route) for route in routes)


class _Attempts(NamedTuple):
    """What attempts of one sink that come to one outcome are counted by; looking it up anew costs more than counting.

    Only deliveries that are made have an arrival, and only those that are over took so many attempts.
    """

    made: Counter
    took: list[float]
    arrival: list[float] | None
    taken: list[float] | None


def write_metrics(directory: Path, collectors: list[Collector]) -> tuple[bytes, str]:
    """The metrics of all processes that share `directory`, with what `collectors` add; and their media type."""
    registry = CollectorRegistry()
    registry.register(EveryCounter(directory))
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry), CONTENT_TYPE_LATEST
