"""All people in Redis, and what is remembered of one while they are erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from hookrouter.domain.bounds import Bounds
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.forgetting import Files
from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.person import Person
from hookrouter.ports.forgetting import Remembered, Task
from hookrouter.ports.stages import Wake
from hookrouter.ports.surroundings import Clock
from hookrouter.store.forgetting.leases import Leases
from hookrouter.store.forgetting.pushes import PeopleInPushes
from hookrouter.store.forgetting.records import PeopleInRecords
from hookrouter.store.forgetting.retries import PeopleInRetries
from hookrouter.store.forgetting.streams import PeopleInStreams
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

REMEMBERED = 86_400
"""Seconds: until somebody runs again what was killed."""
PATIENCE = 30.0
"""Seconds for a drain to end its slice; it takes ten of them at most unless a far side hangs."""
FILES_WITHIN = 120.0
LOOK_AGAIN = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisPeople:
    """The people in Redis; see `ports.forgetting.People` and `Oblivion`."""

    server: RedisServer
    keys: Keys
    wake: Wake
    clock: Clock
    bounds: Bounds
    patience: float = PATIENCE

    def walk(self, task: Task) -> Iterator[None]:
        """Go through all keys: first on the way that leads go, so that what moves on meanwhile is met again.

        Some goes back, such as what is tried again, let in or replayed. So nothing is theirs, or more to be learned,
        only if that is so of the way once more, behind all that leads back to it.
        """
        leases = Leases(server=self.server, keys=self.keys, clock=self.clock, patience=self.patience)
        streams = PeopleInStreams(server=self.server, keys=self.keys, wake=self.wake, leases=leases)
        retries = PeopleInRetries(server=self.server, keys=self.keys, wake=self.wake, leases=leases)
        pushes = PeopleInPushes(server=self.server, keys=self.keys, bounds=self.bounds)
        yield from streams.walk(task)
        yield from retries.walk(task)
        yield from PeopleInRecords(server=self.server, keys=self.keys, pushes=pushes).walk(task)
        if task.person is None or (task.writes and not task.erased.goes_on):
            yield from replace(streams, sweeps=False).walk(task)
            yield from retries.walk(task)

    def recall(self, asked: str) -> Remembered | None:
        """What is remembered of somebody whose erasing was begun."""
        found = self.server.call("GET", self.keys.forgetting(asked))
        if found is None:
            return None
        return _remembered(found)

    def remember(self, asked: str, person: Person | None) -> None:
        """Remember who it is, or that it was begun."""
        values = {} if person is None else _values_of(person)
        self.server.call("SET", self.keys.forgetting(asked), orjson.dumps(values), "EX", REMEMBERED)

    def clear(self, asked: str, person: Person) -> None:
        """Remember no more than that it was begun, and nothing of the same person by other words."""
        own, cursor = self.keys.forgetting(asked), 0
        self.remember(asked, None)
        while True:
            cursor, found = self.server.call("SCAN", cursor, "MATCH", f"{self.keys.prefix}:forgetting:*", "COUNT", 1000)
            for name in found:
                told = self.server.call("GET", name)
                if name.decode() != own and told is not None and _is_all_of(person, _remembered(told)):
                    self.server.call("DEL", name)
            if not (cursor := int(cursor)):
                return

    def end(self, asked: str) -> None:
        """Forget that, too."""
        self.server.call("DEL", self.keys.forgetting(asked))

    def renew_files(self) -> Files:
        """Have Redis write its files anew: what was deleted stands in them until then."""
        try:
            self._await_files()  # one that is under way began before all was erased
            said = self.server.call("INFO", "persistence")
            saves = self.server.call("CONFIG", "GET", "save")
            has_log = bool(int(said.get("aof_enabled", 0)))
            has_dump = any(saves.values() if isinstance(saves, dict) else saves[1::2])
            if has_log:
                self.server.call("BGREWRITEAOF")
            if has_dump:
                self.server.call("BGSAVE", "SCHEDULE")
        except StoreAway:
            return Files.NOT_PERMITTED
        return self._await_files() if has_log or has_dump else Files.NONE

    def _await_files(self) -> Files:
        marks = ("aof_rewrite_in_progress", "aof_rewrite_scheduled", "rdb_bgsave_in_progress")
        deadline = self.clock.monotonic() + FILES_WITHIN
        while self.clock.monotonic() < deadline:
            said = self.server.call("INFO", "persistence")
            if not any(int(said.get(mark, 0)) for mark in marks):
                return Files.WRITTEN_ANEW
            self.clock.sleep(LOOK_AGAIN)
        return Files.UNDER_WAY


def _values_of(person: Person) -> dict[str, Any]:
    return {
        "names": sorted(person.names),
        "addresses": sorted(person.addresses),
        "deliveries": sorted(person.deliveries),
    }


def _remembered(record: bytes) -> Remembered:
    values: Any = orjson.loads(record)
    return Remembered(
        names=[(SourceName(source), LeadKey(lead)) for source, lead in values.get("names", [])],
        addresses=values.get("addresses", []),
        deliveries=values.get("deliveries", []),
    )


def _is_all_of(person: Person, told: Remembered) -> bool:
    """Whether all that was learned is of one person; nothing was, where the files were not written anew."""
    return bool(told.names) and all(person.knows(*who) for who in told.names)
