"""What a worker reaches over the network to prepare deliveries: one small factory for each stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp

from hookrouter.crm.lead_page import lead_page
from hookrouter.crm.leads import CrmLeadCopies
from hookrouter.crm.memberships import CrmMemberships
from hookrouter.crm.timeline import CrmHistory
from hookrouter.domain.quota import Purpose
from hookrouter.domain.routing import RouteTable
from hookrouter.ports.stages import Wake
from hookrouter.ports.turns import LONGEST_OF_A_RATE
from hookrouter.ports.watching import Look
from hookrouter.runtime.connections import Connections
from hookrouter.runtime.crm_side import CrmSide
from hookrouter.runtime.lookout import look_of
from hookrouter.runtime.reconcile_side import Reconciling, reconciling_of
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.leases import Leases
from hookrouter.store.timelines import RedisMembershipCache, RedisTimelineCache
from hookrouter.usecases.assign import AssignLeads
from hookrouter.usecases.enriching.asking import Asking
from hookrouter.usecases.enriching.decide import DecidePending
from hookrouter.usecases.enriching.enrich import EnrichDeliveries
from hookrouter.usecases.enriching.histories import Histories
from hookrouter.usecases.enriching.known import Telling
from hookrouter.usecases.hydrate import HydrateLeads
from hookrouter.usecases.reminding.latest import LatestLeads
from hookrouter.usecases.reminding.remind import Remind
from hookrouter.usecases.routing.route import RouteLeads


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSide:
    """The use cases that prepare deliveries, with their connections."""

    should_stop: Callable[[], bool]
    leases: Leases
    hydrate: HydrateLeads
    route: RouteLeads
    assign: AssignLeads
    enrich: EnrichDeliveries
    decide: DecidePending
    remind: Remind
    reconciling: Reconciling | None
    watching: Look | None
    store: AsyncRedisServer
    sessions: Sequence[aiohttp.ClientSession]

    async def close(self) -> None:
        """Close all connections."""
        for session in self.sessions:
            await session.close()
        await self.store.close()


def open_lead_side(parts: Connections, wake: Wake, should_stop: Callable[[], bool]) -> LeadSide:
    """The stages by the configuration of this moment; called on the event loop that they will live on."""
    store = AsyncRedisServer(parts.url)
    crm = CrmSide(parts=parts, store=store, should_stop=should_stop)
    reconciled = parts.config.crm.reconcile if parts.config.crm else None
    return LeadSide(
        should_stop=should_stop,
        leases=parts.leases(store),
        hydrate=_hydrate(crm, wake),
        route=router(parts, wake, should_stop),
        assign=_assign(parts, wake, should_stop),
        enrich=_enrich(crm),
        decide=_decide(crm, wake),
        remind=_remind(crm, wake),
        watching=look_of(parts, store, crm.sessions),
        reconciling=None if reconciled is None else reconciling_of(crm, reconciled),
        store=store,
        sessions=crm.sessions,
    )


def router(parts: Connections, wake: Wake, should_stop: Callable[[], bool]) -> RouteLeads:
    """The route stage, by the configuration of this moment."""
    return RouteLeads(
        table=RouteTable(parts.config.routes),
        wake=wake,
        clock=parts.clock,
        observer=parts.observer,
        should_stop=should_stop,
        revision=parts.config.revision,
        knows_echoes=parts.config.writes_to_crm,
        canary=parts.canary,
        days=parts.days,
    )


def _hydrate(crm: CrmSide, wake: Wake) -> HydrateLeads:
    client = crm.client()
    return HydrateLeads(
        copies=None if client is None else CrmLeadCopies(client),
        turns=crm.turns(Purpose.READ_BACK),
        wake=wake,
        clock=crm.parts.clock,
        observer=crm.parts.observer,
        should_stop=crm.should_stop,
        bounds=crm.parts.config.receiver.bounds,
    )


def _assign(parts: Connections, wake: Wake, should_stop: Callable[[], bool]) -> AssignLeads:
    return AssignLeads(
        teams=parts.config.teams,
        revisions=frozenset(parts.revisions),
        wake=wake,
        observer=parts.observer,
        should_stop=should_stop,
    )


def _enrich(crm: CrmSide) -> EnrichDeliveries:
    client, parts = crm.client(), crm.parts
    asking = Asking(
        history=None if client is None else CrmHistory(client),
        memberships=None if client is None else CrmMemberships(client),
        timelines=RedisTimelineCache(server=crm.store, keys=parts.keys),
        lists=RedisMembershipCache(server=crm.store, keys=parts.keys),
        turns=crm.turns(Purpose.ENRICHMENT, LONGEST_OF_A_RATE),
        clock=parts.clock,
        observer=parts.observer,
    )
    return EnrichDeliveries(
        asking=asking,
        telling=Telling(clock=parts.clock, observer=parts.observer),
        clock=parts.clock,
        observer=parts.observer,
        should_stop=crm.should_stop,
    )


def _decide(crm: CrmSide, wake: Wake) -> DecidePending:
    parts = crm.parts
    return DecidePending(
        table=RouteTable(parts.config.routes),
        revision=parts.config.revision,
        histories=_histories(crm),
        wake=wake,
        clock=parts.clock,
        observer=parts.observer,
        telling=Telling(clock=parts.clock, observer=parts.observer),
        days=parts.days,
        should_stop=crm.should_stop,
    )


def _remind(crm: CrmSide, wake: Wake) -> Remind:
    client, parts = crm.client(), crm.parts
    latest = LatestLeads(
        copies=None if client is None else CrmLeadCopies(client),
        turns=crm.turns(Purpose.READ_BACK, LONGEST_OF_A_RATE),
        clock=parts.clock,
        observer=parts.observer,
        source=None if crm.crm is None else crm.crm.source,
        bounds=parts.config.receiver.bounds,
    )
    return Remind(
        table=RouteTable(parts.config.routes),
        revision=parts.config.revision,
        latest=latest,
        lead_link=lead_page,
        wake=wake,
        observer=parts.observer,
        should_stop=crm.should_stop,
        teams=parts.config.teams,
    )


def _histories(crm: CrmSide) -> Histories | None:
    client = crm.client()
    if client is None:
        return None
    return Histories(
        history=CrmHistory(client),
        cache=RedisTimelineCache(server=crm.store, keys=crm.parts.keys),
        turns=crm.turns(Purpose.ENRICHMENT, LONGEST_OF_A_RATE),
        clock=crm.parts.clock,
    )
