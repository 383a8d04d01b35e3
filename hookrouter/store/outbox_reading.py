"""The entries of an outbox, each with what was confirmed already and what of its lead waits before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import DeliveryId, SinkName
from hookrouter.domain.order import Order
from hookrouter.ports.outbox import Cursor, OutboxEntry
from hookrouter.ports.surroundings import Observer
from hookrouter.store import streams
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease
from hookrouter.store.settling import by_confirmed_key, lane_key
from hookrouter.store.shard import Shard
from hookrouter.wire.kept import records


@dataclass(frozen=True, slots=True)
class _Lane:
    """The deliveries of one lead that wait, the foremost first."""

    names: Sequence[bytes]
    places: Mapping[bytes, int]

    @classmethod
    def of(cls, names: Sequence[bytes]) -> _Lane:
        return cls(names, {name: place for place, name in enumerate(names)})

    def before(self, entry: OutboxEntry) -> tuple[bytes | None, bytes | None]:
        """The lane's foremost, and the one right before an entry that has waited; for one that is due, the foremost."""
        front, name = (self.names[0] if self.names else None), entry.delivery.id.encode()
        if not entry.let_in:
            return front, (front if entry.again and front != name else None)
        place = self.places.get(name, 0)
        return front, (self.names[place - 1] if place else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxReading:
    """Reads the outbox of one sink, under the lease of whoever serves it."""

    lease: Lease
    shard: Shard
    order: Order
    observer: Observer

    @property
    def keys(self) -> Keys:
        """The names of all keys."""
        return self.shard.keys

    @property
    def sink(self) -> SinkName:
        """The sink whose outbox it is."""
        return self.shard.sink

    async def read(self, after: Cursor, count: int) -> Sequence[OutboxEntry]:
        """The oldest entries behind a cursor; what cannot be read is set aside."""
        shard = self.shard
        asked = [(shard.again, after.again), (shard.let_in, after.let_in)]
        asked += [(shard.moved, after.moved)] if shard.has_moved else []
        asked += [(shard.outbox, after.new)]
        waits, *found = await self.lease.server.call_all(
            [("EXISTS", shard.retries), *(streams.oldest(stream, behind, count) for stream, behind in asked)]
        )
        entries: list[OutboxEntry] = []
        for (stream, _), some in zip(asked, found, strict=True):
            if not await self._add(entries, stream, some[: count - len(entries)]):
                break
        if not entries:
            return entries
        return await self._with_what_is_known(entries, waits=bool(waits), lets_in=bool(found[1]))

    async def _add(
        self, entries: list[OutboxEntry], stream: str, found: Sequence[tuple[bytes, Mapping[bytes, bytes]]]
    ) -> bool:
        """Add what was found in a stream; False if what comes after it is left to a later version."""
        let_in, moved = stream == self.shard.let_in, stream == self.shard.moved
        again = let_in or stream == self.shard.again
        for entry, record in streams.records_of(found):
            try:
                delivery = records.read_delivery(record)
            except records.Unreadable as fault:
                met = streams.Met(stream, entry, record, fault)
                if not await streams.is_passed(self.lease, self.keys, self.observer, met):
                    return False
            else:
                entries.append(OutboxEntry(id=entry, delivery=delivery, again=again, let_in=let_in, moved=moved))
        return True

    async def _with_what_is_known(self, entries: list[OutboxEntry], *, waits: bool, lets_in: bool) -> list[OutboxEntry]:
        """The entries, with whether each was confirmed already and what of its lead waits for its next attempt."""
        lanes = [self._lane_before(entry) for entry in entries] if waits or lets_in else []
        # What was let in has a place in its lane, but what is new comes behind all of it.
        whole = {lane for entry, lane in zip(entries, lanes, strict=False) if entry.let_in}
        unique = list(dict.fromkeys(lane for lane in lanes if lane is not None))
        asked: list[Command] = [("LRANGE", lane, 0, -1 if lane in whole else 0) for lane in unique]
        confirmed, found = await self._confirmed(entries, asked)
        marked = [replace(entry, confirmed=True) if entry.delivery.id in confirmed else entry for entry in entries]
        if not unique:
            return marked
        named = {lane: _Lane.of(names) for lane, names in zip(unique, found, strict=True)}
        befores = [
            (None, None) if lane is None else named[lane].before(entry)
            for entry, lane in zip(entries, lanes, strict=True)
        ]
        waiting = await self._waiting({name for before in befores for name in before if name is not None})
        return [
            entry
            if front is None
            else replace(
                entry,
                behind=_id(front),
                front=waiting.get(front),
                follows_one_that_waits=last is not None and (last in waiting or (lets_in and not entry.let_in)),
            )
            for entry, (front, last) in zip(marked, befores, strict=True)
        ]

    async def _confirmed(
        self, entries: Sequence[OutboxEntry], besides: Sequence[Command]
    ) -> tuple[set[DeliveryId], Sequence[Sequence[bytes]]]:
        """Which of the entries' deliveries were made a while ago and, by the same call, the answers to `besides`."""
        names = by_confirmed_key(self.keys, self.sink, [entry.delivery for entry in entries])
        asked: list[Command] = [("SMISMEMBER", key, *ids) for key, ids in names.items()]
        told = await self.lease.server.call_all([*asked, *besides])
        flags = chain(*told[: len(asked)])
        return {name for name, flag in zip(chain(*names.values()), flags, strict=True) if flag}, told[len(asked) :]

    async def _waiting(self, names: set[bytes]) -> Mapping[bytes | None, Delivery]:
        if not names:
            return {}
        ordered = sorted(names)
        found = await self.lease.server.call("HMGET", self.keys.retry_records(self.sink), *ordered)
        waiting: dict[bytes | None, Delivery] = {}
        for name, record in zip(ordered, found, strict=True):
            if record is not None:  # otherwise it is in hand, or due
                with suppress(records.Unreadable):
                    waiting[name] = records.read_delivery(record)
        return waiting

    def _lane_before(self, entry: OutboxEntry) -> str | None:
        """The lane in which other deliveries of its lead may stand before an entry, if it must keep their order.

        Before an entry that has waited and is due, at most those that were let in can stand.
        """
        if entry.again and not entry.let_in and self.order is not Order.STRICT:
            return None
        return lane_key(self.keys, self.sink, self.order, entry.delivery)


def _id(name: bytes | None) -> DeliveryId | None:
    return None if name is None else DeliveryId(name.decode())
