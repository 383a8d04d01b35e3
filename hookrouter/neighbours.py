"""What a worker reaches over the network from its event loop."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.leases import Leases
from hookrouter.usecases.deliver import DeliverOutbox
from hookrouter.usecases.enrich import EnrichDeliveries


@dataclass(slots=True, kw_only=True)
class Neighbours:
    """The use cases that reach other machines, with their connections."""

    leases: Leases
    deliver: DeliverOutbox
    enrich: EnrichDeliveries
    store: AsyncRedisServer
    sessions: list[aiohttp.ClientSession]

    async def close(self) -> None:
        """Close all connections."""
        for session in self.sessions:
            await session.close()
        await self.store.close()
