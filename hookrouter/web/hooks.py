"""The hooks: where the CRM pushes to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

import gevent
import orjson
from flask import Blueprint, Response, request
from gunicorn.http.errors import ParseException

from hookrouter.domain.errors import PushRefused
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.wire.forwarded import caller_address

BODY_WITHIN = 30.0
"""Seconds in which a body must have come in whole."""
SECRET_HEADER = re.compile(r"auth|cookie|key|secret|signature|token", re.IGNORECASE)
MOST_HEADERS = 64


def make_hooks(runtime: Runtime) -> Blueprint:
    """The hooks of all sources."""
    hooks = Blueprint("hooks", __name__)
    receive, admit = runtime.receive(), runtime.admit()
    trusted = runtime.config.receiver.trusted_proxies
    limit = runtime.config.receiver.max_body

    @hooks.post("/hooks/<source>/<token>")
    def push(source: str, token: str) -> Response:
        admitted = admit.admit(source, token, _caller(trusted))
        taken = receive.take(admitted, _read_body(limit), _kept_headers(token))
        receipt = taken.receipt
        answer = Response(
            orjson.dumps(
                {
                    "push": receipt.push,
                    "leads": receipt.leads,
                    "accepted": receipt.accepted,
                    "rejected": receipt.rejected,
                    "duplicate": receipt.duplicate,
                }
            ),
            content_type="application/json",
        )
        if taken.rings:
            # After the answer: the push is safe, and a lost ring costs one kick.
            answer.call_on_close(lambda: gevent.spawn(runtime.wake.send, Stage.ROUTE))
        return answer

    @hooks.get("/hooks/<source>/<token>")
    def probe(source: str, token: str) -> Response:
        admit.admit(source, token, _caller(trusted))
        return Response(status=200)

    return hooks


def _caller(trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    return caller_address(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), trusted)


def _read_body(limit: int) -> bytes:
    """The body whole: werkzeug would cut a chunked one at its limit and take a short one as it is."""
    declared = request.content_length
    if declared is not None and declared > limit:
        raise _too_large(limit)
    refusal = PushRefused(408, "too slow", f"the body did not come in whole within {BODY_WITHIN:.0f} seconds")
    try:
        with gevent.Timeout(BODY_WITHIN, refusal):
            body: bytes = request.environ["wsgi.input"].read(limit + 1 if declared is None else declared)
    except (ParseException, OSError):
        raise PushRefused(400, "body broken", "the body's chunks are malformed, or the connection broke off") from None
    if len(body) > limit:
        raise _too_large(limit)
    if declared is not None and len(body) < declared:
        raise PushRefused(400, "body cut short", f"{declared} bytes were announced, {len(body)} came")
    return body


def _too_large(limit: int) -> PushRefused:
    return PushRefused(413, "body too large", f"a body may hold {limit} bytes at most")


def _kept_headers(token: str) -> dict[str, str]:
    """The headers as they came, without what opens doors."""
    return {
        name: "(masked)" if SECRET_HEADER.search(name) else value.replace(token, "(token)")
        for name, value in list(request.headers.items())[:MOST_HEADERS]
    }
