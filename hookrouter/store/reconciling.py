"""What reconcile remembers in Redis, and how it brings leads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hookrouter.domain.hydration import has_id
from hookrouter.domain.ids import LeadKey, PushId, SourceName, Who
from hookrouter.domain.lead import Fields, lead_key
from hookrouter.domain.own_writes import Written
from hookrouter.domain.push import Batch, Push
from hookrouter.domain.reconciling import PushTrust, ReconcileTally
from hookrouter.domain.remembered import Snapshot
from hookrouter.domain.sweeping import Swept, is_active
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import Lease, take_lease
from hookrouter.store.pushes import RedisPushLog
from hookrouter.store.server import RedisServer
from hookrouter.store.snapshots import oldest_waiting
from hookrouter.store.wake import RqWake
from hookrouter.wire.kept.reconciled import read_runs, write_run, write_swept
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.kept.remembered import read_snapshot
from hookrouter.wire.kept.written import read_written

MOST_RUNS = 500
KEPT = timedelta(days=30)
"""What runs found; more of them than a day has at the shortest interval count for nothing."""
MARK, BEGUN, DUE, SWEEP, DOUBT, SWEPT = "mark", "begun", "due", "sweep", "doubt", "swept"
MOST_LOOKED_AT = 100
SCANNED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisReconcileMemory:
    """The memory in Redis; see `ports.reconciling.ReconcileMemory`."""

    server: AsyncRedisServer
    keys: Keys
    layouts: Layouts

    async def snapshots(self, source: SourceName, leads: Sequence[LeadKey]) -> Sequence[Snapshot | None]:
        """Each lead as last seen; one that cannot be read counts as never seen."""
        if not leads:
            return []
        found = await self.server.call("MGET", *(self.keys.snapshot(source, lead) for lead in leads))
        return [_snapshot(record) for record in found]

    async def written(self, names: Sequence[Who]) -> Sequence[Sequence[Written]]:
        """What we wrote lately, and has not come back."""
        asked = [("HGETALL", self.keys.written(source, name)) for source, name in names]
        return [read_written(found) for found in await self.server.call_all(asked)] if asked else []

    async def arrivals(self, pushes: Sequence[PushId]) -> Mapping[PushId, datetime]:
        """When pushes came, as far as they are kept."""
        found = await self.server.call_all([("HGET", self.keys.push(push), "at") for push in pushes]) if pushes else []
        return {
            push: datetime.fromtimestamp(float(at), UTC)
            for push, at in zip(pushes, found, strict=True)
            if at is not None
        }

    async def has_pushed(self, source: SourceName, start: datetime, end: datetime) -> bool:
        """Whether a push of leads came in a span of time; the first ones of all sources tell."""
        arguments = (start.timestamp(), end.timestamp(), "LIMIT", 0, MOST_LOOKED_AT)
        found = await self.server.call("ZRANGEBYSCORE", self.keys.pushes(), *arguments)
        pushes = [self.keys.push(PushId(push.decode())) for push in found if push.startswith(b"p_")]
        told = await self.server.call_all([("HMGET", key, "source", "refused") for key in pushes]) if pushes else []
        return any(of == source.encode() and refused is None for of, refused in told)

    async def oldest_waiting(self) -> datetime | None:
        """When the oldest push came that waits to be read back or routed."""
        return await oldest_waiting(self.server, self.keys, self.layouts)

    async def mark(self, source: SourceName) -> datetime | None:
        """Up to when all changes are accounted for."""
        return await self._moment(source, MARK)

    async def begin(self, source: SourceName, at: datetime) -> None:
        """Remember when the first run was."""
        await self.server.call("HSETNX", self.keys.reconcile(source), BEGUN, at.timestamp())

    async def begun(self, source: SourceName) -> datetime | None:
        """When the first run was, if anybody knows."""
        return await self._moment(source, BEGUN)

    async def is_due(self, source: SourceName, now: datetime) -> bool:
        """Whether another run is to be made at a moment; where none was ever, it is."""
        due = await self._moment(source, DUE)
        return due is None or due <= now

    async def advance(self, source: SourceName, mark: datetime) -> None:
        """Move the mark on, never back."""
        before = await self.mark(source)
        if before is None or before < mark:
            await self.server.call("HSET", self.keys.reconcile(source), MARK, mark.timestamp())

    async def note_run(self, source: SourceName, tally: ReconcileTally, at: datetime, due: datetime) -> None:
        """Remember what a run found, and when the next is due."""
        runs = self.keys.reconciled(source)
        await self.server.call_all(
            [
                ("HSET", self.keys.reconcile(source), DUE, due.timestamp()),
                ("LPUSH", runs, write_run(tally, at)),
                ("LTRIM", runs, 0, MOST_RUNS - 1),
                ("EXPIRE", runs, int(KEPT.total_seconds())),
            ]
        )

    async def _moment(self, source: SourceName, name: str) -> datetime | None:
        found = await self.server.call("HGET", self.keys.reconcile(source), name)
        return None if found is None else datetime.fromtimestamp(float(found), UTC)

    async def lease(self, source: SourceName, token: str) -> Lease | None:
        """The right to reconcile a source; None if another process has it."""
        run = f"{self.keys.reconcile(source)}:run"  # a lease is for a stream; this one holds nothing
        return await take_lease(self.server, self.keys, run, token)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisKnownLeads:
    """The leads known in Redis; see `ports.reconciling.KnownLeads`."""

    server: AsyncRedisServer
    keys: Keys

    async def active(self, source: SourceName) -> AsyncIterator[Mapping[LeadKey, Fields]]:
        """Those that have an id and were last seen active, some at a time."""
        cursor, pattern = 0, f"{self.keys.snapshots_of(source)}*"
        while True:
            cursor, names = await self.server.call("SCAN", cursor, "MATCH", pattern, "COUNT", SCANNED_AT_ONCE)
            found = await self.server.call("MGET", *names) if names else []
            snapshots = [snapshot for snapshot in map(_snapshot, found) if snapshot is not None]
            yield {LeadKey(key): each.fields for each in snapshots if (key := _id_of(each)) and is_active(each.fields)}
            if not (cursor := int(cursor)):
                return

    async def must_sweep(self, source: SourceName, now: datetime) -> bool:
        """Whether a sweep is due."""
        due = await self.server.call("HGET", self.keys.reconcile(source), SWEEP)
        return due is None or float(due) <= now.timestamp()

    async def note_swept(self, source: SourceName, swept: Swept, doubt: str) -> None:
        """Remember what the last whole sweep found, and why it was not believed."""
        await self.server.call("HSET", self.keys.reconcile(source), SWEPT, write_swept(swept), DOUBT, doubt)

    async def note_sweep(self, source: SourceName, due: datetime) -> None:
        """Remember when the next is due."""
        await self.server.call("HSET", self.keys.reconcile(source), SWEEP, due.timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisBring:
    """Puts leads into the intake as pushes do; see `ports.reconciling.Bring`."""

    pushes: RedisPushLog
    wake: RqWake

    async def bring(self, push: Push, batch: Batch) -> None:
        """Put them safely, and wake who routes them."""
        await asyncio.to_thread(self._bring, push, batch)

    def _bring(self, push: Push, batch: Batch) -> None:
        _, stages = self.pushes.accept(push, batch)
        for stage in stages:
            self.wake.send(stage)


def is_due(server: RedisServer, keys: Keys, source: SourceName, now: datetime) -> bool:
    """Whether a source is to be reconciled; one that never was is."""
    due = server.call("HGET", keys.reconcile(source), DUE)
    return due is None or float(due) <= now.timestamp()


def sweep_doubt(server: RedisServer, keys: Keys, source: SourceName) -> str:
    """Why the last whole sweep was not believed; '' when it was, or there was none."""
    return (server.call("HGET", keys.reconcile(source), DOUBT) or b"").decode()


def trust_of(server: RedisServer, keys: Keys, source: SourceName, since: datetime) -> PushTrust:
    """What was measured of a source's pushes since a moment."""
    return read_runs(server.call("LRANGE", keys.reconciled(source), 0, -1), since)


def _id_of(snapshot: Snapshot) -> str:
    key = lead_key(snapshot.fields)
    return key if key is not None and has_id(key) else ""


def _snapshot(record: bytes | None) -> Snapshot | None:
    with suppress(Unreadable):
        return None if record is None else read_snapshot(record)
    return None
