"""What the configuration may say but hardly means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hookrouter.config.alert_doubts import doubt_alerts
from hookrouter.config.model import Config
from hookrouter.config.report_doubts import doubt_report
from hookrouter.config.route_doubts import doubt_routes
from hookrouter.config.route_test_doubts import doubt_tests
from hookrouter.config.secrets import literal_secrets
from hookrouter.config.team_doubts import doubt_teams
from hookrouter.net.smtp_server import MailTls
from hookrouter.wire.config.duration import write_duration
from hookrouter.wire.config.faults import Fault, Path


def advise_on_text(written: object) -> Iterator[Fault]:
    """Doubts about the file as it is written, sound or not."""
    for path in literal_secrets(written):
        yield Fault(path=path, message="this looks like a secret: use ${NAME}, and set NAME in the environment")


def advise_on_variables(defaulted: Mapping[str, Path]) -> Iterator[Fault]:
    """Variables that may have been forgotten, for their defaults hide that they are not set."""
    for name, path in defaulted.items():
        yield Fault(path=path, message=f"the variable {name} is not set: its default stands")


def advise_on_config(config: Config) -> Iterator[Fault]:
    """Doubts about a sound configuration."""
    yield from _unused_sinks(config)
    yield from _flooded_fallbacks(config)
    yield from _missed_by_waiting(config)
    yield from doubt_teams(config)
    yield from doubt_report(config)
    yield from doubt_alerts(config)
    if config.slack is not None and not config.claim_sinks:
        yield Fault(path=("slack",), message="no sink says `claim: true`: there are no buttons to answer", at_key=True)
    yield from doubt_routes(config.routes)
    yield from doubt_tests(config.tests, config.routes)
    if config.smtp is not None and config.smtp.password is not None and config.smtp.tls is MailTls.NONE:
        yield Fault(path=("smtp", "tls"), message="the password goes unencrypted: say `tls: starttls` or `tls: tls`")


def _flooded_fallbacks(config: Config) -> Iterator[Fault]:
    """Sinks of people that get one by one what another gathers, once that is dead."""
    for sink in config.sinks.values():
        policy, fallback = sink.policy, sink.policy.fallback
        if fallback is None or (policy.digest is None and policy.burst is None):
            continue
        other = config.sinks[fallback.to]
        if other.is_for_people and other.policy.digest is None and other.policy.burst is None:
            text = f"`{sink.name}` gathers its leads and `{other.name}` does not: each would come by itself there"
            yield Fault(path=("sinks", sink.name, "fallback", "to"), message=text)


def _missed_by_waiting(config: Config) -> Iterator[Fault]:
    """Sinks whose leads are no news any more by the time for which they are gathered."""
    for sink in config.sinks.values():
        expires, gathers = sink.policy.expire_after, sink.policy.gathers
        if expires is None or gathers is None or (sink.policy.digest is None and sink.policy.burst is None):
            continue
        if expires <= gathers.every:
            text = f"what is gathered waits for {write_duration(gathers.every)}: all of it would be told as missed"
            yield Fault(path=("sinks", sink.name, "expire_after"), message=text)


def _unused_sinks(config: Config) -> Iterator[Fault]:
    used = {target.sink for route in config.routes for target in route.to}
    used |= {sink.policy.fallback.to for sink in config.sinks.values() if sink.policy.fallback is not None}
    used |= {sink for route in config.routes if route.follow_up for step in route.follow_up.steps for sink in step.to}
    used |= {team.otherwise_to for team in config.teams.values() if team.otherwise_to is not None}
    used |= set() if config.report is None else set(config.report.to)
    used |= set() if config.alerts is None else set(config.alerts.to)
    for name in config.sinks:
        if name not in used:
            yield Fault(path=("sinks", name), message=f"no route leads to the sink `{name}`", at_key=True)
