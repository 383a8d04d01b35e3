"""Rates that all processes keep together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisRateLimit:
    """A token bucket in Redis; see `ports.RateLimit`. `rate` in permits a second."""

    server: RedisServer
    keys: Keys
    name: str
    rate: float

    def take(self) -> timedelta:
        """Take a permit: zero if there was one, else how long to wait before asking again."""
        size = max(1.0, self.rate)
        return timedelta(milliseconds=int(self.server.run("permit", [self.keys.permits(self.name)], [self.rate, size])))
