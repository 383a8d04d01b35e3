"""The hooks: where the CRM pushes to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Network, IPv6Network

import gevent
import orjson
from flask import Blueprint, Response, request

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.ids import SourceName
from hookrouter.runtime import Runtime
from hookrouter.usecases.admit import Admit
from hookrouter.web.body import BodyReader
from hookrouter.web.crowd import Places
from hookrouter.web.punctual import PunctualPushLog
from hookrouter.wire.pushes.forwarded import caller_address

SECRET_HEADER = re.compile(r"auth|cookie|key|secret|signature|token", re.IGNORECASE)


def make_hooks(runtime: Runtime, places: Places) -> Blueprint:
    """The hooks of all sources; `places` are those in which pushes are taken."""
    hooks = Blueprint("hooks", __name__)
    receive, admit = runtime.receive(), runtime.admit()
    receive = replace(receive, pushes=PunctualPushLog(receive.pushes))
    receiver = runtime.config.receiver
    trusted, most_headers = receiver.trusted_proxies, receiver.headers
    body = BodyReader(receiver.bounds.body, receiver.body_within.total_seconds())

    @hooks.post("/hooks/<source>/<token>")
    def push(source: str, token: str) -> Response:
        with _noting_who_is_turned_away(runtime, admit, source, token):
            admitted = admit.admit(source, token, _caller(trusted))
        with places.place():
            taken = receive.take(admitted, body.read(), _kept_headers(token, most_headers), token)
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
        for stage in taken.rings:
            # After the answer: the push is safe, and a lost ring costs one kick.
            answer.call_on_close(partial(gevent.spawn, runtime.wake.send, stage))
        return answer

    @hooks.get("/hooks/<source>/<token>")
    def probe(source: str, token: str) -> Response:
        admit.admit(source, token, _caller(trusted))
        return Response(status=200)

    return hooks


def _caller(trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    return caller_address(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), trusted)


@contextmanager
def _noting_who_is_turned_away(runtime: Runtime, admit: Admit, source: str, token: str) -> Iterator[None]:
    """Note it, so that a CRM that pushes to where it must not is found.

    Not before the answer, nor for known sources alone: how long it takes must not tell which there are.
    """
    try:
        yield
    except PushRefused:
        gevent.spawn(_note_turned_away, runtime, admit, source, token)
        raise


def _note_turned_away(runtime: Runtime, admit: Admit, source: str, token: str) -> None:
    if reason := admit.refusal_of(source, token):
        runtime.footfall.note_turned_away(SourceName(source), reason, runtime.clock.now())


def _kept_headers(token: str, most: int) -> dict[str, str]:
    """The headers as they came, without what opens doors."""
    return {
        name: "(masked)" if SECRET_HEADER.search(name) else value.replace(token, "(token)")
        for name, value in list(request.headers.items())[:most]
    }
