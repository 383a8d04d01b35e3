"""gunicorn's gevent worker, which answers what is no request as the receiver answers all else.

gunicorn itself logs and repeats the request line, and a hook's address holds its token.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import Any

import gevent
from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.ggevent import GeventWorker

from hookrouter.domain.events import PushRefusedEvent
from hookrouter.domain.process_events import RequestFailed
from hookrouter.stopping import heed
from hookrouter.web.crowd import Crowd
from hookrouter.web.headers import HEADERS
from hookrouter.wire.problem import PROBLEM_TYPE, write_problem

STATUSES: dict[type[Exception], int] = {
    LimitRequestLine: 414,
    LimitRequestHeaders: 431,
    ExpectationFailed: 417,
    UnsupportedTransferCoding: 501,
}
DETAILS = {
    414: "the request's first line is too long",
    431: "the request's headers are too many or too long",
    417: "this expectation cannot be met",
    500: "hookrouter failed at this request",
    501: "this transfer coding is not known here",
}
TITLES = {414: "line too long", 431: "too many headers", 417: "expectation", 501: "unknown coding"}
_GUARD = "".join(f"{name}: {value}\r\n" for name, value in {**HEADERS, "Cache-Control": "no-store"}.items())
NOT_HTTP = "this is not a well-formed HTTP request"


class ReceiverWorker(GeventWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Answers malformed requests with a problem, and logs one event without a word of them."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        """As gunicorn makes it."""
        super().__init__(*args, **settings)
        self._crowd = Crowd(self.worker_connections)

    def init_signals(self) -> None:
        """Listen to signals, also to one that came while this process was made."""
        super().init_signals()
        heed()

    def handle(self, listener: object, client: object, addr: object) -> None:
        """Serve one connection."""
        with self._crowd.connection():
            super().handle(listener, client, addr)

    def handle_exit(self, sig: int, frame: object) -> None:
        """Take no more connections, and say so to who asks by one that is open still."""
        super().handle_exit(sig, frame)
        self.app.stop()

    def timeout_ctx(self) -> gevent.Timeout:
        """The time for each request's head."""
        return self._crowd.head(self.cfg.keepalive)

    def handle_error(self, req: object, client: Any, addr: object, exc: Exception) -> None:  # noqa: ARG002 - gunicorn's signature
        """Answer what could not be read as a request, or whose answer failed."""
        if isinstance(exc, ParseException):
            status = STATUSES.get(type(exc), 400)
            self.app.observer.report(
                PushRefusedEvent(push="", source="unknown", status=status, title=TITLES.get(status, "not HTTP"))
            )
        else:
            status = 500
            self.app.observer.report(RequestFailed(path="", kind=type(exc).__name__, place="gunicorn"))
        body = write_problem(status, DETAILS.get(status, NOT_HTTP))
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {PROBLEM_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\n{_GUARD}Connection: close\r\n\r\n"
        )
        with suppress(OSError):
            client.sendall(head.encode() + body)
