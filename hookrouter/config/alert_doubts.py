"""Alerts that would reach nobody when they are needed."""

from __future__ import annotations

from collections.abc import Iterator

from hookrouter.config.model import Config
from hookrouter.config.report_doubts import reaches_by_the_lead_alone
from hookrouter.domain.alert import BY_NO_ROUTE
from hookrouter.wire.config.faults import Fault

SECTION = "alerts"


def doubt_alerts(config: Config) -> Iterator[Fault]:
    """What is doubtful of where alerts go."""
    alerts = config.alerts
    if alerts is None:
        return
    for number, route in enumerate(config.routes):
        if route.name == BY_NO_ROUTE:
            text = "alerts are listed under this name, and held with this route's deliveries: choose another"
            yield Fault(path=("routes", number, "name"), message=text)
    for place, name in enumerate(alerts.to):
        path = (SECTION, "to", place)
        sink = config.sinks[name]
        if reaches_by_the_lead_alone(sink.options):
            text = f"an alert is about no lead, of which `{name}` has whom it goes to: it would reach nobody"
            yield Fault(path=path, message=text)
        if sink.options.get("method") == "GET":
            yield Fault(path=path, message=f"`{name}` sends GET requests, which have no body: it would tell nothing")
    if len(alerts.to) == 1 and config.sinks[alerts.to[0]].policy.fallback is None:
        text = (
            f"alerts go through `{alerts.to[0]}` alone: when that is what fails, nobody is told. "
            "Name another sink besides, or give it a `fallback`"
        )
        yield Fault(path=(SECTION, "to"), message=text)
