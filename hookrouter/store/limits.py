"""Rates that all processes keep together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.ids import SinkName
from hookrouter.domain.policy import SinkPolicy
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys

SINK_BURST = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisRateLimit:
    """A token bucket in Redis; see `ports.crm.RateLimit` and `ports.sinks.SharedRate`.

    Attributes:
        rate: permits a second.
        burst: the bucket holds what the rate gives in this time, and one permit at least.
    """

    server: AsyncRedisServer
    keys: Keys
    name: str
    rate: float
    burst: timedelta = timedelta(seconds=1)

    async def take(self) -> timedelta:
        """Take a permit: zero if there was one, else how long to wait before asking again."""
        _, wait = await self.take_up_to(1)
        return wait

    async def take_up_to(self, wanted: int) -> tuple[int, timedelta]:
        """Take so many permits or as many as there are; how many, and how long to wait before asking again if none."""
        size = max(1.0, self.rate * self.burst.total_seconds())
        arguments = [self.rate, size, wanted]
        taken, wait = await self.server.run("permit", [self.keys.permits(self.name)], arguments)
        return int(taken), timedelta(milliseconds=int(wait))


def sink_rate(server: AsyncRedisServer, keys: Keys, sink: SinkName, policy: SinkPolicy) -> RedisRateLimit | None:
    """The rate of a sink, or of the place that it leads to; None when it has none.

    In bursts of a tenth of a second, so that it holds over each second and not on average.
    """
    if policy.rate_limit is None:
        return None
    name = f"place:{policy.rate_place}" if policy.rate_place else f"sink:{sink}"
    return RedisRateLimit(server=server, keys=keys, name=name, rate=policy.rate_limit, burst=SINK_BURST)
