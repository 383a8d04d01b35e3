"""People in the pushes as they came, and in the notes of how leads were before them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from hookrouter.domain.bounds import Bounds
from hookrouter.domain.forgetting import Place
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.ports.forgetting import Task
from hookrouter.store.commands import Command, flatten
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.forgetting import without_places
from hookrouter.wire.kept.records import Unreadable, read_record, write_values
from hookrouter.wire.pushes.forgetting import PushLeft, push_without

AT_ONCE = 500
LARGE = 20
"""Pushes whose bodies are in memory together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleInPushes:
    """Looks at pushes."""

    server: RedisServer
    keys: Keys
    bounds: Bounds

    def look(self, names: Sequence[str], task: Task) -> None:
        """Take somebody out of the pushes with these keys; what the pushes alone say of other records goes first."""
        for at in range(0, len(names), LARGE):
            some = names[at : at + LARGE]
            for name, found in zip(some, self.server.call_all([("HGETALL", each) for each in some]), strict=True):
                values = found if isinstance(found, dict) else dict(zip(found[::2], found[1::2], strict=True))
                with suppress(Unreadable, KeyError):
                    self._look(name, values, task)

    def drop_orphans(self, names: Sequence[str]) -> None:
        """Delete notes whose push is gone: they outlive it by as long as it waited, and nobody knows whose they are."""
        pushes = [self.keys.push(PushId(name.split(":")[-2])) for name in names]
        found = self.server.call_all([("EXISTS", push) for push in pushes]) if names else []
        orphans = [name for name, is_there in zip(names, found, strict=True) if not is_there]
        if orphans:
            self.server.call("UNLINK", *orphans)

    def _look(self, name: str, values: Mapping[bytes, bytes], task: Task) -> None:
        source, body = values[b"source"].decode(), values[b"body"]
        said = {each: str(value) for each, value in read_record(values[b"headers"]).items() if each != "v"}
        left = push_without(source, body, said, task.whom, self.bounds)
        if left is None:
            return
        push = PushId(name.rpartition(":")[2])
        self._before(push, left, task)
        if task.writes:
            sent = self.keys.sent_before(SourceName(source), hashlib.sha256(body).hexdigest())
            commands = [("DEL", sent), *self._written(name, push, left)]
            if not self.server.run("unchanged", [name], ["body", body, *flatten(commands)]):
                task.erased.is_unfinished = True
                return
        task.note(Place.PUSHES)

    def _written(self, name: str, push: PushId, left: PushLeft) -> list[Command]:
        if left.body is None:
            index: Command = ("ZREM", self.keys.pushes(), push)
            return [("DEL", name), index, ("LREM", self.keys.refused_pushes(), 0, push)]
        headers = write_values(dict(left.headers))
        return [("HSET", name, "body", left.body, "headers", headers)]

    def _before(self, push: PushId, left: PushLeft, task: Task) -> None:
        """Each note is of several leads, and has the place of the first in its name."""
        for start in range(0, left.leads, AT_ONCE):
            keys = [self.keys.before(push, place) for place in range(start, min(start + AT_ONCE, left.leads))]
            for key, record in zip(keys, self.server.call("MGET", *keys), strict=True):
                with suppress(Unreadable):
                    rest = record if record is None else without_places(record, left.places)
                    if rest is record:
                        continue
                    if task.writes:
                        command: Command = ("DEL", key) if rest is None else ("SET", key, rest, "KEEPTTL")
                        self.server.run("unchanged", [key], ["", record, *flatten([command])])
                    task.note(Place.BEFORE)
