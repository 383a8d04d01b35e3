"""Streams taken under a lease, each as the stage that drains it wants it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Place
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.store.assigning import RedisAssigner
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.claims import RedisClaims
from hookrouter.store.enriching import RedisEnricher
from hookrouter.store.hydrating import RedisHydrator
from hookrouter.store.intake import RedisIntake
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import Lease, Left, take_lease
from hookrouter.store.outbox import RedisOutbox
from hookrouter.store.pending import RedisPendings
from hookrouter.store.reminding import RedisDueBook
from hookrouter.store.shard import Shard


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """Takes streams for one process, which is known by its token; None means that another process has the stream."""

    server: AsyncRedisServer
    keys: Keys
    token: str
    layouts: Layouts
    keep_snapshots: timedelta
    keep_pushes: timedelta
    keep_rejected: timedelta
    keep_dead: timedelta
    policies: Callable[[SinkName], SinkPolicy]
    clock: Clock
    observer: Observer
    left: Left = field(default_factory=Left)

    async def intake(self, number: int, generation: int = 0) -> RedisIntake | None:
        """Take a stream of the intake."""
        lease = await self._take(self.keys.intake(number, generation))
        if lease is None:
            return None
        return RedisIntake(
            lease=lease,
            keys=self.keys,
            layouts=self.layouts,
            place=Place(number, generation),
            keep_snapshots=self.keep_snapshots,
            keep_pushes=self.keep_pushes,
            keep_rejected=self.keep_rejected,
            clock=self.clock,
            observer=self.observer,
        )

    async def hydrator(self) -> RedisHydrator | None:
        """Take the stream of what waits for the CRM's copies."""
        lease = await self._take(self.keys.hydrate())
        if lease is None:
            return None
        return RedisHydrator(
            lease=lease,
            keys=self.keys,
            layouts=self.layouts,
            keep_rejected=self.keep_rejected,
            observer=self.observer,
        )

    async def assigner(self) -> RedisAssigner | None:
        """Take the stream of what waits for somebody of a team."""
        lease = await self._take(self.keys.assign())
        if lease is None:
            return None
        return RedisAssigner(lease=lease, keys=self.keys, layouts=self.layouts, observer=self.observer)

    async def enricher(self, number: int) -> RedisEnricher | None:
        """Take a stream of what waits for its history."""
        lease = await self._take(self.keys.enrich(number))
        if lease is None:
            return None
        return RedisEnricher(lease=lease, keys=self.keys, layouts=self.layouts, observer=self.observer)

    async def pendings(self, number: int) -> RedisPendings | None:
        """Take a stream of what waits to be decided."""
        lease = await self._take(self.keys.pending(number))
        if lease is None:
            return None
        return RedisPendings(
            lease=lease,
            keys=self.keys,
            layouts=self.layouts,
            keep_rejected=self.keep_rejected,
            clock=self.clock,
            observer=self.observer,
        )

    async def due_book(self) -> RedisDueBook | None:
        """Take the clocks of leads that are due."""
        lease = await self._take(self.keys.reminding())
        return None if lease is None else RedisDueBook(lease=lease, keys=self.keys, layouts=self.layouts)

    async def claims(self) -> RedisClaims | None:
        """Take the stream of clicks that wait."""
        lease = await self._take(self.keys.clicks())
        return None if lease is None else RedisClaims(lease=lease, keys=self.keys, observer=self.observer)

    async def outbox(self, sink: SinkName, number: int = 0, generation: int = 0) -> RedisOutbox | None:
        """Take a shard of a sink's outbox."""
        shard = Shard(self.keys, sink, Place(number, generation))
        lease = await self._take(shard.outbox)
        if lease is None:
            return None
        return RedisOutbox(
            lease=lease,
            keys=self.keys,
            layouts=self.layouts,
            shard=shard,
            order=self.policies(sink).order,
            keep_dead=self.keep_dead,
            observer=self.observer,
        )

    async def _take(self, stream: str) -> Lease | None:
        return await take_lease(self.server, self.keys, stream, self.token, self.left)
