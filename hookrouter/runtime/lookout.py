"""The lookout: watching over the CRM's pushes, joined from its parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from hookrouter.config.model import Config
from hookrouter.crm.canary import CrmCage
from hookrouter.crm.client import CrmClient
from hookrouter.crm.subscription import CrmSubscriptions
from hookrouter.domain.canary import Canary
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.quota import Purpose
from hookrouter.domain.watch_report import WatchPlan
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.runtime.connections import Connections
from hookrouter.runtime.crm_side import NO_CRM, crm_client, crm_turns, turn_soon
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.crm_calls import HeardCounts
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease
from hookrouter.store.server import RedisServer
from hookrouter.store.watching import RedisWatchMemory
from hookrouter.usecases.watching.flight import Flights
from hookrouter.usecases.watching.verify import Verify
from hookrouter.usecases.watching.watch import Watch

NO_CANARY = "crm.canary is not configured: name the id of a lead there, as in `canary: {lead: 718281920514}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """Watch as a worker does it: under a lease."""

    case: Watch
    lease: Callable[[], Awaitable[Lease | None]]

    async def run_if_free(self) -> None:
        """Look once, unless another process does."""
        lease = await self.lease()
        if lease is None:
            return
        try:
            async with lease.kept():
                await self.case.run()
        finally:
            await lease.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """Makes the use cases of watching, over the connections of a process."""

    config: Config
    plan: WatchPlan
    store: AsyncRedisServer
    desk: RedisServer
    keys: Keys
    clock: Clock
    observer: Observer
    session: aiohttp.ClientSession

    @property
    def memory(self) -> RedisWatchMemory:
        """What is remembered in Redis."""
        return RedisWatchMemory(server=self.store, desk=self.desk, keys=self.keys)

    def watching(self, token: str) -> Watching:
        """Watch, under a lease that is known by a token."""
        client, memory = self.client(), self.memory
        case = Watch(
            source=self.plan.source,
            address=self.plan.address,
            when=self.plan.when,
            flights=None if self.plan.canary is None else self._flights(self.plan.canary, client),
            memory=memory,
            subscriptions=CrmSubscriptions(client),
            clock=self.clock,
            observer=self.observer,
        )
        return Watching(case=case, lease=lambda: memory.lease(self.plan.source, token))

    def verify(self) -> Verify:
        """Verify the way of a push.

        Raises:
            ConfigurationError: there is no canary.
        """
        if self.plan.canary is None:
            raise ConfigurationError(NO_CANARY)
        flights = self._flights(self.plan.canary, self.client())
        return Verify(flights=flights, memory=self.memory, clock=self.clock)

    @property
    def usual_patience(self) -> timedelta:
        """How long a canary's push may take."""
        return timedelta() if self.plan.canary is None else self.plan.canary.within

    def client(self) -> CrmClient:
        """A client of the CRM that waits for its turns, as for a person.

        Raises:
            ConfigurationError: no CRM is configured.
        """
        if self.config.crm is None:
            raise ConfigurationError(NO_CRM)
        heard = HeardCounts()
        turns = crm_turns(self.store, self.keys, self.config.crm, Purpose.OPERATOR, heard)
        return crm_client(self.config.crm, self.session, heard, turn=lambda: turn_soon(turns))

    def _flights(self, canary: Canary, client: CrmClient) -> Flights:
        return Flights(canary=canary, cage=CrmCage(client), memory=self.memory, clock=self.clock)


def lookout_of(parts: Connections, store: AsyncRedisServer, session: aiohttp.ClientSession) -> Lookout | None:
    """What watches over the CRM's pushes, over these connections; None where nothing is to be watched."""
    plan = parts.watch_plan
    if plan is None:
        return None
    return Lookout(
        config=parts.config,
        plan=plan,
        store=store,
        desk=parts.server,
        keys=parts.keys,
        clock=parts.clock,
        observer=parts.observer,
        session=session,
    )


def look_of(parts: Connections, store: AsyncRedisServer, sessions: Sequence[aiohttp.ClientSession]) -> Watching | None:
    """A worker's look, over the connections with which it prepares deliveries."""
    lookout = lookout_of(parts, store, sessions[-1]) if sessions else None
    return None if lookout is None else lookout.watching(parts.clock.new_id(parts.process))
