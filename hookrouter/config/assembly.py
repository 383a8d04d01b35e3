"""Makes the configuration's values from what the schemas loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hookrouter.config.alerts_section import alerts_of
from hookrouter.config.model import (
    Config,
    CrmConfig,
    ReceiverConfig,
    ReconcileConfig,
    ReportConfig,
    Retention,
    SinkConfig,
    SlackApp,
    SourceConfig,
)
from hookrouter.domain.account_times import AccountTimes
from hookrouter.domain.bounds import Bounds
from hookrouter.domain.canary import Canary
from hookrouter.domain.durability import Durability
from hookrouter.domain.hydration import ReadBack
from hookrouter.domain.ids import LeadKey, SinkName, SourceName
from hookrouter.domain.routing import Route
from hookrouter.domain.subscription import WhenToSubscribe
from hookrouter.net.smtp_server import MailTls, SmtpServer
from hookrouter.wire.config.crm_schema import NEVER, SWEEPS, USUAL_VERSION

USUAL_PORTS = {MailTls.STARTTLS: 587, MailTls.TLS: 465, MailTls.NONE: 25}

JOINED = frozenset({"version", "timezone", "reconcile", "canary", "subscribe"})
"""What of the CRM's section is no value of its own."""

Loaded = Mapping[str, Any]


def assemble(
    revision: str,
    loaded: Loaded,
    sinks: Mapping[SinkName, SinkConfig],
    routes: tuple[Route, ...],
    report: ReportConfig | None = None,
) -> Config:
    """Join the sections."""
    return Config(
        revision=revision,
        receiver=_receiver(loaded["receiver"], has_crm="crm" in loaded),
        sinks=sinks,
        routes=routes,
        crm=_crm(loaded["crm"], list(loaded["receiver"]["sources"])) if "crm" in loaded else None,
        smtp=_smtp(loaded["smtp"]) if "smtp" in loaded else None,
        slack=_slack(loaded["slack"]) if "slack" in loaded else None,
        report=report,
        alerts=alerts_of(loaded),
        egress_allow=tuple(loaded["egress"]["allow"]) if "egress" in loaded else (),
        redact=tuple(loaded.get("redact", ())),
        retention=Retention(**loaded.get("retention", {})),
    )


def _receiver(loaded: Loaded, *, has_crm: bool) -> ReceiverConfig:
    said = {key: loaded[key] for key in ("max_spool", "dedup_window", "replicas") if key in loaded}
    limits = dict(loaded.get("limits", {}))
    said |= {key: limits.pop(key) for key in ("headers", "body_within", "requests") if key in limits}
    if "max_body" in loaded:
        limits["body"] = loaded["max_body"]
    if "public_url" in loaded:
        said["public_url"] = loaded["public_url"].rstrip("/")
    if "durability" in loaded:
        said["durability"] = Durability(loaded["durability"])
    if "trusted_proxies" in loaded:
        said["trusted_proxies"] = tuple(loaded["trusted_proxies"])
    sources = {
        SourceName(name): SourceConfig(
            tokens=tuple(source["token"]),
            networks=tuple(source.get("allow", ())),
            read_back=ReadBack(source.get("read_back", ReadBack.AUTO)) if has_crm else ReadBack.NEVER,
        )
        for name, source in loaded["sources"].items()
    }
    return ReceiverConfig(sources=sources, bounds=Bounds(**limits), **said)


def _crm(loaded: Loaded, sources: Sequence[str]) -> CrmConfig:
    address = f"https://api.sharpspring.com/pubapi/{loaded.get('version', USUAL_VERSION)}/"
    said = {key: value for key, value in loaded.items() if key not in JOINED}
    times = AccountTimes(timezone=loaded.get("timezone"))
    reconcile = _reconcile(loaded["reconcile"], sources) if "reconcile" in loaded else None
    canary = _canary(loaded["canary"], sources) if "canary" in loaded else None
    if "subscribe" in loaded:
        said["subscribe"] = WhenToSubscribe(loaded["subscribe"])
    named = [part.source for part in (canary, reconcile) if part is not None]
    source = named[0] if named else SourceName(sources[0]) if len(sources) == 1 else None
    return CrmConfig(**{"url": address, **said}, times=times, reconcile=reconcile, canary=canary, source=source)


def _canary(loaded: Loaded, sources: Sequence[str]) -> Canary:
    said = {key: loaded[key] for key in ("field", "every", "within") if key in loaded}
    return Canary(source=SourceName(loaded.get("source", sources[0])), lead=LeadKey(loaded["lead"]), **said)


def _reconcile(loaded: Loaded, sources: Sequence[str]) -> ReconcileConfig:
    said = {key: value for key, value in loaded.items() if key not in {"source", "sweep"}}
    source = SourceName(loaded.get("source", sources[0]))
    return ReconcileConfig(source=source, sweep=SWEEPS[loaded.get("sweep", NEVER)], **said)


def _slack(loaded: Loaded) -> SlackApp:
    return SlackApp(signing_secrets=tuple(loaded["signing_secret"]))


def _smtp(loaded: Loaded) -> SmtpServer:
    tls = MailTls(loaded.get("tls", MailTls.STARTTLS))
    return SmtpServer(
        host=loaded["host"],
        port=loaded.get("port", USUAL_PORTS[tls]),
        sender=loaded["from_"],
        tls=tls,
        username=loaded.get("username"),
        password=loaded.get("password"),
    )
