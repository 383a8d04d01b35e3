"""What those who watch the receiver ask: does it live, can it take a push, how is the whole, its metrics."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.health import Part, Status, worst
from hookrouter.domain.operator import Door
from hookrouter.runtime import Runtime
from hookrouter.telemetry.metrics import write_metrics
from hookrouter.web.gauges import StandingCollector
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
        text, kind = write_metrics(runtime.settings.metrics_dir, [StandingCollector(runtime)])
        return Response(text, content_type=kind)

    return probes


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
