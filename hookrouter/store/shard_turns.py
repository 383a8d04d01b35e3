"""Who serves the shards of busy sinks, and which workers would serve more than they have."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.store.keys import Keys
from hookrouter.store.presence import Presence
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard

SEEKS_FOR = timedelta(seconds=5)
"""So long a worker that seeks counts as one: it says so again at each look."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Of some shards those that somebody serves, how many workers live, and whether others than the asker seek."""

    served: Collection[Shard]
    workers: int
    others_seek: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisShardTurns:
    """Shards and workers in Redis, as one of the workers sees them."""

    server: RedisServer
    keys: Keys
    presence: Presence
    worker: str

    def look(self, shards: Sequence[Shard], now: datetime) -> Turns:
        """How things stand at a moment."""
        least = (now - SEEKS_FOR).timestamp()
        seekers, *leases = self.server.call_all(
            [
                ("ZRANGEBYSCORE", self.keys.shard_seekers(), least, "+inf"),
                *(("EXISTS", self.keys.lease(shard.outbox)) for shard in shards),
            ]
        )
        served = {shard for shard, is_leased in zip(shards, leases, strict=True) if is_leased}
        others = {name.decode() for name in seekers} - {self.worker}
        return Turns(served, self.presence.alive(now).get("worker", 0), bool(others))

    def seek(self, now: datetime) -> None:
        """Say that this worker would serve more."""
        key = self.keys.shard_seekers()
        self.server.transaction(
            [
                ("ZADD", key, now.timestamp(), self.worker),
                ("ZREMRANGEBYSCORE", key, "-inf", (now - SEEKS_FOR).timestamp()),
                ("EXPIRE", key, 60),
            ]
        )
