"""What those who watch the receiver ask: does it live, can it take a push, how is the whole doing, its metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

import orjson
from flask import Blueprint, Response

from hookrouter import __version__
from hookrouter.domain.errors import PushRefused
from hookrouter.domain.health import Part, Status, worst
from hookrouter.domain.operator import Door
from hookrouter.runtime import Runtime
from hookrouter.telemetry.metrics import write_metrics
from hookrouter.web.crowd import Places
from hookrouter.web.gauges import StandingCollector
from hookrouter.web.operators import Doorkeeper
from hookrouter.web.problems import problem
from hookrouter.web.punctual import punctual
from hookrouter.wire.health import HEALTH_TYPE, health_values

AT_ONCE = 4
"""Looks at the whole, and tellings of the metrics, that one process is at: each takes a twentieth of a second."""
PLACE_WITHIN = 5.0
View = Callable[[], Response]

STOPPING = Part(name="receiver", status=Status.FAIL, value="it is stopping")
CROWDED = Part(
    name="requests", status=Status.FAIL, value="too many pushes are being taken, none of which comes to an end"
)


def make_probes(runtime: Runtime, door: Doorkeeper, taking: Places) -> Blueprint:
    """The probes of one process; `door` knows who may see details, in `taking` pushes are taken."""
    probes = Blueprint("probes", __name__)
    examine, places = runtime.examine(), Places(AT_ONCE, PLACE_WITHIN, "such questions are being answered")

    @probes.get("/healthz")
    def lives() -> Response:
        return Response("ok\n", content_type="text/plain")

    @probes.get("/readyz")
    def ready() -> Response:
        with punctual():
            parts = examine.ready()
        return _readiness(parts, [*[STOPPING] * runtime.stopping.is_set(), *[CROWDED] * taking.are_taken])

    @probes.get("/health")
    @some_at_once(places)
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
    @some_at_once(places)
    def metrics() -> Response:
        text, kind = write_metrics(runtime.settings.metrics_dir, [StandingCollector(runtime)])
        return Response(text, content_type=kind)

    return probes


def some_at_once(places: Places) -> Callable[[View], View]:
    """Answer when there is a place: whoever asks needs no token, and pushes are taken meanwhile."""

    def limited(view: View) -> View:
        @wraps(view)
        def answer() -> Response:
            try:
                with places.place():
                    return view()
            except PushRefused as fault:
                busy = problem(fault.status, fault.detail, fault.title)
                busy.headers["Retry-After"] = str(fault.retry_after)
                return busy

        return answer

    return limited


def _readiness(parts: Sequence[Part], hindrances: Sequence[Part]) -> Response:
    """Whether a push can be taken now, by Redis, which is the first of the parts, or the spool, and by this process."""
    status = worst([*hindrances, *parts])
    reasons = [f"{part.name}: {part.value}" for part in [*hindrances, *parts] if part.status is not Status.PASS]
    mode = "none" if status is Status.FAIL else "redis" if parts[0].status is Status.PASS else "spool"
    body = orjson.dumps({"ready": status is not Status.FAIL, "mode": mode, "reasons": reasons})
    return Response(body, status=_http_status(status), content_type="application/json")


def _is_operator(door: Doorkeeper) -> bool:
    """Whether details may be shown: to the bearer of a token, or without one to this machine only."""
    try:
        return (door.by_bearer(Door.API) or door.by_place(Door.API)) is not None
    except PushRefused:
        return False


def _http_status(status: Status) -> int:
    return 503 if status is Status.FAIL else 200
