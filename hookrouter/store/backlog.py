"""What waits in all streams, counted without taking anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.ids import SinkName
from hookrouter.ports.stages import Stage
from hookrouter.store.keys import Keys
from hookrouter.store.retention import KeptFor
from hookrouter.store.server import RedisServer


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxDepth:
    """One sink's waiting deliveries: in the outbox, among the retries, and how many of those are due."""

    waiting: int
    retrying: int
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisBacklog:
    """The backlog in Redis; see `usecases.kick.Backlog`."""

    server: RedisServer
    keys: Keys
    partitions: int
    kept: KeptFor

    def stages_with_work(self, now: datetime) -> Mapping[Stage, int]:
        """The stages whose streams hold entries, or whose retries are due, with how many."""
        outboxes = self.outboxes(now).values()
        waiting = {
            Stage.HYDRATE: sum(self.partition_depths(Stage.HYDRATE)),
            Stage.ROUTE: sum(self.partition_depths(Stage.ROUTE)),
            Stage.ENRICH: sum(self.partition_depths(Stage.ENRICH)),
            Stage.DELIVER: sum(depth.waiting + depth.due for depth in outboxes),
        }
        return {stage: count for stage, count in waiting.items() if count}

    def partition_depths(self, stage: Stage) -> list[int]:
        """How many entries each partition of a stage holds."""
        if stage is Stage.HYDRATE:
            return self.server.call_all([("XLEN", self.keys.hydrate())])
        stream = self.keys.intake if stage is Stage.ROUTE else self.keys.enrich
        return self.server.call_all([("XLEN", stream(partition)) for partition in range(self.partitions)])

    def outboxes(self, now: datetime) -> dict[SinkName, OutboxDepth]:
        """What waits for each sink that was ever known here."""
        sinks = [
            SinkName(name.decode("utf-8", "replace"))
            for name in sorted(self.server.call("SMEMBERS", self.keys.outboxes()))
        ]
        due = int(now.timestamp() * 1000)
        counts = self.server.call_all(
            [
                command
                for sink in sinks
                for command in (
                    ("XLEN", self.keys.outbox(sink)),
                    ("ZCARD", self.keys.retries(sink)),
                    ("ZCOUNT", self.keys.retries(sink), "-inf", due),
                )
            ]
        )
        return {
            sink: OutboxDepth(waiting=counts[3 * at], retrying=counts[3 * at + 1], due=counts[3 * at + 2])
            for at, sink in enumerate(sinks)
        }

    def know_sinks(self, sinks: Iterable[SinkName]) -> None:
        """Remember sinks, so that their outboxes are looked after even when the configuration forgets them."""
        names = list(sinks)
        if names:
            self.server.call("SADD", self.keys.outboxes(), *names)

    def forget_old(self, now: datetime) -> None:
        """Trim every index to its retention."""
        self.server.call_all(self.kept.trimming(self.keys, now))
