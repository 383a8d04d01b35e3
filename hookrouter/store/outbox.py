"""The outbox of a sink: deliveries to attempt, those that wait, and what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from hookrouter.domain.circuit import Circuit
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import EntryUnreadable
from hookrouter.domain.ids import DeliveryId, EntryId, RouteName, SinkName
from hookrouter.domain.order import Order, lane_of
from hookrouter.domain.pause import Pause
from hookrouter.ports.outbox import Cursor, Opened, OutboxEntry, Settlement, Standing
from hookrouter.ports.surroundings import Observer
from hookrouter.store import streams
from hookrouter.store.commands import Argument, Command
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease
from hookrouter.store.settling import BEHIND, LANE_LIFE, Settling
from hookrouter.store.standing import SINK, keep_circuit, keep_pause, questions_of, standing_of
from hookrouter.wire.kept import records

PROMOTED_AT_ONCE = 500
MOST_LET_IN = 5000
"""Of the deliveries that had waited before their route's time closed; more than a sink ever has of them."""
MARK_LIFE = 7 * 86_400
"""Seconds that a drain's marks outlive it: until somebody starts a worker again."""


@dataclass(frozen=True, slots=True)
class _Shut:
    """Deliveries that wait for their route's time."""

    stream: str
    entries: list[EntryId]
    deliveries: list[Delivery]


@dataclass(frozen=True, slots=True)
class _Lane:
    """The deliveries of one lead that wait, the foremost first."""

    names: Sequence[bytes]
    places: Mapping[bytes, int]

    @classmethod
    def of(cls, names: Sequence[bytes]) -> _Lane:
        return cls(names, {name: place for place, name in enumerate(names)})

    def before(self, entry: OutboxEntry) -> tuple[bytes | None, bytes | None]:
        """The foremost, and the one right before an entry that waited; of what is due that is the foremost, if any."""
        front, name = (self.names[0] if self.names else None), entry.delivery.id.encode()
        if not entry.let_in:
            return front, (front if entry.again and front != name else None)
        place = self.places.get(name, 0)
        return front, (self.names[place - 1] if place else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisOutbox:
    """The outbox of one sink; see `ports.outbox.Outbox`."""

    lease: Lease
    keys: Keys
    sink: SinkName
    order: Order
    keep_dead: timedelta
    observer: Observer

    async def open(self) -> Opened:
        """Begin to serve it."""
        serving = self.keys.serving(self.sink)
        forerunner, _, suspects, *answers = await self.lease.server.call_all(
            [
                ("GET", serving),
                ("SET", serving, self.lease.token, "EX", MARK_LIFE),
                ("HGETALL", self.keys.suspects(self.sink)),
                *questions_of(self.keys, self.sink),
            ]
        )
        return Opened(
            standing=standing_of(self.sink, answers),
            was_killed=forerunner is not None,
            crashes={DeliveryId(name.decode()): int(count) for name, count in suspects.items()},
        )

    async def standing(self) -> Standing:
        """How the sink stands now."""
        return standing_of(self.sink, await self.lease.server.call_all(questions_of(self.keys, self.sink)))

    async def promote(self) -> int:
        """Make the deliveries whose time has come entries again."""
        keys = [
            self.lease.key,
            self.keys.retries(self.sink),
            self.keys.retry_records(self.sink),
            self.keys.again(self.sink),
            self.keys.let_in(self.sink),
        ]
        arguments: list[Argument] = [self.lease.token, PROMOTED_AT_ONCE, BEHIND]
        return max(0, int(await self.lease.server.run("promote", keys, arguments)))

    async def let_in(self, route: RouteName, count: int, *, as_new: bool) -> bool:
        """Make the oldest deliveries that wait for a route's time entries again, in one step."""
        first = await self._shut(self.keys.shut_first(self.sink, route), MOST_LET_IN)
        rest = await self._shut(self.keys.shut(self.sink, route), count)
        letting_in = first.deliveries + rest.deliveries
        if as_new:
            commands = [self._put_in(delivery) for delivery in letting_in]
        else:
            commands = [*self._lanes_of(first.deliveries[::-1], "LPUSH"), *self._lanes_of(rest.deliveries, "RPUSH")]
            commands += [self._put_before_new(delivery) for delivery in letting_in]
        is_all = len(first.entries) < MOST_LET_IN and len(rest.entries) < count
        if is_all:  # nobody but the holder of the lease puts more there; an empty stream would stay for ever
            commands.append(("SREM", self.keys.shut_routes(self.sink), route))
            commands.append(("DEL", first.stream, rest.stream))
        else:
            commands += [streams.remove(part.stream, part.entries) for part in (first, rest) if part.entries]
        await self.lease.write(commands)
        return is_all

    async def _shut(self, stream: str, count: int) -> _Shut:
        found = await streams.read(self.lease.server, stream, None, count)
        deliveries: list[Delivery] = []
        for entry, record in found:
            try:
                deliveries.append(records.read_delivery(record))
            except records.Unreadable:
                await streams.set_aside(self.lease, self.keys, stream, entry, record)
                self.observer.report(EntryUnreadable(stream=stream, entry=entry))
        return _Shut(stream, [entry for entry, _ in found], deliveries)

    def _put_in(self, delivery: Delivery) -> Command:
        """The command that has a delivery gathered like a new one; a digest is one already."""
        if delivery.members:
            return self._put_before_new(delivery)
        return streams.append(self.lease.stream, records.write_delivery(delivery))

    def _put_before_new(self, delivery: Delivery) -> Command:
        return streams.append(self.keys.let_in(self.sink), records.write_delivery(delivery))

    def _lanes_of(self, deliveries: Sequence[Delivery], push: str) -> list[Command]:
        """The commands that give deliveries a place in their lanes."""
        lanes = [(self._lane(delivery), delivery) for delivery in deliveries]
        return [
            command
            for lane, delivery in lanes
            if lane is not None
            for command in ((push, lane, delivery.id), ("EXPIRE", lane, LANE_LIFE))
        ]

    async def read(self, after: Cursor, count: int) -> Sequence[OutboxEntry]:
        """The oldest entries behind a cursor; what cannot be read is set aside."""
        again, let_in, new, waits = await self.lease.server.call_all(
            [
                streams.oldest(self.keys.again(self.sink), after.again, count),
                streams.oldest(self.keys.let_in(self.sink), after.let_in, count),
                streams.oldest(self.lease.stream, after.new, count),
                ("EXISTS", self.keys.retries(self.sink)),
            ]
        )
        entries = await self._entries(self.keys.again(self.sink), again)
        entries += await self._entries(self.keys.let_in(self.sink), let_in[: count - len(entries)])
        entries += await self._entries(self.lease.stream, new[: count - len(entries)])
        if not entries:
            return entries
        return await self._with_what_is_known(entries, waits=bool(waits), lets_in=bool(let_in))

    async def suspect(self, crashes: Mapping[DeliveryId, int]) -> bool:
        """Note what is attempted now, in case it kills this drain."""
        key = self.keys.suspects(self.sink)
        noted: list[Command] = [("HSET", key, delivery, count) for delivery, count in crashes.items()]
        return await self.lease.write([*noted, ("EXPIRE", key, MARK_LIFE)])

    async def gather(self, entries: Sequence[OutboxEntry], digest: Delivery) -> bool:
        """Make one entry of several, in one step with their removal."""
        gathered = streams.append(self.keys.again(self.sink), records.write_delivery(digest))
        logged = self._settling().gathered([entry.delivery for entry in entries], digest.id)
        removed = streams.remove(self.lease.stream, [entry.id for entry in entries])
        return await self.lease.write([gathered, *logged, removed])

    async def settle(
        self,
        settlements: Sequence[Settlement],
        *,
        circuit: Circuit | None = None,
        pause: Pause | None = None,
        innocent: Sequence[DeliveryId] = (),
    ) -> bool:
        """Write what becomes of entries, in one step with their removal."""
        settling = self._settling()
        commands: list[Command] = []
        if circuit is not None:
            commands.append(keep_circuit(self.keys, self.sink, circuit))
        if pause is not None:
            commands.append(keep_pause(self.keys, f"{SINK}{self.sink}", pause))
        if innocent:
            commands.append(("HDEL", self.keys.suspects(self.sink), *innocent))
        commands += settling.commands(settlements)
        leaving = settling.leaving(settlements)
        if not leaving:
            return await self.lease.write(commands)
        return await self.lease.settle(commands, self.keys.retries(self.sink), leaving)

    async def close(self) -> bool:
        """Note that the drain came to its end."""
        return await self.lease.write([("DEL", self.keys.serving(self.sink))])

    async def renew(self) -> bool:
        """Keep the lease for another while; False if somebody else has it."""
        return await self.lease.renew()

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
        return await self.lease.release()

    def _settling(self) -> Settling:
        return Settling(keys=self.keys, sink=self.sink, keep_dead=self.keep_dead, order=self.order)

    async def _entries(self, stream: str, found: Sequence[tuple[bytes, Mapping[bytes, bytes]]]) -> list[OutboxEntry]:
        entries: list[OutboxEntry] = []
        is_new, let_in = stream == self.lease.stream, stream == self.keys.let_in(self.sink)
        for entry, record in streams.records_of(found):
            try:
                delivery = records.read_delivery(record)
            except records.Unreadable:
                await streams.set_aside(self.lease, self.keys, stream, entry, record)
                self.observer.report(EntryUnreadable(stream=stream, entry=entry))
            else:
                entries.append(OutboxEntry(id=entry, delivery=delivery, again=not is_new, let_in=let_in))
        return entries

    async def _with_what_is_known(self, entries: list[OutboxEntry], *, waits: bool, lets_in: bool) -> list[OutboxEntry]:
        """The entries with what was confirmed already, and with what of their leads waits for its next attempt."""
        confirmed: Command = ("MGET", *(self.keys.confirmed(entry.delivery.id) for entry in entries))
        lanes = [
            self._lane(entry.delivery) if (waits or lets_in) and self._may_be_behind(entry) else None
            for entry in entries
        ]
        # What was let in has a place in its lane; what is new comes behind all of it.
        whole = {lane for entry, lane in zip(entries, lanes, strict=True) if entry.let_in}
        unique = list(dict.fromkeys(lane for lane in lanes if lane is not None))
        asked: list[Command] = [("LRANGE", lane, 0, -1 if lane in whole else 0) for lane in unique]
        marks, *found = await self.lease.server.call_all([confirmed, *asked])
        named = {lane: _Lane.of(names) for lane, names in zip(unique, found, strict=True)}
        befores = [
            (None, None) if lane is None else named[lane].before(entry)
            for entry, lane in zip(entries, lanes, strict=True)
        ]
        waiting = await self._waiting({name for before in befores for name in before if name is not None})
        return [
            entry
            if mark is None and front is None
            else replace(
                entry,
                confirmed=mark is not None,
                behind=_id(front),
                front=waiting.get(front),
                follows_one_that_waits=last is not None and (last in waiting or (lets_in and not entry.let_in)),
            )
            for entry, mark, (front, last) in zip(entries, marks, befores, strict=True)
        ]

    async def _waiting(self, names: set[bytes]) -> Mapping[bytes | None, Delivery]:
        if not names:
            return {}
        ordered = sorted(names)
        found = await self.lease.server.call("HMGET", self.keys.retry_records(self.sink), *ordered)
        waiting: dict[bytes | None, Delivery] = {}
        for name, record in zip(ordered, found, strict=True):
            if record is not None:  # else it is in hand, or due
                with suppress(records.Unreadable):
                    waiting[name] = records.read_delivery(record)
        return waiting

    def _may_be_behind(self, entry: OutboxEntry) -> bool:
        """Whether others of its lead may be before it: when its own time to wait is over, at most those let in."""
        return not entry.again or entry.let_in or self.order is Order.STRICT

    def _lane(self, delivery: Delivery) -> str | None:
        lane = lane_of(self.order, delivery.who, delivery.route)
        return None if lane is None else self.keys.lane(self.sink, lane)


def _id(name: bytes | None) -> DeliveryId | None:
    return None if name is None else DeliveryId(name.decode())
