"""gunicorn's gevent worker, which answers malformed requests in the same way as the receiver answers everything else.

gunicorn itself logs and repeats the request line, and a hook's address holds its token.
"""

from __future__ import annotations

import os
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
from hookrouter.stopping import heed, heed_no_more
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
QUITS_AFTER = 0.1
"""Seconds, as gunicorn has it."""
NOT_HTTP = "this is not a well-formed HTTP request"


class ReceiverWorker(GeventWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Answers malformed requests with a problem, and logs one event without a word of them."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        """As gunicorn makes it."""
        super().__init__(*args, **settings)
        self._crowd = Crowd(self.worker_connections)
        self._quitting: gevent.Greenlet | None = None

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

    def handle_quit(self, sig: int, frame: object) -> None:
        """End soon, whatever is under way, and once for however many signals."""
        self.handle_exit(sig, frame)
        if self._quitting is None:
            self._quitting = gevent.spawn_later(QUITS_AFTER, self._quit)

    def _quit(self) -> None:
        # A SystemExit, as gunicorn raises it, would reach a main greenlet that is at its end by itself, and be printed.
        self.app.observer.flush()
        os._exit(0)

    def leave(self) -> None:
        """Ignore signals on the way out of this process."""
        if self.pid == os.getpid():  # gunicorn's master says so too, of a worker that was gone
            heed_no_more()

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
