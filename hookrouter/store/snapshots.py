"""Leads as last seen, laid down by a baseline without harm to what pushes lay down meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.remembered import Snapshot
from hookrouter.ports.baseline import Laid, Seen
from hookrouter.store import streams
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.wire.kept import records
from hookrouter.wire.kept.remembered import read_snapshot, write_snapshot

PLACE_KEPT = timedelta(days=1)
"""How long a baseline that was broken off can be taken up again; later the list has changed too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSnapshots:
    """The snapshots in Redis; see `ports.baseline.Snapshots`."""

    server: AsyncRedisServer
    keys: Keys
    layouts: Layouts
    keep: timedelta

    async def seen(self, source: SourceName, leads: Sequence[LeadKey]) -> Sequence[Seen]:
        """The snapshot of each lead; one that cannot be read counts as none."""
        if not leads:
            return []
        found = await self.server.call("MGET", *(self.keys.snapshot(source, lead) for lead in leads))
        return [_read(record) for record in found]

    async def lay(self, source: SourceName, snapshots: Sequence[Laid]) -> Sequence[bool]:
        """Lay snapshots down where the same is there as was found, or nothing as nothing was."""
        if not snapshots:
            return []
        keys = [self.keys.snapshot(source, each.lead) for each in snapshots]
        pairs = [part for each in snapshots for part in (each.over.mark, write_snapshot(Snapshot(fields=each.fields)))]
        laid = await self.server.run("baseline", keys, [max(1, int(self.keep.total_seconds())), *pairs])
        return [bool(each) for each in laid]

    async def oldest_waiting(self) -> datetime | None:
        """When the oldest push came that waits to be read back or routed."""
        return await oldest_waiting(self.server, self.keys, self.layouts)

    async def place(self, source: SourceName) -> int:
        """How many leads a baseline that was broken off had read."""
        found = await self.server.call("GET", self.keys.baseline(source))
        return 0 if found is None else int(found)

    async def note_place(self, source: SourceName, read: int) -> None:
        """Note how many leads have been read."""
        key = self.keys.baseline(source)
        if read:
            await self.server.call("SET", key, read, "EX", int(PLACE_KEPT.total_seconds()))
        else:
            await self.server.call("DEL", key)


async def oldest_waiting(server: AsyncRedisServer, keys: Keys, layouts: Layouts) -> datetime | None:
    """When the oldest push came that waits to be read back or routed."""
    layout = (await layouts.read_by(server)).layout
    waiting = [keys.hydrate(), *(keys.intake(*place) for place in layout.intakes)]
    moments: list[datetime] = []
    for found in await server.call_all([streams.oldest_id(stream) for stream in waiting]):
        for _, record in streams.records_of(found):
            with suppress(records.Unreadable):
                moments += [occasion.received_at for occasion in records.read_intake(record)[0]]
    return min(moments, default=None)


def _read(record: bytes | None) -> Seen:
    if record is None:
        return Seen(fields=None, mark=b"")
    with suppress(records.Unreadable):
        return Seen(fields=read_snapshot(record).fields, mark=record)
    return Seen(fields=None, mark=record)
