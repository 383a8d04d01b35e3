"""People in records of their own: letters, rejections, snapshots, clocks, notes of all kinds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from hookrouter.domain.forgetting import Place
from hookrouter.domain.lead_clock import ClockId
from hookrouter.domain.person import Person
from hookrouter.ports.forgetting import Task
from hookrouter.store.clocks import stop
from hookrouter.store.commands import Command, flatten
from hookrouter.store.forgetting.pushes import PeopleInPushes
from hookrouter.store.forgetting.words import NAMED, RECORDS, word_of
from hookrouter.store.keys import Keys
from hookrouter.store.living_messages import whose
from hookrouter.store.server import RedisServer
from hookrouter.store.team_keys import digest_of
from hookrouter.wire.kept.clocks import BEGAN
from hookrouter.wire.kept.forgetting import Shape, without
from hookrouter.wire.kept.living_message import whose_message
from hookrouter.wire.kept.records import Unreadable

SCANNED_AT_ONCE = 500
Names = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleInRecords:
    """Walks through all keys that are no streams."""

    server: RedisServer
    keys: Keys
    pushes: PeopleInPushes

    def walk(self, task: Task) -> Iterator[None]:
        """Go through them, some at a time, as Redis has them."""
        cursor, pattern = 0, f"{self.keys.prefix}:*"
        while True:
            cursor, found = self.server.call("SCAN", cursor, "MATCH", pattern, "COUNT", SCANNED_AT_ONCE)
            by_word: dict[str, list[str]] = defaultdict(list)
            for name in {each.decode("utf-8", "replace") for each in found}:
                by_word[word_of(self.keys, name)].append(name)
            for word in RECORDS:
                self._records(word, by_word[word], task)
            self._clocks(by_word["clock"], task)
            self.pushes.look(by_word["push"], task)
            if task.writes:
                self.pushes.drop_orphans(by_word["before"])
            if task.person is not None:
                self._messages(by_word["living-message"], task, task.person)
                self._named([name for word in NAMED for name in by_word[word]], task, task.person)
                self._open(by_word["open"], task, task.person)
            yield
            if not (cursor := int(cursor)):
                break
        self._silences(task)

    def _records(self, word: str, names: Names, task: Task) -> None:
        place, shape = RECORDS[word]
        found = [name for name in names if name.count(":") > self.keys.prefix.count(":") + 1]  # others are indexes
        for name, record in zip(found, self._read(found), strict=True):
            if record is None or not task.whom.may_be_in(record):
                continue
            with suppress(Unreadable):
                left = without(shape, record, task.whom, self._source_of(name))
                if left is not record:
                    self._put(name, record, left, place, task)

    def _source_of(self, name: str) -> str:
        """The source in a snapshot's name."""
        return name.removeprefix(f"{self.keys.prefix}:").partition(":")[2].rpartition(":")[0]

    def _put(self, name: str, record: bytes, left: bytes | None, place: Place, task: Task) -> None:
        if task.writes:
            short = name.removeprefix(f"{self.keys.prefix}:").partition(":")[2]
            indexes = {Place.DEAD: self.keys.dead_letters(), Place.REJECTED: self.keys.rejected_leads()}
            gone: list[Command] = [("DEL", name)]
            if place in indexes:
                gone.append(("ZREM", indexes[place], short))
            commands: list[Command] = gone if left is None else [("SET", name, left, "KEEPTTL")]
            if not self.server.run("unchanged", [name], ["", record, *flatten(commands)]):
                task.erased.is_unfinished = True  # another pass meets what is there now
                return
        task.note(place)

    def _clocks(self, names: Names, task: Task) -> None:
        began = self.server.call_all([("HGET", name, BEGAN) for name in names]) if names else []
        for name, record in zip(names, began, strict=True):
            if record is None or not task.whom.may_be_in(record):
                continue
            with suppress(Unreadable):
                if without(Shape.KEYED, record, task.whom) is None:
                    if task.writes:
                        self.server.transaction(stop(self.keys, ClockId(name.rpartition(":")[2])))
                    task.note(Place.CLOCKS)

    def _messages(self, names: Names, task: Task, person: Person) -> None:
        theirs = {whose(source, lead) for source, lead in person.names}
        for name, record in zip(names, self._read(names), strict=True):
            if record is None:
                continue
            with suppress(Unreadable):
                of, told = whose_message(record)
                if of in theirs or person.was_told_by(told):
                    self._delete(name, Place.MESSAGES, task)

    def _named(self, names: Names, task: Task, person: Person) -> None:
        """The keys whose names have a digest of a lead's: with the source, or of all sources."""
        known = {f"{source}:{digest_of(lead)}" for source, lead in person.names}
        leads = {digest_of(lead) for _, lead in person.names}
        for name in names:
            word, _, rest = name.removeprefix(f"{self.keys.prefix}:").partition(":")
            if rest in known or (word in {"timeline", "memberships", "rounds"} and rest.partition(":")[0] in leads):
                self._delete(name, NAMED[word], task)

    def _open(self, names: Names, task: Task, person: Person) -> None:
        leads = [self.keys.given(*who) for who in person.names]
        if not leads:
            return
        for name in names:
            scores = self.server.call("ZMSCORE", name, *leads)
            task.note(Place.OPEN, len([score for score in scores if score is not None]))
            if task.writes:
                self.server.call("ZREM", name, *leads)

    def _silences(self, task: Task) -> None:
        """A silence is an order, and its author's to end; that it names somebody is told."""
        found: Mapping[bytes, bytes] = self.server.call("HGETALL", self.keys.silences())
        for name, record in found.items():
            if task.whom.is_named_in(record):
                task.erased.left.add(f"the silence {name.decode()} names them: `hookrouter silence end` it")

    def _delete(self, name: str, place: Place, task: Task) -> None:
        if not task.writes or self.server.call("UNLINK", name):
            task.note(place)

    def _read(self, names: Names) -> Sequence[bytes | None]:
        found: Sequence[bytes | None] = self.server.call("MGET", *names) if names else []
        return found
