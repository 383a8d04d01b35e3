"""Who is alive: each process says so every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

BEAT_EVERY = timedelta(seconds=5)
GONE_AFTER = timedelta(seconds=20)
"""Four beats: one lost beat must not make a process look dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """The heartbeats of all processes, as members `role:name` scored by their last beat."""

    server: RedisServer
    keys: Keys

    def beat(self, role: str, name: str, now: datetime) -> None:
        """Say that a process lives, forgetting those long gone."""
        key = self.keys.heartbeats()
        self.server.transaction(
            [
                ("ZADD", key, now.timestamp(), f"{role}:{name}"),
                ("ZREMRANGEBYSCORE", key, "-inf", (now - 10 * GONE_AFTER).timestamp()),
                ("EXPIRE", key, int(20 * GONE_AFTER.total_seconds())),
            ]
        )

    def leave(self, role: str, name: str) -> None:
        """Say that a process ended in order."""
        self.server.call("ZREM", self.keys.heartbeats(), f"{role}:{name}")

    def alive(self, now: datetime) -> dict[str, int]:
        """How many processes of each role live."""
        found = self.server.call("ZRANGEBYSCORE", self.keys.heartbeats(), (now - GONE_AFTER).timestamp(), "+inf")
        counts: dict[str, int] = {}
        for member in found:
            role = member.decode().split(":", 1)[0]
            counts[role] = counts.get(role, 0) + 1
        return counts
