"""The one place that joins the parts: doors ask it for use cases, nobody else knows concrete neighbours."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import aiohttp

from hookrouter.config.settings import Settings
from hookrouter.configuration import read_config
from hookrouter.connections import NO_REDIS, Connections
from hookrouter.domain.echo import Discretion
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.personal import Mask
from hookrouter.domain.routing import RouteTable
from hookrouter.neighbours import CrmSide, LeadSide, SinkSide, configured_sinks
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.ports.stages import Wake
from hookrouter.sinks.configured import ConfiguredSinks
from hookrouter.spool.pushes import PushSpool
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.leases import Leases
from hookrouter.store.limits import sink_rate
from hookrouter.telemetry.counter_files import are_in_memory
from hookrouter.telemetry.observer import NoObserver, running_observer
from hookrouter.usecases.admit import Admit, Door
from hookrouter.usecases.delivering.deliver import DeliverOutbox
from hookrouter.usecases.feed import FeedSpool
from hookrouter.usecases.health import Examine
from hookrouter.usecases.kick import Kick
from hookrouter.usecases.receive import Receive
from hookrouter.usecases.route import RouteLeads


@dataclass(kw_only=True)
class Runtime(Connections):
    """The parts of one process, made when first asked for."""

    stopping: threading.Event = field(default_factory=threading.Event)

    def examine(self) -> Examine:
        """The use case of health."""
        return Examine(
            census=self.census,
            inspection=self.inspection,
            asked=self.asked,
            spool=self.spool,
            clock=self.clock,
            has_crm=self.config.crm is not None,
            counts_in_memory=are_in_memory,
        )

    @cached_property
    def sinks(self) -> ConfiguredSinks:
        """The configured sinks; they open no connection before they send."""
        return self._sinks_with(_no_session)

    def receive(self) -> Receive:
        """The use case of the receiver."""
        return Receive(
            pushes=self.push_log(),
            spool=self.spool,
            clock=self.clock,
            observer=self.observer,
            bounds=self.config.receiver.bounds,
        )

    def admit(self) -> Admit:
        """The use case that guards the hooks."""
        sources = self.config.receiver.sources.items()
        doors = {name: Door(tokens=source.tokens, networks=source.networks) for name, source in sources}
        return Admit(doors=doors, clock=self.clock)

    @cached_property
    def spool(self) -> PushSpool:
        """Where pushes are kept while Redis is away."""
        receiver = self.config.receiver
        return PushSpool(self.settings.data_dir / "spool", receiver.max_spool, self.observer, receiver.dedup_window)

    def feed(self, wake: Wake) -> FeedSpool:
        """The use case that empties the spool."""
        return FeedSpool(
            spool=self.spool,
            pushes=self.push_log(),
            wake=wake,
            observer=self.observer,
            bounds=self.config.receiver.bounds,
        )

    def router(self, wake: Wake) -> RouteLeads:
        """The use case of the route stage."""
        return RouteLeads(
            table=RouteTable(self.config.routes),
            wake=wake,
            clock=self.clock,
            observer=self.observer,
            should_stop=self.stopping.is_set,
        )

    def kick(self, wake: Wake) -> Kick:
        """The use case of the kick."""
        return Kick(backlog=self.backlog, wake=wake, observer=self.observer)

    def open_lead_side(self, wake: Wake) -> LeadSide:
        """The use cases that prepare deliveries; called on the event loop they will live on."""
        store = AsyncRedisServer(self.url)
        sessions: list[aiohttp.ClientSession] = []
        crm_side = CrmSide(
            crm=self.config.crm,
            sessions=sessions,
            store=store,
            keys=self.keys,
            clock=self.clock,
            observer=self.observer,
            should_stop=self.stopping.is_set,
        )
        return LeadSide(
            leases=self.leases(store),
            hydrate=crm_side.hydrate(wake, self.config.receiver.bounds),
            route=self.router(wake),
            enrich=crm_side.enrich(),
            store=store,
            sessions=sessions,
        )

    def open_sink_side(self) -> SinkSide:
        """The use case that delivers; called on the event loop it will live on."""
        store = AsyncRedisServer(self.url)
        session = open_session(EgressGuard(self.config.egress_allow))
        return SinkSide(
            leases=self.leases(store),
            deliver=DeliverOutbox(
                sinks=self._sinks_with(lambda: session),
                policies=self.policy_of,
                rates=lambda sink, rate: sink_rate(store, self.keys, sink, rate),
                clock=self.clock,
                observer=self.observer,
                should_stop=self.stopping.is_set,
                discretion=Discretion(Mask(frozenset(self.config.redact))),
            ),
            store=store,
            session=session,
        )

    def leases(self, store: AsyncRedisServer) -> Leases:
        """Takes streams to drain."""
        return Leases(
            server=store,
            keys=self.keys,
            token=self.clock.new_id(self.process),
            partitions=self.settings.partitions,
            keep_snapshots=self.config.retention.snapshots,
            keep_rejected=self.config.retention.rejected,
            keep_dead=self.config.retention.dead,
            policies=self.policy_of,
            clock=self.clock,
            observer=self.observer,
        )

    def _sinks_with(self, session: Callable[[], aiohttp.ClientSession]) -> ConfiguredSinks:
        return configured_sinks(self.config, self.clock, session)


def open_runtime(settings: Settings, *, role: str = "worker", quiet: bool = False) -> Runtime:
    """Read the configuration and join the parts; connects to nothing yet.

    Args:
        settings: the environment.
        role: web, worker, scheduler or cli.
        quiet: report nothing; for commands whose output is their own.

    Raises:
        ConfigurationError: what is wrong in the file or the environment.
    """
    if settings.redis_url is None and role != "cli":
        raise ConfigurationError(NO_REDIS)
    config = read_config(settings)
    observer = NoObserver() if quiet else running_observer(settings.log_level, settings.log_format)
    return Runtime(settings=settings, config=config, role=role, observer=observer)


def _no_session() -> aiohttp.ClientSession:
    raise ConfigurationError("this process sends nothing")
