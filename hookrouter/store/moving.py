"""Moves what waits in the former shards of a sink to its current ones, a portion at a time.

Nobody serves the new shards before the former ones are empty, so nothing overtakes anything: new deliveries are moved
to a stream that is read before what was added since. Each portion is one step under the lease of the former shard, so a
process that is killed leaves nothing half done, and the next one goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from hookrouter.domain.ids import DeliveryId, EntryId, RouteName, SinkName
from hookrouter.domain.layout import Spread
from hookrouter.ports.surroundings import Clock
from hookrouter.store.carrying import Carrying
from hookrouter.store.commands import Command
from hookrouter.store.holding import held
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard
from hookrouter.store.streams import oldest, records_of
from hookrouter.wire.kept.records import TooNew, Unreadable, read_delivery

AT_ONCE = 200
"""Entries, of some kilobytes each, that are moved in one step, which takes Redis a few milliseconds."""
MARK_LIFE = 7 * 86_400

To = Callable[[Shard], str]
"""Picks one of a shard's streams."""
Target = tuple[Shard, DeliveryId | None]
"""The shard a delivery goes to, and the delivery's name if it can be read."""
Name = TypeVar("Name", EntryId, bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMover:
    """Moves what waits in outboxes."""

    server: RedisServer
    keys: Keys
    clock: Clock

    def move(self, sink: SinkName, spread: Spread, text: bytes, may_go_on: Callable[[], bool]) -> None:
        """Move what waits in the former shards that nobody serves, until all is moved or `may_go_on` says no.

        Nothing is moved if `text`, the layout with this spread, is no longer in force.
        """
        for place in () if spread.former is None else spread.former.own:
            former = Shard(self.keys, sink, place)
            with held(self.server, self.keys, former.outbox, self.clock, 0.0, who="move") as holding:
                if holding is not None:
                    carrying = Carrying(holding=holding, layout=self.keys.layout(), text=text)
                    self._empty(_Move(server=self.server, former=former, spread=spread, carrying=carrying), may_go_on)

    def _empty(self, move: _Move, may_go_on: Callable[[], bool]) -> None:
        move.begin()
        for is_moved in move.portions():
            if not is_moved or not may_go_on():
                return
        move.end()


@dataclass(slots=True, kw_only=True)
class _Move:
    """The emptying of one former shard, under its lease."""

    server: RedisServer
    former: Shard
    spread: Spread
    carrying: Carrying
    suspects: dict[str, bytes] = field(default_factory=dict)
    shut: list[RouteName] = field(default_factory=list)

    def begin(self) -> None:
        """Learn what there is besides deliveries: shut routes, and notes on what may have killed drains."""
        found = self.server.call("HGETALL", self.former.suspects)
        self.suspects = {name.decode(): count for name, count in found.items()}
        routes = self.server.call("SMEMBERS", self.former.shut_routes)
        self.shut = [RouteName(name.decode("utf-8", "replace")) for name in sorted(routes)]

    def portions(self) -> Iterator[bool]:
        """Move a portion at each step, and yield whether all of it was moved."""
        for route in self.shut:
            yield from self._stream(self.former.shut_first(route), partial(Shard.shut_first, route=route), route)
            yield from self._stream(self.former.shut(route), partial(Shard.shut, route=route), route)
        yield from self._stream(self.former.again, lambda to: to.again)
        yield from self._stream(self.former.let_in, lambda to: to.let_in)
        for stream in self.former.new:
            yield from self._stream(stream, lambda to: to.moved)
        while portion := self.server.call("ZRANGE", self.former.retries, 0, AT_ONCE - 1):
            yield self._move_retries(portion)

    def end(self) -> None:
        """Leave only the streams behind: a process of an earlier release, which knows no layouts, may still fill them.

        They go together with the layout that names them, in the step that finds them empty.
        """
        commands: list[Command] = []
        if self.server.call("EXISTS", self.former.serving):  # its last drain was killed
            commands = [
                ("SET", Shard(self.former.keys, self.former.sink, place).serving, "moved", "EX", MARK_LIFE)
                for place in self.spread.own
            ]
        commands.append(("DEL", self.former.suspects, self.former.serving))
        self.carrying.vacate(self.former, self.shut, commands)

    def _stream(self, stream: str, to: To, route: RouteName | None = None) -> Iterator[bool]:
        while entries := records_of(self.server.call(*oldest(stream, None, AT_ONCE))):
            targets = self._targets(entries)
            beside = [command for _, (target, name) in targets for command in self._marks(target, name)]
            if route is not None:
                beside += [("SADD", shut, route) for shut in {target.shut_routes for _, (target, _) in targets}]
            going = [(entry, to(target)) for entry, (target, _) in targets]
            yield self.carrying.move_entries(stream, going, beside) and len(going) == len(entries)

    def _move_retries(self, portion: Sequence[bytes]) -> bool:
        """Have deliveries wait in their current shards; those whose records are gone are forgotten."""
        key = self.former.keys.retry_records(self.former.sink)
        found = dict(zip(portion, self.server.call("HMGET", key, *portion), strict=True))
        targets = self._targets([(name, record) for name, record in found.items() if record is not None])
        going = [(name, target.retries) for name, (target, _) in targets]
        beside = [command for _, (target, name) in targets for command in self._marks(target, name)]
        gone = [name for name, record in found.items() if record is None]
        if gone:
            beside.append(("ZREM", self.former.retries, *gone))
        is_moved = self.carrying.move_waiting(self.former.retries, going, beside)
        return is_moved and len(going) + len(gone) == len(portion)

    def _targets(self, found: Iterable[tuple[Name, bytes]]) -> list[tuple[Name, Target]]:
        """The shards of deliveries, up to one that a later version wrote, which stays for a process of that version.

        What no version wrote goes to the first shard, whose drain sets it aside.
        """
        targets: list[tuple[Name, Target]] = []
        for name, record in found:
            try:
                delivery = read_delivery(record)
                shard = Shard(self.former.keys, self.former.sink, self.spread.place_of(delivery.who))
                targets.append((name, (shard, delivery.id)))
            except TooNew:
                break
            except Unreadable:
                targets.append((name, (Shard(self.former.keys, self.former.sink, self.spread.own[0]), None)))
        return targets

    def _marks(self, target: Shard, name: DeliveryId | None) -> list[Command]:
        count = None if name is None else self.suspects.get(name)
        if name is None or count is None:
            return []
        return [("HSET", target.suspects, name, count), ("EXPIRE", target.suspects, MARK_LIFE)]
