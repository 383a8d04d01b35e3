"""The leases that one walk through all that is kept takes, one at a time, so that it holds up nobody while it waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hookrouter.ports.surroundings import Clock
from hookrouter.store.holding import Holding, held
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """Those of streams, and of a sink's shards by what is new in them.

    Attributes:
        patience: seconds for which each is waited for that somebody has.
        busy: those that were not to be had in all that time, and are waited for no more: a sink that hangs has several
            streams, which all are under the same lease.
    """

    server: RedisServer
    keys: Keys
    clock: Clock
    patience: float
    busy: set[str] = field(default_factory=set)

    @contextmanager
    def held(self, stream: str) -> Iterator[Holding | None]:
        """One of them while the block runs; None if it is not to be had."""
        patience = 0.0 if stream in self.busy else self.patience
        with held(self.server, self.keys, stream, self.clock, patience) as holding:
            if holding is None:
                self.busy.add(stream)
            yield holding
