"""Pushes: put safely, with their leads where they wait first and their bad leads among the rejected."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from hookrouter.clock import SystemClock
from hookrouter.domain.hydration import NO_READ_BACK, ReadBack, ReadBacks, is_read_back, says_only_who
from hookrouter.domain.ids import PushId
from hookrouter.domain.layout import Place, Spread
from hookrouter.domain.lead import Lead
from hookrouter.domain.pieces import pieces
from hookrouter.domain.push import Batch, Push, Receipt, Via
from hookrouter.domain.rejection import Rejection, rejection_id
from hookrouter.ports.receiver import Accepted
from hookrouter.ports.stages import Stage
from hookrouter.ports.surroundings import Clock
from hookrouter.store import streams
from hookrouter.store.commands import Argument, Command, flatten
from hookrouter.store.keys import Keys
from hookrouter.store.layout import MOVED, Filled, Known, Layouts
from hookrouter.store.rejected import keep_rejection
from hookrouter.store.server import RedisServer, Wait
from hookrouter.store.wake import FLAG_LIFE
from hookrouter.wire.kept import records
from hookrouter.wire.kept.receipts import read_receipt, write_receipt

LEADS_AN_ENTRY = 50
"""One entry for several leads costs a tenth of one entry each; this many keep a drain's step short."""
MOST_REFUSED = 200
MOST_REFUSED_BYTES = 64 * 1024 * 1024
"""Refused pushes that are kept, and the bytes of all their bodies: enough to learn from, too little to fill it."""
REPLICATED_WITHIN = 250
"""Milliseconds that replicas may take; a sender waits for them, and the receiver's patience with Redis is 500."""
LARGEST_ENTRY = 512 * 1024
"""Bytes that an entry should have at most, judged by the mean size of its push's leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leads:
    """The leads of a push, those that can be routed and those that are to be read back before; each with its number.

    Attributes:
        prove: only what the CRM confirms may be routed.
    """

    prove: bool
    ready: list[tuple[int, Lead]] = field(default_factory=list)
    unread: list[tuple[int, Lead]] = field(default_factory=list)

    @property
    def stages(self) -> list[Stage]:
        """The stages that get work by them."""
        return [*([Stage.ROUTE] if self.ready else []), *([Stage.HYDRATE] if self.unread else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisPushLog:
    """The push log in Redis; see `ports.receiver.PushLog`."""

    server: RedisServer
    keys: Keys
    layouts: Layouts
    dedup_window: timedelta
    keep_pushes: timedelta
    keep_rejected: timedelta
    read_backs: ReadBacks = NO_READ_BACK
    replicas: int = 0
    clock: Clock = field(default_factory=SystemClock)

    def accept(self, push: Push, batch: Batch) -> tuple[Receipt, Sequence[Stage]]:
        """Write it all in one atomic step, or find that it was sent before."""
        leads = self._leads_of(push, batch)
        answer = self.layouts.run(self.server, "accept", partial(self._written, push, batch, leads))
        return _read_answer(answer, leads.stages)

    def accept_safely(self, push: Push, batch: Batch, *, wait: bool = True) -> Accepted:
        """Accept it, then have as many replicas confirm it as must."""
        if not (self.replicas and wait):
            receipt, rings = self.accept(push, batch)
            return Accepted(receipt=receipt, rings=rings, is_safe=not self.replicas)
        leads, known = self._leads_of(push, batch), self.layouts.known(self.server)
        answer, confirmed = self._write_and_wait(push, batch, leads, known)
        while answer == MOVED:
            known = self.layouts.renew(self.server)
            answer, confirmed = self._write_and_wait(push, batch, leads, known)
        receipt, rings = _read_answer(answer, leads.stages)
        return Accepted(receipt=receipt, rings=rings, is_safe=confirmed >= self.replicas)

    def _write_and_wait(self, push: Push, batch: Batch, leads: _Leads, known: Known) -> tuple[Any, int]:
        behind = Wait(replicas=self.replicas, within=REPLICATED_WITHIN, marker=self.keys.replicated())
        return self.server.run_and_wait("accept", *self._written(push, batch, leads, known), behind)

    def missing(self, pushes: Sequence[PushId]) -> Sequence[PushId]:
        """Ask for the record of each."""
        found = self.server.call_all([("EXISTS", self.keys.push(push)) for push in pushes])
        return [push for push, is_there in zip(pushes, found, strict=True) if not is_there]

    def _leads_of(self, push: Push, batch: Batch) -> _Leads:
        """The leads of a push by where they wait first."""
        read_back = self.read_backs.of(push.source)
        leads = _Leads(prove=read_back is ReadBack.ALWAYS)
        for place, lead in batch.accepted:
            waits = push.via is Via.PUSH and is_read_back(lead, read_back)
            (leads.unread if waits else leads.ready).append((place, lead))
        return leads

    def _written(self, push: Push, batch: Batch, leads: _Leads, known: Known) -> Filled:
        """The keys and the arguments of the script that accepts a push."""
        receipt = Receipt(push=push.id, leads=batch.size, accepted=len(batch.accepted), rejected=len(batch.rejected))
        written = write_receipt(receipt)
        puts = self._put_leads(push, batch, leads, known.layout.intake)
        # The push itself last: by its record a second try of it is known to be whole.
        commands = [*puts, *self._keep_rejected(push, batch), *self._keep_push(push, written)]
        keys = [
            self.keys.sent_before(push.source, hashlib.sha256(push.body).hexdigest()),
            self.keys.push(push.id),
            self.layouts.key,
            *map(self.keys.wake, leads.stages),
        ]
        left = self._window(push, batch)
        window = _milliseconds(left) if left > timedelta() else 0
        return keys, [written, window, _milliseconds(FLAG_LIFE), known.text, *flatten(commands)]

    def _window(self, push: Push, batch: Batch) -> timedelta:
        """For how long the same body counts as this push sent again."""
        if self.read_backs.of(push.source) is not ReadBack.NEVER and any(
            says_only_who(lead.fields) for _, lead in batch.accepted
        ):
            return timedelta()  # of two changes of a lead they tell the same, and the second has to be asked for, too
        # One that was spooled has been a first one for a while: what came again later than the window is no re-send.
        return self.dedup_window - max(timedelta(), self.clock.now() - push.received_at)

    def _keep_push(self, push: Push, receipt: bytes) -> list[Command]:
        key = self.keys.push(push.id)
        at = push.received_at.timestamp()
        headers = records.write_values(dict(push.headers))
        return [
            ("HSET", key, "body", push.body, "receipt", receipt, "source", push.source, "at", at, "headers", headers),
            *([] if push.via is Via.PUSH else [("HSET", key, "via", push.via)]),
            ("HDEL", key, "refused"),
            ("EXPIRE", key, _seconds(self.keep_pushes)),
            ("ZADD", self.keys.pushes(), at, push.id),
        ]

    def keep_refused(self, push: Push, refused: str, *, for_good: bool = False) -> None:
        """Keep a push in which no lead could be found; the oldest of too many, or too large ones, are forgotten."""
        key, life = self.keys.push(push.id), _seconds(self.keep_pushes)
        at, headers = push.received_at.timestamp(), records.write_values(dict(push.headers))
        values = ("body", push.body, "refused", refused, "source", push.source, "at", at, "headers", headers)
        commands: list[Command] = [
            ("HSET", key, *values),
            ("EXPIRE", key, life),
            ("ZADD", self.keys.pushes(), at, push.id),
        ]
        if for_good:
            self.server.transaction(commands)
            return
        beginning = self.keys.push(PushId(""))
        bounded: list[Argument] = [push.id, life, beginning, MOST_REFUSED, MOST_REFUSED_BYTES]
        self.server.run("refuse", [self.keys.refused_pushes()], [*bounded, *flatten(commands)])

    def _put_leads(self, push: Push, batch: Batch, leads: _Leads, intake: Spread) -> Iterator[Command]:
        """The commands that put the leads where they wait first."""
        # Few of the large: a drain holds many entries in memory.
        at_once = max(1, min(LEADS_AN_ENTRY, LARGEST_ENTRY * batch.size // max(1, len(push.body))))
        by_stream: dict[Place, list[tuple[int, Lead]]] = defaultdict(list)
        for place, lead in leads.ready:
            by_stream[intake.place_of((push.source, lead.key))].append((place, lead))
        named = (push.id, push.source, push.received_at)
        for stream, ready in by_stream.items():
            for some in pieces(ready, at_once):
                yield streams.append(self.keys.intake(*stream), records.write_intake(*named, some, push.via))
        for some in pieces(leads.unread, at_once):
            yield streams.append(self.keys.hydrate(), records.write_hydrating(*named, some, prove=leads.prove))

    def _keep_rejected(self, push: Push, batch: Batch) -> list[Command]:
        commands: list[Command] = []
        for lead in batch.rejected:
            rejection = Rejection(
                id=rejection_id(push.id, lead.place),
                push=push.id,
                source=push.source,
                place=lead.place,
                at=push.received_at,
                errors=lead.errors,
                lead=lead.value,
            )
            commands += keep_rejection(self.keys, rejection, self.keep_rejected)
        return commands


def _read_answer(answer: Sequence[Any], stages: Sequence[Stage]) -> tuple[Receipt, Sequence[Stage]]:
    """What the script that accepts a push says: the receipt, and the stages that it found asleep."""
    duplicate, first, *rung = answer
    rings = [stage for stage, is_first in zip(stages, rung, strict=False) if is_first]
    return read_receipt(first, duplicate=bool(duplicate)), rings


def _seconds(duration: timedelta) -> int:
    return max(1, int(duration.total_seconds()))


def _milliseconds(duration: timedelta) -> int:
    return max(1, int(duration.total_seconds() * 1000))
