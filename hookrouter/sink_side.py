"""What a worker reaches over the network to deliver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp

from hookrouter.config.model import Config
from hookrouter.crm.lead_page import lead_page
from hookrouter.crm.objects import CrmObjectWrites
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.quota import Purpose
from hookrouter.neighbours import crm_client, crm_turns
from hookrouter.net.terms import Terms
from hookrouter.ports.crm import CrmWriter
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.sinks.configured import ConfiguredSinks
from hookrouter.sinks.kinds import SinkTools
from hookrouter.sinks.registry import load_sink_types
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.crm_calls import HeardCounts
from hookrouter.store.keys import Keys
from hookrouter.store.leases import Leases
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


def configured_sinks(
    config: Config, clock: Clock, session: Callable[[], aiohttp.ClientSession], crm: CrmWriter | None = None
) -> ConfiguredSinks:
    """The sinks of the configuration; `session` is asked for when one sends, `crm` writes for those of its type."""

    def tools(policy: SinkPolicy) -> SinkTools:
        return SinkTools(
            session=session,
            smtp=config.smtp,
            clock=clock,
            timeout=policy.timeout,
            terms=Terms.of(connect_timeout=policy.connect_timeout, read_timeout=policy.read_timeout),
            lead_link=lead_page,
            crm=crm,
        )

    sinks = config.sinks.values()
    return ConfiguredSinks.build(
        [(sink.name, sink.type, sink.options, sink.variants, tools(sink.policy)) for sink in sinks], load_sink_types()
    )


def crm_writer(
    config: Config,
    session: aiohttp.ClientSession,
    *,
    store: AsyncRedisServer,
    keys: Keys,
    clock: Clock,
    observer: Observer,
) -> WriteBack | None:
    """Who writes to the CRM for all sinks of one event loop; None where no CRM is configured."""
    if config.crm is None:
        return None
    heard = HeardCounts()
    turns = DeliveryTurns(permits=crm_turns(store, keys, config.crm, Purpose.DELIVERY, heard))
    return WriteBack(
        objects=CrmObjectWrites(crm_client(config.crm, session, heard, turns)),
        memory=RedisWriteMemory(server=store, keys=keys, sources=tuple(config.receiver.sources), clock=clock),
        observer=observer,
    )
