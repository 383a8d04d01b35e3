"""The Flask application."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from hookrouter.domain.errors import NeighbourAway, PushRefused
from hookrouter.domain.events import PushRefusedEvent
from hookrouter.domain.process_events import RequestFailed
from hookrouter.runtime import Runtime
from hookrouter.web.api.blueprint import make_operator_api
from hookrouter.web.api.calls import PREFIX
from hookrouter.web.console.blueprint import make_console
from hookrouter.web.crowd import Places
from hookrouter.web.headers import guard
from hookrouter.web.hooks import make_hooks
from hookrouter.web.operators import Doorkeeper
from hookrouter.web.probes import make_probes
from hookrouter.web.problems import problem
from hookrouter.web.slack_actions import make_slack_actions

PLACE_WITHIN = 5.0
"""Seconds that a push waits for a place while too many others are being taken: a burst is through in a moment."""
RETRY_AFTER = "5"
"""Seconds that a sender is asked to wait when a push cannot be kept."""
SLASHES = re.compile("/{2,}")


def create_app(runtime: Runtime) -> Flask:
    """The receiver of one process."""
    app = Flask("hookrouter", static_folder=None)
    app.url_map.strict_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.wsgi_app = _with_single_slashes(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    places = Places(runtime.config.receiver.requests, PLACE_WITHIN, "pushes are being taken")
    app.register_blueprint(make_hooks(runtime, places))
    door = Doorkeeper.of(runtime)
    app.register_blueprint(make_probes(runtime, door, places))
    app.register_blueprint(make_console(runtime, door))
    app.register_blueprint(make_operator_api(runtime, door))
    if (clicks := runtime.take_clicks()) is not None:
        app.register_blueprint(make_slack_actions(runtime, clicks))
    _answer_errors(app, runtime)
    app.after_request(_guard_pages)
    return app


def _guard_pages(answer: Response) -> Response:
    """Whatever a browser may show of ours says what it must not do, an error of Flask's own too."""
    is_taken = request.path.startswith("/hooks/") and answer.status_code < HTTPStatus.BAD_REQUEST
    return answer if is_taken else guard(answer)


def _with_single_slashes(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Take two slashes for one: werkzeug would redirect, which no sender of a push follows, and quote the token."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["PATH_INFO"] = SLASHES.sub("/", environ["PATH_INFO"])
        return application(environ, start_response)

    return answer


def _answer_errors(app: Flask, runtime: Runtime) -> None:
    """Answer every error with a problem that shows nothing of the request."""

    @app.errorhandler(PushRefused)
    def refused(fault: PushRefused) -> Response:
        _report_refusal(runtime, fault.status, fault.title, fault.push)
        answer = problem(fault.status, fault.detail, fault.title)
        if fault.retry_after:
            answer.headers["Retry-After"] = str(fault.retry_after)
        return answer

    @app.errorhandler(NeighbourAway)
    def away(_: NeighbourAway) -> Response:
        _report_refusal(runtime, 503, "not kept")
        answer = problem(503, "the push could not be kept: send it again later")
        answer.headers["Retry-After"] = RETRY_AFTER
        return answer

    @app.errorhandler(HTTPException)
    def wrong(fault: HTTPException) -> Response:
        allow = fault.get_response().headers.get("Allow", "")
        answer = problem(fault.code or 500, _advice(fault, allow))
        if allow:
            answer.headers["Allow"] = allow
        return answer

    @app.errorhandler(Exception)
    def broken(fault: Exception) -> Response:
        place = traceback.extract_tb(fault.__traceback__)[-1]
        where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
        path = request.url_rule.rule if request.url_rule else ""
        runtime.observer.report(RequestFailed(path=path, kind=type(fault).__name__, place=where))
        return problem(500, "hookrouter failed at this request; nothing of it was kept")


def _advice(fault: HTTPException, allow: str) -> str:
    """What to do about a fault, where the library says it to people at a browser."""
    if fault.code == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"this address takes {allow}"
    if fault.code == HTTPStatus.NOT_FOUND and request.path.startswith(f"{PREFIX}/"):
        return "there is no such call: GET /openapi.json describes those there are"
    return fault.description or ""


def _report_refusal(runtime: Runtime, status: int, title: str, push: str = "") -> None:
    source = str((request.view_args or {}).get("source", ""))
    known = source if source in runtime.config.receiver.sources else "unknown"
    runtime.observer.report(PushRefusedEvent(push=push, source=known, status=status, title=title))
