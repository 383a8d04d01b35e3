"""Receive: judge the leads of a push, and put it safely before its sender is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from hookrouter.domain.breaker import Breaker
from hookrouter.domain.errors import PushRefused, SpoolAway, StoreAway
from hookrouter.domain.events import NeighbourFailed, PushReceived
from hookrouter.domain.ids import PushId, SourceName, Who
from hookrouter.domain.push import Batch, Push, Receipt
from hookrouter.ports.receiver import Accepted, PushLog, Spool
from hookrouter.ports.stages import Stage
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.ports.watching import Footfall
from hookrouter.wire.pushes.push import USUAL_READER, PushReader

NOT_REPLICATED = "too few replicas of Redis confirmed a push in time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A push that is safe; `rings` are the stages that must be woken after the answer."""

    receipt: Receipt
    rings: Sequence[Stage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """Takes pushes.

    Attributes:
        breaker: leaves Redis alone while it is away.
        replicas: the same for its replicas, if they must have a push: without it, each would wait for one that is gone.
        footfall: is told of each push; None if nobody watches.
        canary: the lead whose pushes do not show that people change anything.
    """

    pushes: PushLog
    spool: Spool
    clock: Clock
    observer: Observer
    reader: PushReader = USUAL_READER
    breaker: Breaker = field(default_factory=Breaker)
    replicas: Breaker = field(default_factory=Breaker)
    footfall: Footfall | None = None
    canary: Who | None = None

    def take(self, source: SourceName, body: bytes, headers: Mapping[str, str], token: str = "") -> Taken:
        """Take a push of an admitted source, by the token that let it in.

        Raises:
            PushRefused: the body holds no leads that could be kept.
            SpoolAway: neither Redis nor the spool could keep it.
        """
        began = self.clock.monotonic()
        push = Push(
            id=PushId(self.clock.new_id("p")), source=source, received_at=self.clock.now(), body=body, headers=headers
        )
        try:
            batch = self.reader.read(body, headers, push.received_at)
        except PushRefused as refusal:
            self._keep_refused(push, refusal)
            refusal.push = push.id
            raise
        receipt, rings, kept = self._keep(push, batch)
        if self.footfall is not None and not receipt.duplicate:
            is_canary = batch.size > 0 and {(source, lead.key) for _, lead in batch.accepted} == {self.canary}
            self.footfall.note(source, token, push.received_at, is_canary=is_canary)
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

    def _keep_refused(self, push: Push, refusal: PushRefused) -> None:
        """Keep an unreadable push, in Redis or on disk; it is refused in any case."""
        if self.breaker.allows(self.clock.monotonic()):
            try:
                self.pushes.keep_refused(push, f"{refusal.status} {refusal.title}")
            except StoreAway as fault:
                self.breaker.failed(self.clock.monotonic())
                self.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
            else:
                self.breaker.succeeded()
                return
        with suppress(SpoolAway):
            self.spool.keep_refused(push)

    def _keep(self, push: Push, batch: Batch) -> tuple[Receipt, Sequence[Stage], str]:
        """Put a push into Redis, or into the spool while Redis is away or other pushes wait there."""
        receipt = Receipt(push=push.id, leads=batch.size, accepted=len(batch.accepted), rejected=len(batch.rejected))
        if self._others_wait():
            with suppress(SpoolAway):  # its disk is full: Redis may take the push, though out of turn
                return self.spool.keep(push, receipt), (), "spool"
        if self.breaker.allows(self.clock.monotonic()):
            waits = self.replicas.allows(self.clock.monotonic())
            try:
                accepted = self.pushes.accept_safely(push, batch, wait=waits)
            except StoreAway as fault:
                self.breaker.failed(self.clock.monotonic())
                self.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
            else:
                self.breaker.succeeded()
                return self._make_safe(push, accepted, waited=waits)
        return self._spool(push, receipt), (), "spool"

    def _make_safe(self, push: Push, accepted: Accepted, *, waited: bool) -> tuple[Receipt, Sequence[Stage], str]:
        """Keep on disk a copy of what replicas did not confirm, under the name that its sender is told."""
        if accepted.is_safe:
            self.replicas.succeeded()
            return accepted.receipt, accepted.rings, "redis"
        if waited:
            self.replicas.failed(self.clock.monotonic())
            self.observer.report(NeighbourFailed(neighbour="redis", reason=NOT_REPLICATED))
        self._spool(replace(push, id=accepted.receipt.push), accepted.receipt)
        return accepted.receipt, accepted.rings, "both"

    def _spool(self, push: Push, receipt: Receipt) -> Receipt:
        try:
            return self.spool.keep(push, receipt)
        except SpoolAway as fault:
            self.observer.report(NeighbourFailed(neighbour="spool", reason=str(fault)))
            raise

    def _others_wait(self) -> bool:
        """Whether a push belongs behind those in the spool, where an older one may be of the same leads.

        Not if there are many: a spool that fills faster than it empties ends in refusals, which are worse than a wrong
        order.
        """
        try:
            depth = self.spool.depth()
        except SpoolAway:
            return False
        return depth.pushes > 0 and not depth.is_half_full
