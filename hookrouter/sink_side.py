"""What a worker reaches over the network to deliver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp

from hookrouter.config.model import Config
from hookrouter.connections import Connections
from hookrouter.crm.lead_page import LEADS_PAGE, lead_page
from hookrouter.crm.objects import CrmObjectWrites
from hookrouter.crm_side import CrmSide, crm_turns
from hookrouter.domain.echo import Discretion
from hookrouter.domain.personal import Mask
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.quota import Purpose
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.net.terms import Terms
from hookrouter.ports.crm import CrmWriter
from hookrouter.ports.living_messages import LivingMessages
from hookrouter.ports.surroundings import Clock
from hookrouter.sinks.configured import ConfiguredSinks
from hookrouter.sinks.kinds import SinkTools
from hookrouter.sinks.registry import load_sink_types
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.leases import Leases
from hookrouter.store.limits import sink_rate
from hookrouter.store.living_messages import RedisLivingMessages
from hookrouter.store.write_memory import RedisWriteMemory
from hookrouter.usecases.delivering.deliver import DeliverOutbox
from hookrouter.usecases.write_back import DeliveryTurns, WriteBack


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSide:
    """The use case that delivers, with its connections."""

    should_stop: Callable[[], bool]
    leases: Leases
    deliver: DeliverOutbox
    store: AsyncRedisServer
    sessions: Sequence[aiohttp.ClientSession]

    async def close(self) -> None:
        """Close all connections."""
        for session in self.sessions:
            await session.close()
        await self.store.close()


def open_sink_side(parts: Connections, should_stop: Callable[[], bool]) -> SinkSide:
    """Delivering by the configuration of this moment; called on the event loop that it will live on."""
    store = AsyncRedisServer(parts.url)
    crm = CrmSide(parts=parts, store=store, should_stop=should_stop) if parts.config.writes_to_crm else None
    session = open_session(EgressGuard(parts.config.egress_allow))
    writer = None if crm is None else _crm_writer(crm)
    return SinkSide(
        should_stop=should_stop,
        leases=parts.leases(store),
        deliver=DeliverOutbox(
            sinks=configured_sinks(
                parts.config,
                parts.clock,
                lambda: session,
                writer,
                RedisLivingMessages(server=store, keys=parts.keys),
            ),
            policies=parts.policy_of,
            rates=lambda sink, policy: sink_rate(store, parts.keys, sink, policy),
            clock=parts.clock,
            observer=parts.observer,
            should_stop=should_stop,
            revisions=frozenset(parts.revisions),
            hours=parts.hours,
            discretion=Discretion(Mask(frozenset(parts.config.redact))),
        ),
        store=store,
        sessions=[session, *([] if crm is None else crm.sessions)],
    )


def configured_sinks(
    config: Config,
    clock: Clock,
    session: Callable[[], aiohttp.ClientSession],
    crm: CrmWriter | None = None,
    messages: LivingMessages | None = None,
) -> ConfiguredSinks:
    """The sinks of the configuration.

    Args:
        config: of this moment.
        clock: the time.
        session: asked for when one sends.
        crm: writes for those of its type.
        messages: remembers by which message a lead was told of.
    """

    def tools(policy: SinkPolicy) -> SinkTools:
        return SinkTools(
            session=session,
            smtp=config.smtp,
            clock=clock,
            timeout=policy.timeout,
            terms=Terms.of(connect_timeout=policy.connect_timeout, read_timeout=policy.read_timeout),
            lead_link=lead_page,
            list_link=LEADS_PAGE,
            digest=policy.digest,
            crm=crm,
            messages=messages,
        )

    sinks = config.sinks.values()
    return ConfiguredSinks.build(
        [(sink.name, sink.type, sink.options, sink.variants, tools(sink.policy)) for sink in sinks], load_sink_types()
    )


def _crm_writer(crm: CrmSide) -> WriteBack | None:
    """Who writes to the CRM for all sinks of one event loop; None where no CRM is configured."""
    turns = DeliveryTurns(permits=crm_turns(crm.store, crm.parts.keys, crm.crm, Purpose.DELIVERY, crm.heard))
    client = crm.client(turns)
    if client is None:
        return None
    sources, parts = tuple(crm.parts.config.receiver.sources), crm.parts
    return WriteBack(
        objects=CrmObjectWrites(client),
        memory=RedisWriteMemory(server=crm.store, keys=parts.keys, sources=sources, clock=parts.clock),
        observer=parts.observer,
    )
