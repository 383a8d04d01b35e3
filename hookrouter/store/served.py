"""How many of the shared streams each worker serves, for those who look at the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Layout
from hookrouter.ports.stages import Stage
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import shards_of
from hookrouter.store.turns import holder_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedLook:
    """One look at it, by what workers tell one another and by their leases: they do nothing more for it."""

    server: RedisServer
    keys: Keys
    layouts: Layouts

    def at(self, sinks: Sequence[SinkName]) -> dict[Stage, dict[str, int]]:
        """How many streams each worker that lives serves, of the intake and of the outboxes of some sinks."""
        layout, (routing, delivering, *tokens) = self.layouts.ask(
            self.server,
            lambda layout: [
                ("ZRANGE", self.keys.sharing(Stage.ROUTE), 0, -1),
                ("ZRANGE", self.keys.sharing(Stage.DELIVER), 0, -1),
                *(("GET", self.keys.lease(stream)) for stream in self._streams(layout, sinks)),
            ],
        )
        intakes = len(layout.intakes)
        return {
            Stage.ROUTE: _counted(routing, tokens[:intakes]),
            Stage.DELIVER: _counted(delivering, tokens[intakes:]),
        }

    def _streams(self, layout: Layout, sinks: Sequence[SinkName]) -> list[str]:
        intakes = [self.keys.intake(*place) for place in layout.intakes]
        return intakes + [shard.outbox for sink in sinks for shard in shards_of(self.keys, layout, sink)]


def _counted(workers: Iterable[bytes], tokens: Iterable[bytes | None]) -> dict[str, int]:
    """How many of some leases each worker has; who has one and is none of them, such as a command, is left out."""
    counts = Counter(holder_of(token) for token in tokens if token)
    return {name: counts[name] for name in sorted(worker.decode() for worker in workers)}
