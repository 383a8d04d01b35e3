"""Receive: authenticate a push, judge its leads, and put it safely before the sender is answered."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.events import PushReceived
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import Push, Receipt
from hookrouter.ports import Clock, Observer, PushLog
from hookrouter.wire.lead_schema import read_batch
from hookrouter.wire.push_body import MOST_BYTES, Label, read_push_body

UNKNOWN = PushRefused(404, "no such hook", "there is no hook at this address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A push that is safe; `rings` when the route stage must be woken, after the answer."""

    receipt: Receipt
    rings: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """Takes pushes; `tokens` are the secrets of the sources, `most_bytes` the size of a body once it is unpacked."""

    tokens: Mapping[SourceName, str]
    pushes: PushLog
    clock: Clock
    observer: Observer
    most_bytes: int = MOST_BYTES

    def admit(self, source: str, token: str) -> SourceName:
        """Let a known source with its token in.

        Raises:
            PushRefused: 404, the same for an unknown source as for a wrong token, after the same work.
        """
        expected = self.tokens.get(SourceName(source), "")
        matches = hmac.compare_digest(_digest(token), _digest(expected))
        if not expected or not matches:
            raise UNKNOWN
        return SourceName(source)

    def take(self, source: SourceName, body: bytes, headers: Mapping[str, str]) -> Taken:
        """Take a push of an admitted source.

        Raises:
            PushRefused: when the body holds no leads that could be kept.
            StoreAway: when it could not be put safely; nothing of it was kept.
        """
        began = self.clock.monotonic()
        batch = read_batch(read_push_body(body, Label.of(headers), self.most_bytes))
        push = Push(
            id=PushId(self.clock.new_id("p")), source=source, received_at=self.clock.now(), body=body, headers=headers
        )
        receipt, rings = self.pushes.accept(push, batch)
        self.observer.report(
            PushReceived(
                push=receipt.push,
                source=source,
                leads=receipt.leads,
                accepted=receipt.accepted,
                rejected=receipt.rejected,
                duplicate=receipt.duplicate,
                size=len(body),
                seconds=self.clock.monotonic() - began,
            )
        )
        return Taken(receipt=receipt, rings=rings)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
