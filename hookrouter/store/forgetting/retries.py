"""People in what waits for its next attempt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from hookrouter.domain.forgetting import Place
from hookrouter.domain.ids import LeadKey, RouteName, SinkName, SourceName
from hookrouter.domain.order import Order, lane_of
from hookrouter.ports.forgetting import Task
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.surroundings import Clock
from hookrouter.store.commands import Command
from hookrouter.store.forgetting.words import RETRIES, sink_in
from hookrouter.store.holding import Holding, held
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard, shards_of
from hookrouter.wire.kept.forgetting import Shape, delivery_names, without
from hookrouter.wire.kept.records import Unreadable

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleInRetries:
    """Walks through the retries of all sinks."""

    server: RedisServer
    keys: Keys
    wake: Wake
    clock: Clock
    patience: float

    def walk(self, task: Task) -> Iterator[None]:
        """Go through them, sink by sink."""
        cursor, pattern = 0, f"{self.keys.prefix}:{RETRIES}:*"
        names = set[str]()
        while True:
            cursor, found = self.server.call("SCAN", cursor, "MATCH", pattern, "COUNT", 1000)
            names |= {sink_in(self.keys, name.decode("utf-8", "replace")) for name in found}
            if not (cursor := int(cursor)):
                break
        for name in sorted(names):
            yield from self._walk(SinkName(name), task)

    def _walk(self, sink: SinkName, task: Task) -> Iterator[None]:
        found: list[Command] = []
        count = 0
        for some, commands in self._look(sink, task):
            count, found = count + some, found + commands
            yield
        if not task.writes:
            task.note(Place.RETRIES, count)
        if not task.writes or not (count or f"{RETRIES}:{sink}" in task.erased.under_way):
            return
        with ExitStack() as stack:
            holdings = [
                stack.enter_context(held(self.server, self.keys, shard.outbox, self.clock, self.patience))
                for shard in self._shards(sink)
            ]
            if None in holdings:  # who works on it may bring back what is deleted now
                task.erased.under_way.add(f"{RETRIES}:{sink}")
                self.server.transaction(found)
                task.note(Place.RETRIES, count)
            else:
                task.erased.under_way.discard(f"{RETRIES}:{sink}")
                yield from self._erase(sink, task, [holding for holding in holdings if holding is not None])
        self.wake.ring(Stage.DELIVER)

    def _shards(self, sink: SinkName) -> list[Shard]:
        return shards_of(self.keys, Layouts(self.keys, 1).read(self.server).layout, sink)

    def _erase(self, sink: SinkName, task: Task, holdings: Sequence[Holding]) -> Iterator[None]:
        for count, commands in self._look(sink, task):
            if commands and all(each.renew() for each in holdings) and holdings[0].write(commands):
                task.note(Place.RETRIES, count)
            yield

    def _look(self, sink: SinkName, task: Task) -> Iterator[tuple[int, list[Command]]]:
        """How many records some more of them change, and by which commands."""
        cursor, shards = 0, self._shards(sink)
        while True:
            cursor, found = self.server.call("HSCAN", self.keys.retry_records(sink), cursor, "COUNT", AT_ONCE)
            pairs = found if isinstance(found, dict) else dict(zip(found[::2], found[1::2], strict=True))
            changes = [self._change(sink, shards, name.decode(), record, task) for name, record in pairs.items()]
            yield len([each for each in changes if each]), [command for each in changes for command in each]
            if not (cursor := int(cursor)):
                return

    def _change(
        self, sink: SinkName, shards: Sequence[Shard], delivery: str, record: bytes, task: Task
    ) -> list[Command]:
        if not task.whom.may_be_in(record):
            return []
        with suppress(Unreadable):
            left = without(Shape.DELIVERY, record, task.whom)
            if left is record:
                return []
            if left is not None:
                return [("HSET", self.keys.retry_records(sink), delivery, left)]
            gone: list[Command] = [
                *(("ZREM", shard.retries, delivery) for shard in shards),
                ("HDEL", self.keys.retry_records(sink), delivery),
            ]
            return gone + lanes_of(self.keys, sink, record)
        return []


def lanes_of(keys: Keys, sink: SinkName, record: bytes) -> list[Command]:
    """The commands that end the lanes in which a delivery may have waited: what else is there is the lead's as well."""
    source, lead, route = delivery_names(record)
    who = SourceName(source), LeadKey(lead)
    lanes = [lane_of(order, who, RouteName(route)) for order in Order]
    return [("DEL", keys.lane(sink, lane)) for lane in lanes if lane is not None]
