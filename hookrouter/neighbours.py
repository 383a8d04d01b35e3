"""What a worker reaches over the network from its event loop."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from hookrouter.config.model import CrmConfig
from hookrouter.crm.client import CrmClient
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.leases import Leases
from hookrouter.usecases.deliver import DeliverOutbox
from hookrouter.usecases.enrich import EnrichDeliveries

CRM_SECONDS = 15.0
"""The longest one call of the CRM's API may take."""


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


def crm_client(crm: CrmConfig, session: aiohttp.ClientSession) -> CrmClient:
    """A client of the configured CRM."""
    return CrmClient(
        url=crm.url, account_id=crm.account_id, secret_key=crm.secret_key, session=session, timeout=CRM_SECONDS
    )
