"""What those who watch the receiver ask: does it live, can it take a push, how is the whole, its metrics."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response

from hookrouter import __version__
from hookrouter.domain.errors import PushRefused
from hookrouter.domain.health import Status, worst
from hookrouter.domain.operator import Door
from hookrouter.runtime import Runtime
from hookrouter.telemetry.metrics import write_metrics
from hookrouter.web.gauges import StandingCollector
from hookrouter.web.operators import Doorkeeper
from hookrouter.web.punctual import punctual
from hookrouter.wire.health import HEALTH_TYPE, health_values


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
        report = health_values(
            parts,
            runtime.clock.now(),
            release=__version__,
            service=runtime.keys.prefix,
            shows_details=_is_operator(door),
        )
        answer = Response(orjson.dumps(report), status=_http_status(worst(parts)), content_type=HEALTH_TYPE)
        answer.headers["Cache-Control"] = "no-store"
        return answer

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


def _http_status(status: Status) -> int:
    return 503 if status is Status.FAIL else 200
