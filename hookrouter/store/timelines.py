"""Histories remembered for minutes, so that a burst of pushes of one lead asks the CRM once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson

from hookrouter.domain.lead import Json
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys

REMEMBERED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisTimelineCache:
    """The cache of histories; see `ports.crm.TimelineCache`."""

    server: AsyncRedisServer
    keys: Keys

    async def get(self, lead: str, source: str | None) -> Sequence[Mapping[str, Json]] | None:
        """The remembered history, if there is one."""
        record = await self.server.call("GET", self.keys.timeline(lead, source))
        if record is None:
            return None
        events: list[Mapping[str, Json]] = orjson.loads(record)
        return events

    async def put(self, lead: str, source: str | None, events: Sequence[Mapping[str, Json]]) -> None:
        """Remember a history."""
        life = int(REMEMBERED.total_seconds())
        await self.server.call("SET", self.keys.timeline(lead, source), orjson.dumps(list(events)), "EX", life)
