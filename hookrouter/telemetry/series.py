"""The counters and histograms, each with its name, meaning and labels; their values stand in files (multi-process)."""

from __future__ import annotations

import functools
import os
import sys

from prometheus_client import Counter, Histogram, values

from hookrouter.domain.speed import WITHIN
from hookrouter.telemetry.batches import BatchHistogram
from hookrouter.telemetry.counter_files import ReservedCounters


@functools.cache
def process_id() -> str:
    """The name of this process among all that ever counted here; containers give their numbers out again."""
    return f"{os.getpid()}-{os.urandom(6).hex()}"


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
TAKEN = BatchHistogram(
    "hookrouter_delivery_attempts",
    "How many attempts deliveries took that are over.",
    ["sink"],
    buckets=(1, 2, 3, 4, 5, 6, 8, 12, 24, 48),
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
REFUSED_JOBS = Counter("hookrouter_jobs_refused_total", "Jobs in RQ's queue that were none of hookrouter's.")
CLOCKS_FAILED = Counter("hookrouter_clocks_failed_total", "Leads whose clock ended in an error of ours.")
CLAIMS_FAILED = Counter("hookrouter_claims_failed_total", "What clicks led to and was not done.", ["sink", "duty"])
STRANGERS = Counter("hookrouter_operators_refused_total", "Wrong tokens given by who would operate.", ["door"])
FED = Counter("hookrouter_spool_fed_total", "Pushes that were spooled and are in Redis now.")
STARTED = Counter("hookrouter_process_starts_total", "Processes that started.", ["role"])
ERRORS = Counter("hookrouter_request_errors_total", "Requests, and tasks beside them, that ended in an error of ours.")
