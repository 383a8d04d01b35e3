"""The configuration as values, after everything in it was checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from hookrouter.domain.account_times import IN_UTC, AccountTimes
from hookrouter.domain.alert import AlertKind
from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.canary import Canary
from hookrouter.domain.claim import Claimants, claimants_of
from hookrouter.domain.durability import Durability
from hookrouter.domain.hydration import ReadBack, ReadBacks
from hookrouter.domain.ids import RouteName, SinkName, SourceName
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.quota import USUAL_DAILY_CALLS
from hookrouter.domain.route_tests import RouteTest
from hookrouter.domain.routing import Route
from hookrouter.domain.subscription import WhenToSubscribe
from hookrouter.domain.teams import Teams
from hookrouter.domain.weekly import Weekly
from hookrouter.net.smtp_server import SmtpServer

MEBIBYTE = 1024 * 1024
CRM_SINK = "crm"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceConfig:
    """Who may push: by which tokens, the newest first, and from which networks; and what of it is read back."""

    tokens: tuple[str, ...] = field(repr=False)
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    read_back: ReadBack = ReadBack.NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverConfig:
    """How pushes are taken.

    Attributes:
        headers: how many a request may have.
        body_within: the time in which a body must come in.
        requests: pushes that one process takes at once.
        replicas: how many must have a push before it is answered, where `durability` is replicated.
    """

    sources: Mapping[SourceName, SourceConfig]
    public_url: str | None = None
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    bounds: Bounds = USUAL
    headers: int = 64
    body_within: timedelta = timedelta(seconds=30)
    requests: int = 400
    max_spool: int = 512 * MEBIBYTE
    dedup_window: timedelta = timedelta(minutes=10)
    durability: Durability = Durability.FSYNC
    replicas: int = 1

    @property
    def read_backs(self) -> ReadBacks:
        """What each source asks for."""
        return ReadBacks({name: source.read_back for name, source in self.sources.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileConfig:
    """How often the CRM is asked what changed.

    Attributes:
        source: whose pushes are held against it.
        overlap: how far each time looks back behind the former.
        sweep: how often leads are looked for that are gone; None means never.
    """

    source: SourceName
    every: timedelta = timedelta(minutes=15)
    overlap: timedelta = timedelta(minutes=10)
    sweep: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmConfig:
    """How the CRM's API is called; `rate_limit` in calls a second, of all processes together.

    Attributes:
        canary: the lead by which pushes are proven to come through.
        subscribe: when the CRM is asked to push.
        source: by which its pushes come; None of several when nothing says.
    """

    account_id: str
    secret_key: str = field(repr=False)
    url: str
    rate_limit: float = 4.0
    daily_limit: int = USUAL_DAILY_CALLS
    times: AccountTimes = IN_UTC
    reconcile: ReconcileConfig | None = None
    canary: Canary | None = None
    subscribe: WhenToSubscribe = WhenToSubscribe.WHEN_SILENT
    source: SourceName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what was seen is kept."""

    pushes: timedelta = timedelta(days=7)
    deliveries: timedelta = timedelta(days=7)
    dead: timedelta = timedelta(days=30)
    rejected: timedelta = timedelta(days=30)
    snapshots: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkConfig:
    """A sink: its type, how it is to be treated, and its own options as its schema loaded them.

    `variants` are the same options as the routes that say otherwise see them, by route name; `is_for_people`, that
    people read what it is told.
    """

    name: SinkName
    type: str
    policy: SinkPolicy
    options: Mapping[str, object] = field(repr=False)
    variants: Mapping[str, Mapping[str, object]] = field(default_factory=dict, repr=False)
    is_for_people: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackApp:
    """The app whose buttons are answered; any of its secrets signs."""

    signing_secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConfig:
    """To which sinks a report goes, and when."""

    to: tuple[SinkName, ...]
    rule: Weekly


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsConfig:
    """To which sinks alerts go, and of what; with the time of what has one."""

    to: tuple[SinkName, ...]
    on: Mapping[AlertKind, timedelta | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenConfig:
    """The configuration as it was written, when it came into force; `config.shown` tells what of it may be shown.

    Attributes:
        files: the text of each by its name, the main one first.
        routes: where each of them begins: its file and the number of its line, from 1.
        mask: what must not be shown, each with what is shown instead.
    """

    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    routes: Mapping[RouteName, tuple[str, int]] = field(default_factory=dict)
    mask: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that the operator said.

    Attributes:
        revision: changes with every edit of the `files`.
        files: the main one, and those that it includes.
        includes: by which paths and patterns it does.
    """

    revision: str
    receiver: ReceiverConfig
    sinks: Mapping[SinkName, SinkConfig]
    routes: tuple[Route, ...]
    teams: Teams = field(default_factory=dict)
    crm: CrmConfig | None = None
    smtp: SmtpServer | None = None
    slack: SlackApp | None = None
    report: ReportConfig | None = None
    alerts: AlertsConfig | None = None
    egress_allow: tuple[IPv4Network | IPv6Network, ...] = ()
    redact: tuple[str, ...] = ()
    retention: Retention = field(default_factory=Retention)
    files: tuple[Path, ...] = ()
    includes: tuple[str, ...] = ()
    tests: tuple[RouteTest, ...] = ()
    written: WrittenConfig = field(default_factory=WrittenConfig, repr=False)

    @property
    def writes_to_crm(self) -> bool:
        """Whether a sink does, or somebody who claims a lead."""
        return bool(self.claim_sinks) or any(sink.type == CRM_SINK for sink in self.sinks.values())

    @property
    def claim_sinks(self) -> frozenset[SinkName]:
        """The sinks whose messages have a button by which a lead is claimed."""
        if self.slack is None or self.crm is None:
            return frozenset()
        return frozenset(
            name
            for name, sink in self.sinks.items()
            if any(options.get("claim") is True for options in (sink.options, *sink.variants.values()))
        )

    @property
    def claimants(self) -> Claimants:
        """Who may claim leads, by their ids in Slack."""
        return claimants_of(self.teams)
