"""Histories and memberships remembered for minutes, so that a burst of pushes of one lead asks the CRM once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.lead import Json
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.wire.kept.pending import read_memberships, read_timeline, write_memberships, write_timeline
from hookrouter.wire.kept.records import Unreadable

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisMembershipCache:
    """The cache of memberships; see `ports.crm.MembershipCache`."""

    server: AsyncRedisServer
    keys: Keys

    async def get(self, leads: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The remembered lists of those leads for which there are some."""
        records = await self.server.call("MGET", *(self.keys.memberships(lead) for lead in leads)) if leads else []
        found = {}
        for lead, record in zip(leads, records, strict=True):
            with suppress(Unreadable):
                if record is not None:
                    found[lead] = read_memberships(record)
        return found

    async def put(self, memberships: Mapping[str, Sequence[str]]) -> None:
        """Remember the lists of leads."""
        life = int(REMEMBERED.total_seconds())
        for lead, names in memberships.items():
            await self.server.call("SET", self.keys.memberships(lead), write_memberships(names), "EX", life)
