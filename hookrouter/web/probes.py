"""What those who watch the receiver ask: does it live, can it take a push, how is the whole, its metrics."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from flask import Blueprint, Response
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hookrouter.domain.errors import PushRefused, StoreAway
from hookrouter.domain.health import Part, Status, worst
from hookrouter.domain.operator import Door
from hookrouter.ports.census import Census
from hookrouter.runtime import Runtime
from hookrouter.telemetry.metrics import write_metrics
from hookrouter.web.operators import Doorkeeper
from hookrouter.web.punctual import punctual

HEALTH_TYPE = "application/health+json"


def make_probes(runtime: Runtime, door: Doorkeeper) -> Blueprint:
    """The probes of one process; `door` knows who may see details."""
    probes = Blueprint("probes", __name__)
    examine = runtime.examine()

    @probes.get("/healthz")
    def lives() -> Response:
        return Response("ok\n", content_type="text/plain")

    @probes.get("/readyz")
    def ready() -> Response:
        with punctual():
            parts = examine.ready()
        status = worst(parts)
        reasons = [f"{part.name}: {part.value}" for part in parts if part.status is not Status.PASS]
        mode = "none" if status is Status.FAIL else "redis" if parts[0].status is Status.PASS else "spool"
        body = orjson.dumps({"ready": status is not Status.FAIL, "mode": mode, "reasons": reasons})
        return Response(body, status=_http_status(status), content_type="application/json")

    @probes.get("/health")
    def health() -> Response:
        parts = examine.all()
        status = worst(parts)
        report: dict[str, object] = {"status": status}
        if _is_operator(door):
            report["checks"] = {part.name: [_check(part)] for part in parts}
        return Response(orjson.dumps(report), status=_http_status(status), content_type=HEALTH_TYPE)

    @probes.get("/metrics")
    def metrics() -> Response:
        text, kind = write_metrics(runtime.settings.metrics_dir, [CensusCollector(runtime)])
        return Response(text, content_type=kind)

    return probes


class CensusCollector(Collector):
    """Gauges of what stands in Redis at the moment of the scrape; none while Redis is away."""

    def __init__(self, runtime: Runtime) -> None:
        """Count for one runtime."""
        self._runtime = runtime

    def collect(self) -> Iterator[Metric]:
        """Count."""
        up = GaugeMetricFamily("hookrouter_redis_up", "Whether Redis answers.")
        try:
            yield from _gauges(self._runtime.census, self._runtime)
            up.add_metric([], 1)
        except StoreAway:
            up.add_metric([], 0)
        yield up


def _gauges(census: Census, runtime: Runtime) -> list[Metric]:
    now = runtime.clock.now()
    lag = GaugeMetricFamily("hookrouter_stream_entries", "Entries that wait in a stage's streams.", labels=["stage"])
    for stage, entries in census.lags().items():
        lag.add_metric([stage], entries)
    waiting = GaugeMetricFamily("hookrouter_outbox_deliveries", "Deliveries that wait.", labels=["sink", "state"])
    standing = GaugeMetricFamily("hookrouter_sink_state", "The state a sink is in.", labels=["sink", "state"])
    for sink, depth in census.depths(now).items():
        waiting.add_metric([sink, "waiting"], depth.waiting)
        waiting.add_metric([sink, "retrying"], depth.retrying)
        waiting.add_metric([sink, "held"], sum(depth.shut.values()))
        standing.add_metric([sink, depth.standing(now)], 1)
    kept = GaugeMetricFamily("hookrouter_kept", "What was set aside for the operator.", labels=["kind"])
    for kind, count in census.set_aside().items():
        kept.add_metric([kind], count)
    alive = GaugeMetricFamily("hookrouter_processes", "Processes that live.", labels=["role"])
    for role, count in census.alive(now).items():
        alive.add_metric([role], count)
    return [lag, *_crm_gauges(census, runtime), waiting, standing, kept, alive]


def _crm_gauges(census: Census, runtime: Runtime) -> list[Metric]:
    """How the CRM does, and its pushes; each without a value where nobody knows."""
    up = GaugeMetricFamily("hookrouter_crm_up", "Whether the CRM gives the leads that it is asked for.")
    calls = GaugeMetricFamily("hookrouter_crm_calls_today", "Calls of the CRM's API made today, by all who use it.")
    limit = GaugeMetricFamily("hookrouter_crm_calls_limit", "The most calls of the CRM's API that may be made today.")
    missed = GaugeMetricFamily("hookrouter_push_missed_share", "The share of a day's changes that no push brought.")
    lag = GaugeMetricFamily("hookrouter_push_lag_seconds", "From a change in the CRM to its push, the median.")
    path = GaugeMetricFamily("hookrouter_push_path_up", "Whether the CRM's pushes come through, by the canary.")
    tokens = GaugeMetricFamily("hookrouter_token_unused_seconds", "Since the last push by a token.", labels=["token"])
    if runtime.config.crm is not None:
        up.add_metric([], census.crm_away() is None)
    if (quota := census.crm_quota()) is not None:
        calls.add_metric([], quota.used)
        limit.add_metric([], quota.limit)
    trust = census.push_trust(runtime.clock.now())
    if trust is not None and trust.share_missed is not None:
        missed.add_metric([], trust.share_missed)
    if trust is not None and trust.lag is not None:
        lag.add_metric([], trust.lag)
    report = census.watch_report(runtime.clock.now())
    if report is not None and (is_open := report.is_open()) is not None:
        path.add_metric([], is_open)
    for place, age in () if report is None else report.unused_for(runtime.clock.now()):
        if age is not None:
            tokens.add_metric([str(place)], age)
    return [path, tokens, up, calls, limit, missed, lag]


def _is_operator(door: Doorkeeper) -> bool:
    """Whether details may be shown: to the bearer of a token, or without one to this machine only."""
    try:
        return (door.by_bearer(Door.API) or door.by_place(Door.API)) is not None
    except PushRefused:
        return False


def _check(part: Part) -> dict[str, object]:
    check: dict[str, object] = {"status": part.status}
    if part.value is not None:
        check["observedValue"] = part.value
    if part.unit:
        check["observedUnit"] = part.unit
    if part.advice:
        check["output"] = part.advice
    return check


def _http_status(status: Status) -> int:
    return 503 if status is Status.FAIL else 200
