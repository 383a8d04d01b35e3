"""Histories remembered for minutes, so that a burst of pushes of one lead asks the CRM once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.lead import Json
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.wire.pending import read_timeline, write_timeline
from hookrouter.wire.records import Unreadable

REMEMBERED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisTimelineCache:
    """The cache of histories; see `ports.crm.TimelineCache`."""

    server: AsyncRedisServer
    keys: Keys

    async def get(
        self, lead: str, source: str | None, *, since: datetime | None = None
    ) -> Sequence[Mapping[str, Json]] | None:
        """The remembered history, if there is one that was asked for at that moment or later."""
        record = await self.server.call("GET", self.keys.timeline(lead, source))
        if record is None:
            return None
        try:
            asked_at, events = read_timeline(record)
        except Unreadable:
            return None
        return events if since is None or asked_at >= since else None

    async def put(
        self, lead: str, source: str | None, events: Sequence[Mapping[str, Json]], *, asked_at: datetime
    ) -> None:
        """Remember a history."""
        life = int(REMEMBERED.total_seconds())
        await self.server.call("SET", self.keys.timeline(lead, source), write_timeline(asked_at, events), "EX", life)
