"""People in what waits for its next attempt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from hookrouter.domain.forgetting import Place
from hookrouter.domain.ids import LeadKey, RouteName, SinkName, SourceName
from hookrouter.domain.layout import Layout
from hookrouter.domain.order import Order, lane_of
from hookrouter.ports.forgetting import Task
from hookrouter.ports.stages import Stage, Wake
from hookrouter.store.commands import Command, flatten
from hookrouter.store.forgetting.leases import Leases
from hookrouter.store.forgetting.words import RETRIES, shard_in, sink_in
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard, shards_of
from hookrouter.wire.kept.forgetting import Shape, delivery_names, without
from hookrouter.wire.kept.records import Unreadable

AT_ONCE = 500
WAITING = "retry"
"""The word of what waits in a shard, by its time."""

Change = tuple[bytes, bytes | None]
"""A record as it was read, and what is left of it."""
Changes = dict[str, Change]
"""By the names of the deliveries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleInRetries:
    """Walks through the retries of all sinks."""

    server: RedisServer
    keys: Keys
    wake: Wake
    leases: Leases

    def walk(self, task: Task) -> Iterator[None]:
        """Go through them, sink by sink."""
        cursor, pattern = 0, f"{self.keys.prefix}:{RETRIES}:*"
        names = set[str]()
        while True:
            cursor, found = self.server.call("SCAN", cursor, "MATCH", pattern, "COUNT", 1000)
            names |= {sink_in(self.keys, name.decode("utf-8", "replace")) for name in found}
            if not (cursor := int(cursor)):
                break
        under_way = {shard for shard in map(self._shard, sorted(task.erased.under_way)) if shard is not None}
        for name in sorted(names):
            yield from self._walk(SinkName(name), task, under_way)
        for shard in under_way:  # nothing of theirs is there by now, or the shard is no more
            self._erase(shard, (), task)
            yield

    def _walk(self, sink: SinkName, task: Task, under_way: set[Shard]) -> Iterator[None]:
        found: Changes = {}
        for some in self._look(sink, task):
            found |= some
            yield
        if not task.writes:
            task.note(Place.RETRIES, len(found))
            return
        for shard, theirs in self._by_shard(sink, found):
            if theirs:
                under_way.discard(shard)
                self._erase(shard, theirs, task)
                yield
        if found:
            self.wake.ring(Stage.DELIVER)

    def _look(self, sink: SinkName, task: Task) -> Iterator[Changes]:
        """The records that are to change, of some more of them."""
        cursor = 0
        while True:
            cursor, found = self.server.call("HSCAN", self.keys.retry_records(sink), cursor, "COUNT", AT_ONCE)
            pairs = found if isinstance(found, dict) else dict(zip(found[::2], found[1::2], strict=True))
            yield self._changes(pairs, task)
            if not (cursor := int(cursor)):
                return

    def _changes(self, records: Mapping[bytes, bytes], task: Task) -> Changes:
        changes: Changes = {}
        for name, record in records.items():
            with suppress(Unreadable):
                left = without(Shape.DELIVERY, record, task.whom) if task.whom.may_be_in(record) else record
                if left is not record:
                    changes[name.decode()] = record, left
        return changes

    def _by_shard(self, sink: SinkName, found: Changes) -> list[tuple[Shard, Changes]]:
        """Each shard with those that wait in it; what is known to none is the first's."""

        def scores(layout: Layout) -> list[Command]:  # the former first: it may be moved on meanwhile
            return [("ZMSCORE", shard.retries, *found) for shard in shards_of(self.keys, layout, sink) if found]

        layout, answers = Layouts(self.keys, 1).ask(self.server, scores)
        shards, rest = shards_of(self.keys, layout, sink), dict(found)
        theirs: list[Changes] = [{} for _ in shards]
        for place, answer in enumerate(answers):
            here = [name for name, score in zip(found, answer, strict=True) if score is not None and name in rest]
            theirs[place] = {name: rest.pop(name) for name in here}
        theirs[0] |= rest
        return list(zip(shards, theirs, strict=True))

    def _name(self, shard: Shard) -> str:
        return shard.retries.removeprefix(f"{self.keys.prefix}:")

    def _shard(self, name: str) -> Shard | None:
        """The shard whose retries are called so."""
        return shard_in(self.keys, f"{self.keys.prefix}:{name}") if name.startswith(f"{WAITING}:") else None

    def _erase(self, shard: Shard, theirs: Collection[str], task: Task) -> None:
        """Erase under the lease of the shard, so that nobody makes plans with a delivery that is gone by then.

        Also without it each goes in one step, and only as it was read: what somebody took up meanwhile is met by the
        next pass where it is then.
        """
        with self.leases.held(shard.outbox) as holding:
            changes = self._read(shard.sink, theirs, task)
            erased = 0
            for delivery, (record, left) in changes.items():
                if holding is not None:
                    holding.renew()
                erased += self._put(shard, delivery, record, left)
            task.note(Place.RETRIES, erased)
            task.erased.is_unfinished |= erased < len(theirs)
            if holding is not None and holding.renew():  # nobody else had it all the while
                task.erased.under_way.discard(self._name(shard))
                return
        task.erased.under_way.add(self._name(shard))
        task.erased.is_unfinished |= holding is not None  # it was lost, and may be had by the next pass

    def _read(self, sink: SinkName, names: Collection[str], task: Task) -> Changes:
        """What is to change of deliveries that may have been waited for."""
        found = self.server.call("HMGET", self.keys.retry_records(sink), *names) if names else []
        pairs = {name.encode(): record for name, record in zip(names, found, strict=True) if record is not None}
        return self._changes(pairs, task)

    def _put(self, shard: Shard, delivery: str, record: bytes, left: bytes | None) -> bool:
        """Put what is left of a delivery in its place; False if that is another by now."""
        records = self.keys.retry_records(shard.sink)
        commands: list[Command] = [("HSET", records, delivery, left or b"")]
        if left is None:
            commands = [("ZREM", shard.retries, delivery), ("HDEL", records, delivery)]
            commands += lanes_of(self.keys, shard.sink, record)
        return bool(self.server.run("unchanged", [records], [delivery, record, *flatten(commands)]))


def lanes_of(keys: Keys, sink: SinkName, record: bytes) -> list[Command]:
    """The commands that end the lanes in which a delivery may have waited: what else is there is the lead's as well."""
    source, lead, route = delivery_names(record)
    who = SourceName(source), LeadKey(lead)
    lanes = [lane_of(order, who, RouteName(route)) for order in Order]
    return [("DEL", keys.lane(sink, lane)) for lane in lanes if lane is not None]
