"""What a worker reaches over the network to deliver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import aiohttp

from hookrouter.config.model import Config
from hookrouter.crm.lead_page import LEADS_PAGE, lead_page
from hookrouter.crm.objects import CrmObjectWrites
from hookrouter.domain.echo import Discretion
from hookrouter.domain.ids import DeliveryId, PushId
from hookrouter.domain.objective import objectives_of
from hookrouter.domain.personal import Mask
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.quota import Purpose
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.net.terms import Terms
from hookrouter.ports.claims import ClaimMemory
from hookrouter.ports.crm import CrmWriter
from hookrouter.ports.living_messages import LivingMessages
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.runtime.connections import Connections
from hookrouter.runtime.crm_side import CrmSide, crm_turns
from hookrouter.sinks.configured import ConfiguredSinks
from hookrouter.sinks.kinds import SinkTools
from hookrouter.sinks.registry import load_sink_types
from hookrouter.sinks.slack_chat import SlackChat
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.claims import RedisClaimMemory
from hookrouter.store.leases import Leases
from hookrouter.store.limits import sink_rate
from hookrouter.store.living_messages import RedisLivingMessages
from hookrouter.store.write_memory import RedisWriteMemory
from hookrouter.telemetry.observer import Observers
from hookrouter.usecases.claiming.settle import SettleClaims
from hookrouter.usecases.delivering.counting import Counting
from hookrouter.usecases.delivering.deliver import DeliverOutbox
from hookrouter.usecases.write_back import DeliveryTurns, WriteBack


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSide:
    """The use case that delivers, with its connections."""

    should_stop: Callable[[], bool]
    leases: Leases
    deliver: DeliverOutbox
    claims: SettleClaims
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
    memory = _chat_memory(parts, store)
    sinks = configured_sinks(parts.config, parts.clock, lambda: session, writer, memory, trace=_trace(parts.observer))
    return SinkSide(
        should_stop=should_stop,
        leases=parts.leases(store),
        deliver=DeliverOutbox(
            sinks=sinks,
            policies=parts.policy_of,
            rates=lambda sink, policy: sink_rate(store, parts.keys, sink, policy),
            clock=parts.clock,
            observer=parts.observer,
            should_stop=should_stop,
            revisions=frozenset(parts.revisions),
            hours=parts.hours,
            asked={route.name: route.assign for route in parts.config.routes if route.assign is not None},
            counting=Counting(objectives_of(parts.config.routes, parts.hours), parts.days),
            discretion=Discretion(Mask(frozenset(parts.config.redact))),
        ),
        claims=SettleClaims(
            chat=SlackChat(sinks=sinks, messages=memory.messages),
            writer=writer,
            clock=parts.clock,
            observer=parts.observer,
            should_stop=should_stop,
        ),
        store=store,
        sessions=[session, *([] if crm is None else crm.sessions)],
    )


Trace = Callable[[PushId, DeliveryId], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMemory:
    """What is remembered of the messages in chats."""

    messages: LivingMessages
    claims: ClaimMemory


def _chat_memory(parts: Connections, store: AsyncRedisServer) -> ChatMemory:
    return ChatMemory(
        messages=RedisLivingMessages(server=store, keys=parts.keys),
        claims=RedisClaimMemory(server=store, keys=parts.keys),
    )


def _trace(observer: Observer) -> Trace | None:
    traces = observer.traces if isinstance(observer, Observers) else None
    return None if traces is None else traces.headers


def configured_sinks(
    config: Config,
    clock: Clock,
    session: Callable[[], aiohttp.ClientSession],
    crm: CrmWriter | None = None,
    memory: ChatMemory | None = None,
    *,
    trace: Trace | None = None,
) -> ConfiguredSinks:
    """The sinks of the configuration.

    Args:
        config: of this moment.
        clock: the time.
        session: asked for when one sends.
        crm: writes for those of its type.
        memory: knows by which message a lead was told of, and by whom it was claimed.
        trace: gives what far sides are told of a delivery's trace.
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
            messages=None if memory is None else memory.messages,
            claims=None if memory is None else memory.claims,
            trace=trace,
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
