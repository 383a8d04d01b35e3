"""Receive: judge the leads of a push, and put it safely before its sender is answered."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.breaker import Breaker
from hookrouter.domain.errors import PushRefused, SpoolAway, StoreAway
from hookrouter.domain.events import NeighbourFailed, PushReceived
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import Batch, Push, Receipt
from hookrouter.ports.receiver import PushLog, Spool
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.wire.push import read_push


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A push that is safe; `rings` when the route stage must be woken, after the answer."""

    receipt: Receipt
    rings: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """Takes pushes."""

    pushes: PushLog
    spool: Spool
    clock: Clock
    observer: Observer
    bounds: Bounds = USUAL
    breaker: Breaker = field(default_factory=Breaker)

    def take(self, source: SourceName, body: bytes, headers: Mapping[str, str]) -> Taken:
        """Take a push of an admitted source.

        Raises:
            PushRefused: when the body holds no leads that could be kept.
            SpoolAway: when neither Redis nor the spool could keep it.
        """
        began = self.clock.monotonic()
        push = Push(
            id=PushId(self.clock.new_id("p")), source=source, received_at=self.clock.now(), body=body, headers=headers
        )
        try:
            batch = read_push(body, headers, self.bounds)
        except PushRefused as refusal:
            with suppress(StoreAway):  # it is refused either way
                self.pushes.keep_refused(push, f"{refusal.status} {refusal.title}")
            raise
        receipt, rings, kept = self._keep(push, batch)
        self.observer.report(
            PushReceived(
                push=receipt.push,
                source=source,
                leads=receipt.leads,
                accepted=receipt.accepted,
                rejected=receipt.rejected,
                duplicate=receipt.duplicate,
                size=len(body),
                kept=kept,
                seconds=self.clock.monotonic() - began,
            )
        )
        return Taken(receipt=receipt, rings=rings)

    def _keep(self, push: Push, batch: Batch) -> tuple[Receipt, bool, str]:
        """Put a push into Redis, or into the spool while Redis is away."""
        if self.breaker.allows(self.clock.monotonic()):
            try:
                receipt, rings = self.pushes.accept(push, batch)
            except StoreAway as fault:
                self.breaker.failed(self.clock.monotonic())
                self.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
            else:
                self.breaker.succeeded()
                return receipt, rings, "redis"
        receipt = Receipt(push=push.id, leads=batch.size, accepted=len(batch.accepted), rejected=len(batch.rejected))
        try:
            return self.spool.keep(push, receipt), False, "spool"
        except SpoolAway as fault:
            self.observer.report(NeighbourFailed(neighbour="spool", reason=str(fault)))
            raise
