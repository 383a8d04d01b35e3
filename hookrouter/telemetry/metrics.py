"""The metrics, counted in this process and shared with its neighbours through files (prometheus multi-process)."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, values
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from hookrouter.domain import events
from hookrouter.domain.alert_events import AlertTold
from hookrouter.domain.claim_events import ButtonPressed, ClaimSettled
from hookrouter.domain.clock_events import LeadAnswered, ReminderDue
from hookrouter.domain.crm_events import ChangesReconciled, LeadsSwept, LoopBroken
from hookrouter.domain.history_events import ListsFetched
from hookrouter.domain.process_events import CountersMoved, RequestFailed, TaskFailed
from hookrouter.domain.routing_events import (
    LeadAssigned,
    LeadDecided,
    LeadRepeated,
    LeadRouted,
    LeadShadowed,
    LeadSilenced,
    LeadUnroutable,
)
from hookrouter.domain.speed import WITHIN
from hookrouter.domain.watch_events import CanaryLost, CanaryReturned, PushesSilent, SourceSubscribed
from hookrouter.telemetry.batches import Batches, BatchHistogram
from hookrouter.telemetry.counter_files import ReservedCounters, are_in_memory

process_id = functools.cache(os.getpid)
os.register_at_fork(after_in_child=process_id.cache_clear)
if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # noqa: TID251 - where the library looks itself
    # It asks the system for the process' number at each count, five times an attempt, and most of its time goes there.
    values.ValueClass = values.MultiProcessValue(process_id)  # type: ignore[no-untyped-call]  # untyped there
    if sys.platform == "linux":  # elsewhere no room can be reserved, or no file made in memory
        values.MmapedDict = ReservedCounters  # type: ignore[attr-defined]  # there to be looked up, if not to be set

PUSHES = Counter("hookrouter_pushes_total", "Pushes taken.", ["source", "duplicate"])
REFUSED = Counter("hookrouter_pushes_refused_total", "Pushes answered with an error.", ["status", "reason"])
LEADS = Counter("hookrouter_leads_total", "Leads in the pushes taken.", ["source", "result"])
ACKNOWLEDGED = Histogram(
    "hookrouter_push_seconds",
    "From a push's body to its safety.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
HYDRATED = Counter("hookrouter_hydrated_total", "Leads that were to be read back.", ["source", "result"])
ROUTED = Counter("hookrouter_routed_total", "Leads judged by the routes.", ["source", "happened"])
MATCHES = Counter("hookrouter_route_matches_total", "Leads that took a route.", ["route"])
SHADOWED = Counter("hookrouter_route_shadow_total", "Leads that took a route with `shadow: true`.", ["route"])
REPEATED = Counter("hookrouter_route_repeats_total", "Leads that a route with `once` did not tell of again.", ["route"])
SILENCED = Counter(
    "hookrouter_route_silenced_total", "Leads of which a silence kept back a route's deliveries.", ["route"]
)
REACTION = Histogram(
    "hookrouter_reaction_seconds",
    "From a lead's change in the CRM to the first reaction seen.",
    ["route"],
    buckets=[limit.total_seconds() for limit in WITHIN],
)
REMINDERS = Counter("hookrouter_reminders_total", "Follow-up steps that were due.", ["route", "step"])
ASSIGNED = Counter("hookrouter_assigned_total", "Leads for which somebody of a team was wanted.", ["team", "result"])
DELIVERIES = Counter("hookrouter_deliveries_total", "Attempts to deliver.", ["sink", "outcome", "reason"])
ATTEMPT = BatchHistogram("hookrouter_attempt_seconds", "How long an attempt took.", ["sink"])
ARRIVAL = BatchHistogram(
    "hookrouter_delivered_seconds",
    "From a push's arrival to its lead's delivery.",
    ["sink"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
OBJECTIVES = Counter("hookrouter_objective_total", "Messages of routes with an objective.", ["route", "result"])
SUPERSEDED = Counter("hookrouter_superseded_total", "Deliveries whose place a later one took.", ["sink"])
SUPPRESSED = Counter("hookrouter_suppressed_total", "Deliveries that came again after they were made.", ["sink"])
LOOPS = Counter(
    "hookrouter_loops_broken_total", "Writes to the CRM not made, for they went in a loop.", ["sink", "route"]
)
CIRCUITS = Counter("hookrouter_circuit_changes_total", "Changes of a sink's circuit.", ["sink", "state"])
PAUSED = Counter("hookrouter_sinks_paused_total", "Sinks that were paused.", ["sink"])
FELL_BACK = Counter("hookrouter_fallbacks_total", "Deliveries that went to a sink's fallback.", ["sink"])
ALERTS = Counter("hookrouter_alerts_total", "Times that people were told of something wrong.", ["alert", "news"])
DIGESTS = Counter("hookrouter_digests_total", "Messages that several deliveries became.", ["sink"])
TIMELINES = Counter("hookrouter_timelines_total", "Histories that routes asked for.", ["result"])
CHANGES = Counter("hookrouter_changes_total", "Changes in the CRM that reconcile looked at.", ["source", "result"])
GONE = Counter("hookrouter_leads_gone_total", "Leads that the sweep found deleted or deactivated.", ["source"])
LISTS = Counter("hookrouter_lists_total", "Lists of leads that routes asked for.", ["result"])
CANARY = Histogram(
    "hookrouter_canary_seconds",
    "From a canary's change in the CRM to its push.",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 3600),
)
CANARIES_LOST = Counter("hookrouter_canaries_lost_total", "Canaries that did not come back.", ["source", "result"])
SILENCES = Counter("hookrouter_silences_total", "Times without a push that chance does not explain.", ["source"])
SUBSCRIPTIONS = Counter(
    "hookrouter_subscriptions_total", "Times that the CRM was asked to push.", ["source", "why", "result"]
)
CLICKS = Counter("hookrouter_clicks_total", "Times that somebody pressed the button of a message.", ["sink", "result"])
CLAIMS = Histogram(
    "hookrouter_claim_seconds",
    "From a click to all that it leads to.",
    ["sink", "result"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600),
)
LEASES_LOST = Counter("hookrouter_leases_lost_total", "Drains that found their lease taken.")
FAILURES = Counter("hookrouter_neighbour_failures_total", "Calls to Redis or the CRM that failed.", ["neighbour"])
UNREADABLE = Counter("hookrouter_unreadable_entries_total", "Records that could not be read.")
DRAINS_FAILED = Counter("hookrouter_drains_failed_total", "Drains that ended in an error of ours.")
ERRORS = Counter("hookrouter_request_errors_total", "Requests, and tasks beside them, that ended in an error of ours.")


class EventMetrics:
    """Counts each fact."""

    def __init__(self, say: Callable[[events.Event], None]) -> None:
        """Count; `say` is told of what becomes of the counts."""
        self._say = say
        self._were_in_memory = False
        self._batches = Batches()

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
                _count_attempt(event, self._batches)
            case LeadRouted() | LeadDecided():
                _count_lead(event, self._batches)
            case _:
                _count_course(event)
                _count_watched(event)
                _count_trouble(event)


def _count_course(event: events.Event) -> None:  # noqa: C901 - one case a fact; a table would hide the arguments
    """Count what leads, deliveries and what was asked of the CRM came to."""
    match event:
        case events.DeliveryTimed():
            OBJECTIVES.labels(event.route, event.result).inc()
        case events.LeadHydrated() | events.LeadUnconfirmed():
            HYDRATED.labels(event.source, event.result).inc()
        case LeadShadowed() | LeadRepeated() | LeadSilenced() | ReminderDue() | LeadAnswered() | LeadAssigned():
            _count_of_routes(event)
        case events.PushReceived():
            _count_push(event)
        case events.DeliverySuperseded():
            SUPERSEDED.labels(event.sink).inc()
        case events.DeliverySuppressed():
            SUPPRESSED.labels(event.sink).inc()
        case events.DigestGathered():
            DIGESTS.labels(event.sink).inc()
        case events.TimelineFetched():
            TIMELINES.labels(event.result).inc()
        case ListsFetched():
            LISTS.labels(event.result).inc()
        case ChangesReconciled():
            CHANGES.labels(event.source, "known").inc(event.known)
            CHANGES.labels(event.source, "missed").inc(event.missed)
        case LeadsSwept():
            GONE.labels(event.source).inc(event.gone)


def _count_watched(event: events.Event) -> None:
    """Count what watching over the CRM's pushes came to, and what people pressed."""
    match event:
        case CanaryReturned():
            CANARY.observe(event.seconds)
        case CanaryLost():
            CANARIES_LOST.labels(event.source, event.result).inc()
        case PushesSilent():
            SILENCES.labels(event.source).inc()
        case SourceSubscribed():
            SUBSCRIPTIONS.labels(event.source, event.why, event.result).inc()
        case ButtonPressed():
            CLICKS.labels(event.sink, event.result).inc()
        case ClaimSettled():
            CLAIMS.labels(event.sink, event.result).observe(event.seconds)


def _count_trouble(event: events.Event) -> None:  # noqa: C901 - as above
    """Count what went wrong."""
    match event:
        case LeadUnroutable():
            ROUTED.labels(event.source, "unroutable").inc()
        case events.PushRefusedEvent():
            REFUSED.labels(str(event.status), event.title.replace(" ", "-")).inc()
        case LoopBroken():
            LOOPS.labels(event.sink, event.route).inc()
        case events.CircuitChanged():
            CIRCUITS.labels(event.sink, event.state).inc()
        case events.SinkPaused():
            PAUSED.labels(event.sink).inc()
        case AlertTold():
            ALERTS.labels(event.alert, event.news).inc()
        case events.SinkFellBack():
            FELL_BACK.labels(event.sink).inc(event.deliveries)
        case events.LeaseLost():
            LEASES_LOST.inc()
        case events.NeighbourFailed():
            FAILURES.labels(event.neighbour).inc()
        case events.EntryUnreadable():
            UNREADABLE.inc()
        case events.DrainFailed():
            DRAINS_FAILED.inc()
        case RequestFailed() | TaskFailed():
            ERRORS.inc()


def _count_push(event: events.PushReceived) -> None:
    PUSHES.labels(event.source, str(event.duplicate).lower()).inc()
    ACKNOWLEDGED.observe(event.seconds)
    if not event.duplicate:
        LEADS.labels(event.source, "accepted").inc(event.accepted)
        LEADS.labels(event.source, "rejected").inc(event.rejected)


def _count_lead(event: LeadRouted | LeadDecided, batches: Batches) -> None:
    """Count a lead once when it is routed, and the routes that it takes when each is known."""
    happened = event.happened if isinstance(event, LeadRouted) else None
    batches.count(*_series_of_lead(event.source, happened, event.routes))


UNTOLD: Mapping[type[events.Event], Counter] = {LeadShadowed: SHADOWED, LeadRepeated: REPEATED, LeadSilenced: SILENCED}


def _count_of_routes(
    event: LeadShadowed | LeadRepeated | LeadSilenced | ReminderDue | LeadAnswered | LeadAssigned,
) -> None:
    if isinstance(event, LeadAnswered):
        REACTION.labels(event.route).observe(event.seconds)
        return
    if isinstance(event, ReminderDue):
        REMINDERS.labels(event.route, event.step).inc()
        return
    if isinstance(event, LeadAssigned):
        ASSIGNED.labels(event.team, event.result).inc()
        return
    for route in event.routes:
        UNTOLD[type(event)].labels(route).inc()


@functools.lru_cache(maxsize=1024)
def _series_of_lead(source: str, happened: str | None, routes: tuple[str, ...]) -> tuple[Counter, ...]:
    """The series of a routed lead; looking them up anew costs as much as counting."""
    routed = () if happened is None else (ROUTED.labels(source, happened),)
    return *routed, *(MATCHES.labels(route) for route in routes)


@functools.lru_cache(maxsize=1024)
def _series_of_attempt(sink: str, outcome: str, reason: str) -> tuple[Counter, BatchHistogram, BatchHistogram]:
    return DELIVERIES.labels(sink, outcome, reason), ATTEMPT.labels(sink), ARRIVAL.labels(sink)


def _count_attempt(event: events.DeliveryAttempted, batches: Batches) -> None:
    attempts, took, arrival = _series_of_attempt(event.sink, event.outcome, event.reason)
    batches.observe(took, event.seconds)
    if event.outcome == "delivered":
        batches.observe(arrival, event.lead_seconds)
    batches.count(attempts)


def write_metrics(directory: Path, collectors: list[Collector]) -> tuple[bytes, str]:
    """The metrics of all processes that share `directory`, with what `collectors` add; and their media type."""
    registry = CollectorRegistry()
    if directory.is_dir():  # a full disk may have had no room for it
        multiprocess.MultiProcessCollector(registry, path=str(directory))  # type: ignore[no-untyped-call]  # untyped there
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry), CONTENT_TYPE_LATEST


def forget_process(process: int, directory: Path) -> None:
    """Let go of the live gauges of a process that ended."""
    multiprocess.mark_process_dead(process, str(directory))  # type: ignore[no-untyped-call]  # untyped there
