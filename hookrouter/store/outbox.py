"""The outbox of a sink: deliveries to attempt, those that wait, and what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hookrouter.domain.burst import Tide
from hookrouter.domain.circuit import Circuit
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.figures import Tally
from hookrouter.domain.given_on import GivenBy
from hookrouter.domain.ids import DeliveryId, EntryId, RouteName, SinkName, Who
from hookrouter.domain.layout import Layout
from hookrouter.domain.logged_attempt import Result
from hookrouter.domain.order import Order
from hookrouter.domain.pause import Pause
from hookrouter.ports.outbox import Cursor, Opened, OutboxEntry, Settlement, Standing
from hookrouter.ports.surroundings import Observer
from hookrouter.store import streams
from hookrouter.store.commands import Argument, Command, flatten
from hookrouter.store.figures import add_figures
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Filled, Known, Layouts
from hookrouter.store.lease import Lease
from hookrouter.store.outbox_reading import OutboxReading
from hookrouter.store.settling import BEHIND, LANE_LIFE, Settling, lane_key, lanes_left, log_end, remove_each
from hookrouter.store.shard import Shard
from hookrouter.store.standing import (
    SINK,
    keep_circuit,
    keep_pause,
    keep_tide,
    questions_of,
    standing_of,
    tide_of,
)
from hookrouter.store.teams import given_of
from hookrouter.wire.kept import records

PROMOTED_AT_ONCE = 500
MOST_LET_IN = 5000
"""The most to let in of deliveries that had waited before their route's time closed; more than a sink ever has."""
MARK_LIFE = 7 * 86_400
"""Seconds that a drain's marks outlive it, for somebody to start a worker again."""


@dataclass(frozen=True, slots=True)
class _Shut:
    """Deliveries that wait for their route's time."""

    stream: str
    entries: list[EntryId]
    deliveries: list[Delivery]
    is_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisOutbox:
    """The outbox of one sink, or one shard of it; see `ports.outbox.Outbox`."""

    lease: Lease
    keys: Keys
    layouts: Layouts
    shard: Shard
    order: Order
    keep_dead: timedelta
    observer: Observer

    @property
    def sink(self) -> SinkName:
        """The sink whose outbox it is."""
        return self.shard.sink

    async def open(self) -> Opened:
        """Begin to serve the outbox."""
        serving = self.shard.serving
        forerunner, _, suspects, tide, *answers = await self.lease.server.call_all(
            [
                ("GET", serving),
                ("SET", serving, self.lease.token, "EX", MARK_LIFE),
                ("HGETALL", self.shard.suspects),
                ("GET", self.keys.tide(self.sink)),
                *self._questions,
            ]
        )
        return Opened(
            standing=self._standing(answers),
            was_killed=forerunner is not None,
            crashes={DeliveryId(name.decode()): int(count) for name, count in suspects.items()},
            tide=tide_of(tide),
        )

    async def standing(self) -> Standing:
        """How the sink stands now."""
        return self._standing(await self.lease.server.call_all(self._questions))

    @property
    def _questions(self) -> list[Command]:
        return [("GET", self.layouts.key), *questions_of(self.shard)]

    def _standing(self, answers: Sequence[Any]) -> Standing:
        text, *told = answers
        spread = self.layouts.heard(text).outbox(self.sink)
        moves = spread.former is not None or self.shard.place not in spread.own
        return replace(standing_of(self.sink, told), moves=moves, is_split=spread.streams > 1)

    async def promote(self, early: int = 0) -> int:
        """Make deliveries entries again that are due, and `early` ones that are not."""
        return await self._make_entries("", early)

    async def recall(self) -> int:
        """Make all deliveries that wait for their next attempt entries again, some at a time."""
        return await self._make_entries("+inf")

    async def _make_entries(self, due_until: str, early: int = 0) -> int:
        keys = [
            self.lease.key,
            self.shard.retries,
            self.keys.retry_records(self.sink),
            self.shard.again,
            self.shard.let_in,
        ]
        arguments: list[Argument] = [self.lease.token, PROMOTED_AT_ONCE, BEHIND, due_until, early]
        return max(0, int(await self.lease.server.run("promote", keys, arguments)))

    async def let_in(self, route: RouteName, count: int, *, as_new: bool) -> bool:
        """Make the oldest deliveries that wait for a route's time entries again, in one step."""
        first = await self._shut(self.shard.shut_first(route), MOST_LET_IN)
        rest = await self._shut(self.shard.shut(route), count if first.is_all else 0)
        letting_in = first.deliveries + rest.deliveries
        if as_new:
            commands = [self._put_in(delivery) for delivery in letting_in]
        else:
            commands = [*self._lanes_of(first.deliveries[::-1], "LPUSH"), *self._lanes_of(rest.deliveries, "RPUSH")]
            commands += [self._put_before_new(delivery) for delivery in letting_in]
        commands += [streams.remove(part.stream, part.entries) for part in (first, rest) if part.entries]
        keys = [self.lease.key, self.shard.shut_routes, first.stream, rest.stream]
        stay = await self.lease.server.run("vacate", keys, [self.lease.token, route, *flatten(commands)])
        return int(stay) == 0

    async def _shut(self, stream: str, count: int) -> _Shut:
        found = await streams.read(self.lease.server, stream, None, count) if count else []
        deliveries: list[Delivery] = []
        for number, (entry, record) in enumerate(found):
            try:
                deliveries.append(records.read_delivery(record))
            except records.Unreadable as fault:
                met = streams.Met(stream, entry, record, fault)
                if not await streams.is_passed(self.lease, self.keys, self.observer, met):
                    return _Shut(stream, [each for each, _ in found[:number]], deliveries, is_all=False)
        return _Shut(stream, [entry for entry, _ in found], deliveries, is_all=len(found) < count)

    def _put_in(self, delivery: Delivery) -> Command:
        """The command that has a delivery gathered like a new one, unless it is a digest already."""
        if delivery.members:
            return self._put_before_new(delivery)
        return streams.append(self.lease.stream, records.write_delivery(delivery))

    def _put_before_new(self, delivery: Delivery) -> Command:
        return streams.append(self.shard.let_in, records.write_delivery(delivery))

    def _lanes_of(self, deliveries: Sequence[Delivery], push: str) -> list[Command]:
        """The commands that give deliveries a place in their lanes."""
        lanes = [(lane_key(self.keys, self.sink, self.order, delivery), delivery) for delivery in deliveries]
        return [
            command
            for lane, delivery in lanes
            if lane is not None
            for command in ((push, lane, delivery.id), ("EXPIRE", lane, LANE_LIFE))
        ]

    async def read(self, after: Cursor, count: int) -> Sequence[OutboxEntry]:
        """The oldest entries behind a cursor; what cannot be read is set aside."""
        return await self._reading().read(after, count)

    async def given(self, leads: Sequence[Who]) -> Mapping[Who, GivenBy]:
        """Whom these leads were given to."""
        found = await self.lease.server.call_all([("HGETALL", self.keys.given(*who)) for who in leads])
        return {who: given_of(record) for who, record in zip(leads, found, strict=True)}

    async def suspect(self, crashes: Mapping[DeliveryId, int]) -> bool:
        """Note what is about to be attempted, in case it kills this drain."""
        key = self.shard.suspects
        noted: list[Command] = [("HSET", key, delivery, count) for delivery, count in crashes.items()]
        return await self.lease.write([*noted, ("EXPIRE", key, MARK_LIFE)])

    async def keep_tide(self, tide: Tide) -> bool:
        """Keep what is known of the flow of messages."""
        return await self.lease.write([keep_tide(self.keys, self.sink, tide)])

    async def gather(self, entries: Sequence[OutboxEntry], digest: Delivery) -> bool:
        """Replace several entries by one for their digest, in one step."""
        gathered = streams.append(self.shard.again, records.write_delivery(digest))
        logged = [log_end(self.keys, entry.delivery, Result.GATHERED, digest.id) for entry in entries]
        removed = remove_each(self.shard, entries)
        return await self.lease.write([gathered, *logged, *removed])

    async def settle(
        self,
        settlements: Sequence[Settlement],
        *,
        circuit: Circuit | None = None,
        pause: Pause | None = None,
        innocent: Sequence[DeliveryId] = (),
        tally: Tally | None = None,
    ) -> bool:
        """Write what becomes of entries, in one step with their removal."""
        commands: list[Command] = []
        if circuit is not None:
            commands.append(keep_circuit(self.keys, self.sink, circuit))
        if pause is not None:
            commands.append(keep_pause(self.keys, f"{SINK}{self.sink}", pause))
        if innocent:
            commands.append(("HDEL", self.shard.suspects, *innocent))
        commands += add_figures(self.keys, tally)

        def settling(layout: Layout) -> list[Command]:
            return [*commands, *self._settling(layout).commands(settlements)]

        leaving = lanes_left(self.keys, self.sink, settlements)
        if not leaving:
            return await self.layouts.write(self.lease, settling)
        keys = [self.lease.key, self.layouts.key, self.shard.retries, *(lane for lane, _ in leaving)]
        names = [delivery for _, delivery in leaving]

        def fill(known: Known) -> Filled:
            return keys, [self.lease.token, known.text, *names, *flatten(settling(known.layout))]

        return bool(await self.layouts.run_by(self.lease.server, "settle", fill))

    async def close(self, as_before: Mapping[DeliveryId, int] | None = None) -> bool:
        """Note that the drain came to its end; `as_before` restores the crash counts of attempts that it cut off."""
        key = self.shard.suspects
        noted: list[Command] = [
            ("HSET", key, delivery, count) if count else ("HDEL", key, delivery)
            for delivery, count in (as_before or {}).items()
        ]
        return await self.lease.write([*noted, ("DEL", self.shard.serving)])

    @property
    def held_until(self) -> float:
        """The moment, by this process' monotonic clock, until which no other drain can have begun."""
        return self.lease.held_until

    async def renew(self) -> bool:
        """Keep the lease for another while; False if somebody else has it."""
        return await self.lease.renew()

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
        return await self.lease.release()

    def _reading(self) -> OutboxReading:
        return OutboxReading(lease=self.lease, shard=self.shard, order=self.order, observer=self.observer)

    def _settling(self, layout: Layout) -> Settling:
        return Settling(shard=self.shard, layout=layout, keep_dead=self.keep_dead, order=self.order)
