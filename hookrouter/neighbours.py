"""What a worker reaches over the network from its event loops, to prepare deliveries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import aiohttp

from hookrouter.config.model import CrmConfig, ReconcileConfig
from hookrouter.crm.changes import CrmActiveLeads, CrmChanges
from hookrouter.crm.client import CrmClient, at_once, open_crm_session
from hookrouter.crm.leads import CrmLeadCopies
from hookrouter.crm.memberships import CrmMemberships
from hookrouter.crm.timeline import CrmHistory
from hookrouter.domain.bounds import Bounds
from hookrouter.domain.errors import ConfigurationError, CrmAway, CrmRefused, HookrouterError
from hookrouter.domain.ids import SourceName
from hookrouter.domain.quota import USUAL_DAILY_CALLS, Purpose
from hookrouter.domain.reconciling import ReconcileTally
from hookrouter.domain.routing import RouteTable
from hookrouter.ports.stages import Wake
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.ports.turns import LONGEST_OF_A_RATE, Turns
from hookrouter.ports.watching import Look
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.crm_calls import CrmTurns, HeardCounts
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease
from hookrouter.store.leases import Leases
from hookrouter.store.reconciling import RedisBring, RedisKnownLeads, RedisReconcileMemory
from hookrouter.store.timelines import RedisMembershipCache, RedisTimelineCache
from hookrouter.usecases.enriching.asking import Asking
from hookrouter.usecases.enriching.decide import DecidePending
from hookrouter.usecases.enriching.enrich import EnrichDeliveries
from hookrouter.usecases.enriching.histories import Histories
from hookrouter.usecases.enriching.known import Telling
from hookrouter.usecases.hydrate import HydrateLeads
from hookrouter.usecases.reconciling.reading import ChangeReader
from hookrouter.usecases.reconciling.reconcile import Reconcile, Tell
from hookrouter.usecases.reconciling.sweep import Sweep
from hookrouter.usecases.route import RouteLeads

NO_CRM = "the configuration has no `crm` section: give its account_id and secret_key there"
CRM_SECONDS = 15.0
"""The longest one call of the CRM's API may take."""


class UnderWay(HookrouterError):  # noqa: N818 - it reads as what happened
    """Another process does the same at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciling:
    """Reconcile as a worker does it: of one source, under a lease."""

    source: SourceName
    case: Reconcile
    lease: Callable[[], Awaitable[Lease | None]]
    sweep: Sweep | None = None

    async def run_if_free(self) -> None:
        """Reconcile once, unless another process does, and sweep if that is due.

        A CRM that is away has it done again soon.
        """
        with suppress(UnderWay, CrmAway, CrmRefused):  # a fault is reported, and the run due again in a minute
            async with self._alone():
                await self.case.run(self.source)
                if self.sweep is not None:
                    await self.sweep.run_if_due(self.source)

    async def run(
        self, *, since: datetime | None = None, is_dry: bool = False, tell: Tell | None = None
    ) -> ReconcileTally:
        """Reconcile once.

        Raises:
            UnderWay: another process does.
            CrmAway: the CRM does not answer.
            CrmRefused: it refuses.
        """
        async with self._alone():
            return await self.case.run(self.source, since=since, is_dry=is_dry, tell=tell)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        lease = await self.lease()
        if lease is None:
            raise UnderWay("another process reconciles at this moment; try again when it has ended")
        try:
            async with lease.kept():
                yield
        finally:
            await lease.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSide:
    """The use cases that prepare deliveries, with their connections."""

    should_stop: Callable[[], bool]
    leases: Leases
    hydrate: HydrateLeads
    route: RouteLeads
    enrich: EnrichDeliveries
    decide: DecidePending
    reconciling: Reconciling | None
    watching: Look | None
    store: AsyncRedisServer
    sessions: Sequence[aiohttp.ClientSession]

    async def close(self) -> None:
        """Close all connections."""
        for session in self.sessions:
            await session.close()
        await self.store.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileParts:
    """What reconcile has in Redis."""

    memory: RedisReconcileMemory
    bring: RedisBring


@dataclass(slots=True, kw_only=True)
class CrmSide:
    """What the use cases that ask the CRM are made of; they share one session and take their turns in one queue."""

    crm: CrmConfig | None
    sessions: list[aiohttp.ClientSession]
    store: AsyncRedisServer
    keys: Keys
    clock: Clock
    observer: Observer
    should_stop: Callable[[], bool]
    heard: HeardCounts = field(default_factory=HeardCounts)

    def __post_init__(self) -> None:
        """Open the session among `sessions`, if there is a CRM."""
        if self.crm is not None:
            self.sessions.append(open_crm_session())

    def hydrate(self, wake: Wake, bounds: Bounds) -> HydrateLeads:
        """The use case of the hydrate stage."""
        client = self._client()
        return HydrateLeads(
            copies=None if client is None else CrmLeadCopies(client),
            turns=self._turns(Purpose.READ_BACK),
            wake=wake,
            clock=self.clock,
            observer=self.observer,
            should_stop=self.should_stop,
            bounds=bounds,
        )

    def enrich(self) -> EnrichDeliveries:
        """The use case of the enrich stage."""
        client = self._client()
        asking = Asking(
            history=None if client is None else CrmHistory(client),
            memberships=None if client is None else CrmMemberships(client),
            timelines=RedisTimelineCache(server=self.store, keys=self.keys),
            lists=RedisMembershipCache(server=self.store, keys=self.keys),
            turns=self._hasty_turns(),
            clock=self.clock,
            observer=self.observer,
        )
        return EnrichDeliveries(
            asking=asking,
            telling=Telling(clock=self.clock, observer=self.observer),
            clock=self.clock,
            observer=self.observer,
            should_stop=self.should_stop,
        )

    def decide(self, wake: Wake, table: RouteTable, revision: str) -> DecidePending:
        """The use case that tells the routes which the history must tell."""
        client = self._client()
        return DecidePending(
            table=table,
            revision=revision,
            histories=None if client is None else self._histories(client),
            wake=wake,
            clock=self.clock,
            observer=self.observer,
            telling=Telling(clock=self.clock, observer=self.observer),
            should_stop=self.should_stop,
        )

    def reconcile(self, wanted: ReconcileConfig, parts: ReconcileParts, bounds: Bounds) -> Reconcile:
        """The use case that brings what no push brought.

        Raises:
            ConfigurationError: no CRM is configured.
        """
        client = self._client()
        if client is None:
            raise ConfigurationError(NO_CRM)
        return Reconcile(
            reader=ChangeReader(
                changes=CrmChanges(client),
                turns=self._turns(Purpose.RECONCILE),
            ),
            memory=parts.memory,
            bring=parts.bring,
            clock=self.clock,
            observer=self.observer,
            every=wanted.every,
            overlap=wanted.overlap,
            bounds=bounds,
        )

    def sweep(self, every: timedelta, parts: ReconcileParts, bounds: Bounds) -> Sweep | None:
        """The use case that finds what is deleted; None without a CRM."""
        if self.crm is None:
            return None
        client = crm_client(self.crm, self.sessions[-1], self.heard, self._turns(Purpose.RECONCILE).wait)
        return Sweep(
            active=CrmActiveLeads(client),
            copies=CrmLeadCopies(client),
            known=RedisKnownLeads(server=self.store, keys=self.keys),
            bring=parts.bring,
            clock=self.clock,
            observer=self.observer,
            every=every,
            bounds=bounds,
        )

    def _histories(self, client: CrmClient) -> Histories:
        return Histories(
            history=CrmHistory(client),
            cache=RedisTimelineCache(server=self.store, keys=self.keys),
            turns=self._hasty_turns(),
            clock=self.clock,
        )

    def _turns(self, purpose: Purpose) -> Turns:
        permits = crm_turns(self.store, self.keys, self.crm, purpose, self.heard)
        return Turns(permits=permits, clock=self.clock, should_stop=self.should_stop)

    def _hasty_turns(self) -> Turns:
        """Turns for those who come again when the day's calls are spent, rather than keep a worker busy."""
        return replace(self._turns(Purpose.ENRICHMENT), longest=LONGEST_OF_A_RATE)

    def _client(self) -> CrmClient | None:
        return None if self.crm is None else crm_client(self.crm, self.sessions[-1], self.heard)


def crm_turns(
    server: AsyncRedisServer, keys: Keys, crm: CrmConfig | None, purpose: Purpose, heard: HeardCounts | None = None
) -> CrmTurns:
    """Turns at the CRM for a purpose; `heard` is what the client hears of its counts."""
    return CrmTurns(
        server=server,
        keys=keys,
        rate=crm.rate_limit if crm else 1.0,
        daily_limit=crm.daily_limit if crm else USUAL_DAILY_CALLS,
        purpose=purpose,
        heard=heard or HeardCounts(),
    )


def crm_client(
    crm: CrmConfig,
    session: aiohttp.ClientSession,
    heard: HeardCounts | None = None,
    turn: Callable[[], Awaitable[None]] = at_once,
) -> CrmClient:
    """A client of the configured CRM, which awaits `turn` and tells `heard` what it hears of the account's calls."""
    heard = heard or HeardCounts()
    return CrmClient(
        url=crm.url,
        account_id=crm.account_id,
        secret_key=crm.secret_key,
        session=session,
        timeout=CRM_SECONDS,
        times=crm.times,
        turn=turn,
        on_answer=heard.note,
        on_spent=heard.note_spent,
    )
