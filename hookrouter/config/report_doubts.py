"""Tells of sinks that no report can reach, as their addresses come from a lead, and of routes named like the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hookrouter.config.model import Config
from hookrouter.config.templates import templates_in
from hookrouter.domain.report import BY_NO_ROUTE
from hookrouter.wire.config.faults import Fault
from hookrouter.wire.messages.template import ASSIGNED, Template, speaks_of

ADDRESSES = ("to", "channel", "url")
"""The options of sinks that say whom a message reaches."""
OF_A_LEAD = ("lead", "previous", ASSIGNED)


def doubt_report(config: Config) -> Iterator[Fault]:
    """What is doubtful of where the report goes."""
    if config.report is None:
        return
    for number, route in enumerate(config.routes):
        if route.name == BY_NO_ROUTE:
            text = "deliveries of the report are listed under this name, and held with this route's: choose another"
            yield Fault(path=("routes", number, "name"), message=text)
    for place, name in enumerate(config.report.to):
        if reaches_by_the_lead_alone(config.sinks[name].options):
            text = f"a report is about no lead, of which `{name}` has whom it goes to: it would reach nobody"
            yield Fault(path=("report", "to", place), message=text)


def reaches_by_the_lead_alone(options: Mapping[str, object]) -> bool:
    """Whether the options of a sink say only by a lead whom a message reaches."""
    return any(_is_of_the_lead_alone(options.get(option)) for option in ADDRESSES)


def _is_of_the_lead_alone(written: object) -> bool:
    """Whether every address there is needs a lead; one that names another in its place does not."""
    addresses = written if isinstance(written, (list, tuple)) else [written]
    templates = [template for template, _ in templates_in(addresses, ()) if _needs_a_lead(template)]
    return bool(templates) and len(templates) == len(addresses)


def _needs_a_lead(template: Template) -> bool:
    has_another = any(word in template.source for word in (" or ", "default", "else"))
    return not has_another and any(speaks_of(template, name) for name in OF_A_LEAD)
