"""People in streams: entries that are all theirs go, others are written anew without them, in their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.ids import EntryId, SinkName
from hookrouter.domain.layout import Place, place_in
from hookrouter.ports.forgetting import Task
from hookrouter.ports.stages import Wake
from hookrouter.store.commands import Command, flatten
from hookrouter.store.forgetting.leases import Leases
from hookrouter.store.forgetting.retries import lanes_of
from hookrouter.store.forgetting.words import (
    COPY,
    STREAMS,
    StreamShelf,
    copied_in,
    generation_in,
    shard_in,
    sink_in,
    word_of,
)
from hookrouter.store.holding import Holding
from hookrouter.store.keys import Keys
from hookrouter.store.lease import LEASE_LIFE, milliseconds
from hookrouter.store.server import RedisServer
from hookrouter.store.streams import oldest, records_of, remove
from hookrouter.wire.kept.forgetting import Shape, leads_before, without
from hookrouter.wire.kept.records import Unreadable

AT_ONCE = 200
"""Entries that are read, or copied, in one step; those of the intake may have half a megabyte."""
MOST_CHANGED = 200
"""Entries that are written anew at once; what is more is the next pass's."""
COPY_LIFE = 3600
SCANNED_AT_ONCE = 1000
NEVER = b"0-0"
"""The last entry that was deleted, of a stream from which none was."""


@dataclass(slots=True)
class _Taken:
    """What was found in a stream.

    Attributes:
        stream: which it is, and what it is by its `shelf`.
        gone: entries that go, and `lanes` that end with them.
        changed: entries with their new records, and what must be written `beside`.
    """

    stream: str
    shelf: StreamShelf
    gone: list[EntryId] = field(default_factory=list)
    lanes: list[Command] = field(default_factory=list)
    changed: dict[EntryId, bytes] = field(default_factory=dict)
    beside: list[Command] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.gone) + len(self.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleInStreams:
    """Walks through all streams.

    Attributes:
        sweeps: whether what was deleted before is swept out of memory.
    """

    server: RedisServer
    keys: Keys
    wake: Wake
    leases: Leases
    sweeps: bool = True

    def walk(self, task: Task) -> Iterator[None]:
        """Go through them, those that a lead passes first at the front."""
        under_way = {f"{self.keys.prefix}:{name}" for name in task.erased.under_way}  # they may be gone by now
        names, walked = self._in_order({*self._names(), *under_way}), set[str]()
        # Once more for what is new: a sink may be given other shards meanwhile, and deliveries be moved there.
        while fresh := [name for name in names if name not in walked]:
            walked |= {*fresh}
            for name in fresh:
                if (shelf := STREAMS.get(word_of(self.keys, name))) is not None:
                    yield from self._walk(name, shelf, task)
            names = self._in_order(self._names())
        if task.writes:
            for name in [name for name in walked if word_of(self.keys, name) == COPY]:
                self._drop_copy(name)

    def _in_order(self, names: Iterable[str]) -> list[str]:
        """As leads pass them: what waits in streams of a former generation is moved to those of the next."""
        order = {word: place for place, word in enumerate(STREAMS)}

        def place(name: str) -> tuple[int, int, str]:
            word = word_of(self.keys, name)
            return order.get(word, len(order)), generation_in(self.keys, name), name

        return sorted(names, key=place)

    def _names(self) -> list[str]:
        cursor, names = 0, set[str]()
        while True:
            cursor, found = self.server.call(
                "SCAN", cursor, "MATCH", f"{self.keys.prefix}:*", "COUNT", SCANNED_AT_ONCE, "TYPE", "stream"
            )
            names |= {name.decode("utf-8", "replace") for name in found}
            if not (cursor := int(cursor)):
                return sorted(names)

    def _drop_copy(self, copy: str) -> None:
        """Delete what somebody left who was killed, unless somebody may be at it."""
        if not self.server.call("EXISTS", self.keys.lease(self._owner(copied_in(self.keys, copy)))):
            self.server.call("UNLINK", copy)

    def _owner(self, stream: str) -> str:
        """The stream whose lease it is under."""
        shelf = STREAMS.get(word_of(self.keys, stream))
        return shard_in(self.keys, stream).outbox if shelf is not None and shelf.of_sink else stream

    def _walk(self, stream: str, shelf: StreamShelf, task: Task) -> Iterator[None]:
        found, name = _Taken(stream, shelf), stream.removeprefix(f"{self.keys.prefix}:")
        for _ in self._look(task, found):
            yield
        if not task.writes:
            task.note(shelf.place, found.count)
        if not task.writes or not (
            found.count or name in task.erased.under_way or (self.sweeps and self._has_ghosts(stream))
        ):
            return
        with self.leases.held(self._owner(stream)) as holding:
            is_done = False
            if holding is None:
                task.note(shelf.place, self._remove(found, None))
            else:
                again = _Taken(stream, shelf)
                for _ in self._look(task, again, holding):
                    yield
                count, is_done = self._write(again, holding)
                task.note(shelf.place, count)
            if is_done and holding is not None and holding.renew():  # nobody else had it all the while
                task.erased.under_way.discard(name)
            else:  # who works on it may bring back what was deleted
                task.erased.under_way.add(name)
                task.erased.is_unfinished |= holding is not None  # it was lost, and may be had by the next pass
        if shelf.stage is not None:
            self.wake.ring(shelf.stage)

    def _look(self, task: Task, found: _Taken, holding: Holding | None = None) -> Iterator[None]:
        after: EntryId | None = None
        begun = self._begun(found.stream)
        while len(found.changed) < MOST_CHANGED:
            if holding is not None and not holding.renew():
                return
            entries = records_of(self.server.call(*oldest(found.stream, after, AT_ONCE)))
            for entry, record in entries:
                with suppress(Unreadable):  # it is set aside by whoever drains it, and then met there
                    self._judge(entry, record, task, found)
                    if begun is not None and begun[0] == entry and entry in found.changed and task.person is not None:
                        fewer = begun[1] - leads_before(record, begun[1], task.person)
                        found.beside.append(("SET", self._begun_key(found.stream), f"{entry}:{fewer}", "KEEPTTL"))
            if len(entries) < AT_ONCE:
                return
            after = entries[-1][0]
            yield

    def _judge(self, entry: EntryId, record: bytes, task: Task, found: _Taken) -> None:
        shape = found.shelf.shape
        if shape is None:
            if task.whom.is_named_in(record):
                found.gone.append(entry)
            return
        if shape is not Shape.ATTEMPT and not task.whom.may_be_in(record):
            return
        left = without(shape, record, task.whom)
        if left is None:
            found.gone.append(entry)
            if found.shelf.of_sink:
                found.lanes += lanes_of(self.keys, SinkName(sink_in(self.keys, found.stream)), record)
        elif left is not record:
            found.changed[entry] = left

    def _begun(self, stream: str) -> tuple[str, int] | None:
        """The entry of a partition of the intake some of whose leads were routed, and how many."""
        if word_of(self.keys, stream) != "intake":
            return None
        said = (self.server.call("GET", self._begun_key(stream)) or b"").decode()
        entry, _, count = said.rpartition(":")
        return (entry, int(count)) if entry else None

    def _begun_key(self, stream: str) -> str:
        place = place_in(sink_in(self.keys, stream)) or Place()
        return self.keys.begun(*place)

    def _has_ghosts(self, stream: str) -> bool:
        """Whether Redis may still have what was deleted, also by drains: it only marks it while its neighbours stay."""
        if not self.server.call("XLEN", stream):
            return False
        try:
            said = self.server.call("XINFO", "STREAM", stream)
        except StoreAway:  # it was emptied in between, or the next command says that Redis is away
            return False
        told = said if isinstance(said, dict) else dict(zip(said[::2], said[1::2], strict=True))
        deleted = told.get(b"max-deleted-entry-id", told.get("max-deleted-entry-id"))  # Redis before 7.0 does not say
        return deleted not in {NEVER, NEVER.decode()}

    def _write(self, found: _Taken, holding: Holding) -> tuple[int, bool]:
        """Erase under the lease; how many entries, and whether that is all of them."""
        written = self._remove(found, holding)
        if (found.changed or self._has_ghosts(found.stream)) and not self._rewrite(found, holding):
            return written, False
        return written + len(found.changed), written == len(found.gone)

    def _remove(self, found: _Taken, holding: Holding | None) -> int:
        """Erase the entries that go, some at a time; how many."""
        for at in range(0, len(found.gone), AT_ONCE):
            commands: list[Command] = [remove(found.stream, found.gone[at : at + AT_ONCE])]
            if at == 0:
                commands += found.lanes
            if holding is None:
                self.server.transaction(commands)
            elif not (holding.renew() and holding.write(commands)):
                return at
        return len(found.gone)

    def _rewrite(self, found: _Taken, holding: Holding) -> bool:
        pairs = [part for pair in found.changed.items() for part in pair]
        keys, last = [holding.key, found.stream, self.keys.copied(found.stream)], ""
        while True:
            arguments = [holding.token, milliseconds(LEASE_LIFE), last, AT_ONCE, COPY_LIFE, len(found.changed), *pairs]
            answer = self.server.run("rewrite", keys, [*arguments, *flatten(found.beside)])
            if not answer:
                return answer is not None
            last = answer.decode()
