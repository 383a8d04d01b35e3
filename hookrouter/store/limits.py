"""Rates that all processes keep together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisRateLimit:
    """A token bucket in Redis; see `ports.crm.RateLimit`. `rate` in permits a second."""

    server: AsyncRedisServer
    keys: Keys
    name: str
    rate: float

    async def take(self) -> timedelta:
        """Take a permit: zero if there was one, else how long to wait before asking again."""
        size = max(1.0, self.rate)
        wait = await self.server.run("permit", [self.keys.permits(self.name)], [self.rate, size])
        return timedelta(milliseconds=int(wait))
