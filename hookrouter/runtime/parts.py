"""The parts of one process, and the use cases that its doors ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import aiohttp

from hookrouter.config.model import Config
from hookrouter.config.settings import Settings
from hookrouter.config.watch import ConfigWatch
from hookrouter.configuration import read_config
from hookrouter.domain.account_times import IN_UTC
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.routing import RouteTable
from hookrouter.ports.stages import Wake
from hookrouter.ports.surroundings import Observer
from hookrouter.runtime.connections import NO_REDIS, Connections
from hookrouter.runtime.lead_side import LeadSide, open_lead_side, router
from hookrouter.runtime.sink_side import SinkSide, configured_sinks, open_sink_side
from hookrouter.sinks.configured import ConfiguredSinks
from hookrouter.spool.pushes import PushSpool
from hookrouter.store.alert_book import RedisAlertBook
from hookrouter.store.claim_book import RedisClaimBook
from hookrouter.store.door import RedisSessions, RedisWrongTokens
from hookrouter.store.figures import RedisFigures
from hookrouter.store.flow_history import RedisFlowHistory
from hookrouter.store.reported import RedisReported
from hookrouter.store.told_orders import RedisToldOrders
from hookrouter.telemetry.counter_files import are_in_memory
from hookrouter.telemetry.observer import NoObserver, running_observer
from hookrouter.usecases.admit import Admit, Door
from hookrouter.usecases.alerts import SendAlerts
from hookrouter.usecases.claiming.take import TakeClicks
from hookrouter.usecases.explaining.explain import Explain
from hookrouter.usecases.feed import FeedSpool
from hookrouter.usecases.flowing.sample import SampleFlow
from hookrouter.usecases.health import Examine
from hookrouter.usecases.kick import Kick
from hookrouter.usecases.receive import Receive
from hookrouter.usecases.report import MakeReport, SendReport
from hookrouter.usecases.routing.route import RouteLeads
from hookrouter.wire.pushes.push import PushReader


def _never() -> bool:
    return False


@dataclass(kw_only=True)
class Runtime(Connections):
    """The parts of one process, made when first asked for."""

    def examine(self) -> Examine:
        """The use case of health."""
        return Examine(
            census=self.census,
            inspection=self.inspection,
            asked=self.asked,
            spool=self.spool,
            clock=self.clock,
            has_crm=self.config.crm is not None if self.config.revision else None,
            configuration=lambda: (self.config.revision, self.watch.refused),
            sinks=lambda: self.config.sinks if self.config.revision else None,
            counts_in_memory=are_in_memory,
            book=self.alert_book,
            alerts=lambda: None if self.config.alerts is None else self.config.alerts.on,
        )

    @property
    def alert_book(self) -> RedisAlertBook:
        """What alerts remember."""
        return RedisAlertBook(server=self.server, keys=self.keys, layouts=self.layouts)

    @cached_property
    def sinks(self) -> ConfiguredSinks:
        """The configured sinks; they open no connection before they send."""
        return configured_sinks(self.config, self.clock, _no_session)

    @cached_property
    def watch(self) -> ConfigWatch:
        """Looks for edits of the configuration."""
        return ConfigWatch(
            began_with=self.config,
            main=self.settings.config_path,
            read=partial(read_config, self.settings),
            observer=self.observer,
            role=self.role,
        )

    def look_for_edits(self) -> bool:
        """Adopt the configuration that stands in the files by now; whether it is another one.

        What was made before goes on as it was made: whoever holds a use case asks for a new one at the next boundary
        between two batches.
        """
        config = self.watch.look(self.config)
        if config is None:
            return False
        self.config = config
        self.__dict__.pop("sinks", None)  # made anew by this one when they are asked for
        self.revisions.add(config.revision)
        self.preflight.asked = self.asked
        return True

    @property
    def push_reader(self) -> PushReader:
        """How pushes are read, by the configuration of this moment."""
        crm = self.config.crm
        return PushReader(bounds=self.config.receiver.bounds, times=crm.times if crm else IN_UTC)

    def receive(self) -> Receive:
        """The use case of the receiver."""
        return Receive(
            pushes=self.push_log(),
            spool=self.spool,
            clock=self.clock,
            observer=self.observer,
            reader=self.push_reader,
            footfall=self.footfall,
            canary=None if self.canary is None else self.canary.who,
        )

    def admit(self) -> Admit:
        """The use case that guards the hooks."""
        sources = self.config.receiver.sources.items()
        doors = {name: Door(tokens=source.tokens, networks=source.networks) for name, source in sources}
        return Admit(doors=doors, clock=self.clock)

    @property
    def sessions(self) -> RedisSessions:
        """The operators who signed in."""
        return RedisSessions(server=self.server, keys=self.keys)

    @property
    def wrong_tokens(self) -> RedisWrongTokens:
        """How often wrong tokens of operators came."""
        return RedisWrongTokens(server=self.server, keys=self.keys)

    def take_clicks(self) -> TakeClicks | None:
        """The use case that takes clicks of Slack's buttons; None where no sink has any."""
        slack, sinks = self.config.slack, self.config.claim_sinks
        if slack is None or not sinks:
            return None
        return TakeClicks(
            book=RedisClaimBook(server=self.server, keys=self.keys),
            secrets=slack.signing_secrets,
            claimants=self.config.claimants,
            sinks=sinks,
            sources=self.config.receiver.sources,
            clock=self.clock,
            observer=self.observer,
        )

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
            reader=self.push_reader,
        )

    def router(self, wake: Wake, is_over: Callable[[], bool] = _never) -> RouteLeads:
        """The use case of the route stage, by the configuration of this moment; drains end when that is over."""
        return router(self, wake, self.stops_when(is_over))

    def explain(self) -> Explain:
        """The use case that explains, by the configuration of this moment."""
        return Explain(
            table=RouteTable(self.config.routes),
            sinks=self.sinks,
            policies=self.policy_of,
            canary=self.canary,
            teams=self.config.teams,
        )

    def kick(self, wake: Wake) -> Kick:
        """The use case of the kick."""
        orders = RedisToldOrders(server=self.server, keys=self.keys)
        report, alerts = self.send_report(wake), self.send_alerts(wake)
        return Kick(
            backlog=self.backlog,
            orders=orders,
            wake=wake,
            observer=self.observer,
            report=None if report is None else report.run,
            alerts=None if alerts is None else alerts.run,
            sample=self.sample_flow().run,
        )

    def sample_flow(self) -> SampleFlow:
        """The use case that keeps the history of the flow."""
        return SampleFlow(
            figures=RedisFigures(server=self.server, keys=self.keys),
            history=RedisFlowHistory(server=self.server, keys=self.keys),
            census=self.census,
            days=self.days,
        )

    def make_report(self) -> MakeReport:
        """The use case that makes reports, by the configuration of this moment."""
        return MakeReport(
            figures=RedisFigures(server=self.server, keys=self.keys),
            objectives={route.name: route.objective for route in self.config.routes if route.objective is not None},
            names={member.owner: member.name for team in self.config.teams.values() for member in team.members},
        )

    def send_report(self, wake: Wake) -> SendReport | None:
        """The use case that sends the weekly one; None where none is wanted."""
        wanted = self.config.report
        if wanted is None:
            return None
        return SendReport(
            rule=wanted.rule,
            to=wanted.to,
            make=self.make_report(),
            reported=RedisReported(server=self.server, keys=self.keys, layouts=self.layouts),
            wake=wake,
            revision=self.config.revision,
        )

    def send_alerts(self, wake: Wake) -> SendAlerts | None:
        """The use case that tells people what is wrong; None where nobody wants to know."""
        wanted = self.config.alerts
        if wanted is None:
            return None
        return SendAlerts(
            on=wanted.on,
            to=wanted.to,
            census=self.census,
            book=self.alert_book,
            wake=wake,
            observer=self.observer,
            is_known=self.config.sinks.__contains__,
            revision=self.config.revision,
        )

    def open_lead_side(self, wake: Wake, is_over: Callable[[], bool] = _never) -> LeadSide:
        """The use cases that prepare deliveries; called on the event loop they will live on.

        Args:
            wake: rings what they lead to.
            is_over: turns true when others took their place.
        """
        return open_lead_side(self, wake, self.stops_when(is_over))

    def open_sink_side(self, is_over: Callable[[], bool] = _never) -> SinkSide:
        """The use case that delivers; called on the event loop it will live on. `is_over`: as above."""
        return open_sink_side(self, self.stops_when(is_over))


def open_runtime(
    settings: Settings, *, role: str = "worker", quiet: bool = False, last_good: Config | None = None
) -> Runtime:
    """Read the configuration and join the parts; connects to nothing yet.

    Args:
        settings: the environment.
        role: web, worker, scheduler or cli.
        quiet: report nothing; for commands whose output is their own.
        last_good: what to run by when the file cannot be used; None to refuse.

    Raises:
        ConfigurationError: what is wrong in the file or the environment.
    """
    if settings.redis_url is None and role != "cli":
        raise ConfigurationError(NO_REDIS)
    try:
        config = read_config(settings)
    except ConfigurationError:
        if last_good is None:
            raise
        config = last_good
    observer = NoObserver() if quiet else _observer(settings)
    return Runtime(settings=settings, config=config, role=role, observer=observer)


def _observer(settings: Settings) -> Observer:
    level, style = settings.log_level, settings.log_style
    return running_observer(level, style, redact=settings.redacted, traces=settings.traces)


def _no_session() -> aiohttp.ClientSession:
    raise ConfigurationError("this process sends nothing")
