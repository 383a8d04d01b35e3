"""Has a sink tried now that would be tried later."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.ids import SinkName
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import BEHIND
from hookrouter.store.shard import Shard, shards_of
from hookrouter.store.standing import KEPT_FOR, circuit_of, moment_of
from hookrouter.wire.kept.standing import write_circuit

MOST_AT_ONCE = 5000
"""Deliveries that become due in one step; those beyond keep their due times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisRetries:
    """What waits for its next attempt, in Redis; see `usecases.pauses.Retries`."""

    server: RedisServer
    keys: Keys
    layouts: Layouts

    def ask_now(self, sink: SinkName) -> tuple[int, int]:
        """Make all of it due, and end the wait of the sink's circuit; returns how many, and how many wait besides."""
        layout = self.layouts.read(self.server).layout
        asked = [self._ask_shard(shard) for shard in shards_of(self.keys, layout, sink)]
        return sum(due for due, _ in asked), sum(besides for _, besides in asked)

    def _ask_shard(self, shard: Shard) -> tuple[int, int]:
        while (found := self._ask(shard)) is None:
            continue  # a drain has settled meanwhile, and what it found out must not be undone
        return found

    def _ask(self, shard: Shard) -> tuple[int, int] | None:
        sink = shard.sink
        read, time = self.server.call_all([("GET", self.keys.circuit(sink)), ("TIME",)])
        circuit = circuit_of(read)
        asked = circuit.asked_now(moment_of(time))
        keys = [self.keys.circuit(sink), shard.retries, *shard.entries]
        written = b"" if asked is circuit else write_circuit(asked)
        life = int(KEPT_FOR.total_seconds())
        found = self.server.run("retry_now", keys, [read or b"", written, life, BEHIND, MOST_AT_ONCE])
        return None if found is None else (int(found[0]), int(found[1]))
