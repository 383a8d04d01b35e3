"""What one process has of Redis: its connections, its keys, and what is known of the whole."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from hookrouter.clock import SystemClock
from hookrouter.config.model import Config
from hookrouter.config.settings import Settings
from hookrouter.domain.canary import Canary
from hookrouter.domain.dialect import LAYOUTS
from hookrouter.domain.durability import Asked, Durability
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.figures import IN_UTC, Days
from hookrouter.domain.hours import Hours, hours_of
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.domain.layout import INTAKE, outbox_of
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.watch_report import WatchPlan
from hookrouter.ports.surroundings import Observer
from hookrouter.stopping import Stopping
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.backlog import RedisBacklog
from hookrouter.store.census import RedisCensus
from hookrouter.store.deciding import Deciding
from hookrouter.store.footfall import RedisFootfall, token_name
from hookrouter.store.inspection import RedisInspection
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts, RedisLayoutBook
from hookrouter.store.leases import Leases
from hookrouter.store.moving import OutboxMover
from hookrouter.store.presence import Presence
from hookrouter.store.pushes import RedisPushLog
from hookrouter.store.retention import KeptFor
from hookrouter.store.server import RedisServer
from hookrouter.store.wake import RqWake
from hookrouter.usecases.keep_layout import KeepLayout
from hookrouter.usecases.preflight import Preflight
from hookrouter.usecases.watching.subscribe import hook_address

NO_REDIS = "no Redis: set HOOKROUTER_REDIS_URL (or REDIS_URL), or run `hookrouter up`, which brings its own"
NO_REDIS_HERE = (
    "no Redis: `hookrouter up` does not run with its data in {folder}. Run this in the folder where it runs, or set "
    "HOOKROUTER_DATA_DIR to its data; for a server of your own set HOOKROUTER_REDIS_URL (or REDIS_URL)"
)
OWN_LETTERS = secrets.token_hex(3)
"""Containers on the network of one machine have its name, and the same ids of processes."""
ANSWER_WITHIN = {"web": 0.5, "worker": 5.0}
"""Seconds that Redis may take for one command, by the role of the process: a sender waits less patiently."""


@dataclass(kw_only=True)
class Connections:
    """The parts of one process that stand on Redis, made when first asked for."""

    settings: Settings
    config: Config
    role: str
    observer: Observer
    clock: SystemClock = field(default_factory=SystemClock)
    stopping: Stopping = field(default_factory=Stopping)
    revisions: set[str] = field(init=False)

    def __post_init__(self) -> None:
        """Remember each configuration that was in force here."""
        self.revisions = {"", self.config.revision}

    @property
    def url(self) -> str:
        """Where Redis is; asked for only when it is needed, for some commands need none."""
        if self.settings.redis_url is None:
            raise ConfigurationError(NO_REDIS_HERE.format(folder=self.settings.data_dir.absolute()))
        return self.settings.redis_url

    @cached_property
    def process(self) -> str:
        """This process' name among its like."""
        return f"{socket.gethostname()}-{os.getpid()}-{OWN_LETTERS}"

    @cached_property
    def keys(self) -> Keys:
        """The names of all keys."""
        return Keys(self.settings.key_prefix)

    @cached_property
    def layouts(self) -> Layouts:
        """What is known of how leads are spread over streams."""
        return Layouts(self.keys, self.settings.partitions)

    @property
    def wishes(self) -> dict[str, int]:
        """Over how many streams each thing is to be spread, by the settings of this process."""
        shards = {outbox_of(name): sink.policy.shards for name, sink in self.config.sinks.items()}
        return {INTAKE: self.settings.partitions, **shards}

    @cached_property
    def deciding(self) -> Deciding:
        """Whether this process decides how leads are spread over streams."""
        return Deciding(self.server, self.keys, self.clock.new_id(self.process))

    @cached_property
    def keep_layout(self) -> KeepLayout:
        """The use case that decides how leads are spread over streams."""
        return KeepLayout(
            book=RedisLayoutBook(
                server=self.server,
                keys=self.keys,
                layouts=self.layouts,
                mover=OutboxMover(server=self.server, keys=self.keys, clock=self.clock),
            ),
            wishes=lambda: self.wishes,
            decides=self.deciding.is_ours,
            decider=self.deciding.token,
            should_stop=self.stopping.is_set,
            strangers=lambda: self.presence.strangers(LAYOUTS),
            clock=self.clock,
            observer=self.observer,
        )

    @cached_property
    def server(self) -> RedisServer:
        """The connection to Redis."""
        return RedisServer(self.url, answer_within=ANSWER_WITHIN.get(self.role, 5.0))

    def new_server(self) -> RedisServer:
        """A connection of RQ's own, which waits long for work."""
        return RedisServer(self.url, answer_within=ANSWER_WITHIN["worker"])

    @cached_property
    def wake(self) -> RqWake:
        """The doorbell."""
        return RqWake(self.server, self.keys, self.observer)

    @cached_property
    def presence(self) -> Presence:
        """Who is alive."""
        return Presence(server=self.server, keys=self.keys)

    @property
    def hours(self) -> Hours:
        """When the deliveries of each route may go out, by the configuration of this moment."""
        return hours_of(self.config.routes)

    @property
    def days(self) -> Days:
        """When a day begins for who reads the report, by the configuration of this moment."""
        report = self.config.report
        return IN_UTC if report is None else Days(report.rule.zone)

    @property
    def reconciled(self) -> SourceName | None:
        """The source whose pushes are held against the CRM, by the configuration of this moment."""
        crm = self.config.crm
        return None if crm is None or crm.reconcile is None else crm.reconcile.source

    @property
    def canary(self) -> Canary | None:
        """The lead by which pushes are proven to come through, by the configuration of this moment."""
        return None if self.config.crm is None else self.config.crm.canary

    @property
    def watch_plan(self) -> WatchPlan | None:
        """Over whose pushes is watched, and how, by the configuration of this moment."""
        crm, receiver = self.config.crm, self.config.receiver
        if crm is None or crm.source is None:
            return None
        tokens, url = receiver.sources[crm.source].tokens, receiver.public_url
        return WatchPlan(
            source=crm.source,
            canary=crm.canary,
            when=crm.subscribe,
            address=None if url is None else hook_address(url, crm.source, tokens[0]),
            tokens=[token_name(token) for token in tokens],
        )

    @cached_property
    def footfall(self) -> RedisFootfall:
        """Notes what comes to the hooks."""
        return RedisFootfall(server=self.server, keys=self.keys)

    @property
    def backlog(self) -> RedisBacklog:
        """What waits."""
        kept = self.config.retention
        return RedisBacklog(
            server=self.server,
            keys=self.keys,
            layouts=self.layouts,
            policies=self.policy_of,
            hours=lambda: self.hours,
            reconciled=lambda: self.reconciled,
            watched=lambda: None if self.watch_plan is None else self.watch_plan.source,
            kept=KeptFor(pushes=kept.pushes, deliveries=kept.deliveries, dead=kept.dead, rejected=kept.rejected),
        )

    @property
    def census(self) -> RedisCensus:
        """Figures of the whole."""
        crm = self.config.crm
        return RedisCensus(
            server=self.server,
            keys=self.keys,
            backlog=self.backlog,
            presence=self.presence,
            daily_calls=None if crm is None else crm.daily_limit,
            reconciled=self.reconciled,
            watch=self.watch_plan,
        )

    @property
    def asked(self) -> Asked:
        """What the operator asks of Redis."""
        receiver, vouched = self.config.receiver, self.settings.redis_durability
        return Asked(
            durability=receiver.durability,
            replicas=receiver.replicas if receiver.durability is Durability.REPLICATED else 0,
            vouched=None if vouched is None else Durability(vouched),
        )

    @cached_property
    def inspection(self) -> RedisInspection:
        """Redis, asked about itself."""
        return RedisInspection(
            server=self.server, keys=self.keys, clock=self.clock, waits=lambda: self.asked.replicas > 0
        )

    @cached_property
    def preflight(self) -> Preflight:
        """The use case that looks at Redis before it is trusted."""
        return Preflight(inspection=self.inspection, asked=self.asked, observer=self.observer)

    def policy_of(self, sink: SinkName) -> SinkPolicy:
        """How a sink is to be treated, also one that the configuration knows no more."""
        known = self.config.sinks.get(sink)
        return known.policy if known else SinkPolicy()

    def push_log(self) -> RedisPushLog:
        """Where pushes are put safely."""
        kept = self.config.retention
        return RedisPushLog(
            server=self.server,
            keys=self.keys,
            layouts=self.layouts,
            dedup_window=self.config.receiver.dedup_window,
            keep_pushes=kept.pushes,
            keep_rejected=kept.rejected,
            read_backs=self.config.receiver.read_backs,
            replicas=self.asked.replicas,
        )

    def leases(self, store: AsyncRedisServer) -> Leases:
        """Takes streams to drain."""
        return Leases(
            server=store,
            keys=self.keys,
            token=self.clock.new_id(self.process),
            layouts=self.layouts,
            keep_snapshots=self.config.retention.snapshots,
            keep_pushes=self.config.retention.pushes,
            keep_rejected=self.config.retention.rejected,
            keep_dead=self.config.retention.dead,
            policies=self.policy_of,
            clock=self.clock,
            observer=self.observer,
        )

    def stops_when(self, is_over: Callable[[], bool]) -> Callable[[], bool]:
        """What turns true when the process is to stop, or that is so."""
        return lambda: self.stopping.is_set() or is_over()
