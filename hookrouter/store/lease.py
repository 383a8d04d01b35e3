"""The right to serve a stream: at most one drain has it, and it expires by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.errors import StoreAway
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.commands import Command, flatten
from hookrouter.store.keys import Keys

LEASE_LIFE = timedelta(seconds=15)
"""A killed drain's stream waits at most this long for the next."""
RENEW_EVERY = 5.0
"""Seconds; a third of a lease's life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease on one stream by the holder of `token`."""

    server: AsyncRedisServer
    key: str
    stream: str
    token: str

    async def write(self, commands: Sequence[Command]) -> bool:
        """Run commands in one atomic step; False, and nothing written, if the lease was lost.

        They add to no stream that the layout tells; those that do, `Layouts.write` runs.
        """
        return bool(await self.server.run("fenced", [self.key], [self.token, *flatten(commands)]))

    async def renew(self) -> bool:
        """Keep it for another while, or take it back if it ran out unseen; False if somebody else has it."""
        return bool(await self.server.run("renew", [self.key], [self.token, _milliseconds(LEASE_LIFE)]))

    @asynccontextmanager
    async def kept(self, every: float = RENEW_EVERY) -> AsyncIterator[None]:
        """Renew it every so many seconds while the block runs; a lost one shows at the next write."""
        keeper = asyncio.create_task(self._keep(every))
        try:
            yield
        finally:
            keeper.cancel()

    async def _keep(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            with suppress(StoreAway):  # the next write will say so
                if not await self.renew():
                    return

    async def release(self) -> bool:
        """Give it back; True if entries wait that nobody serves now."""
        return int(await self.server.run("release", [self.key, self.stream], [self.token])) > 0


async def take_lease(server: AsyncRedisServer, keys: Keys, stream: str, token: str) -> Lease | None:
    """Take the lease of a stream, if nobody else has it."""
    lease = Lease(server=server, key=keys.lease(stream), stream=stream, token=token)
    return lease if await lease.renew() else None


def _milliseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)
