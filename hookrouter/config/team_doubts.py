"""Tells of teams that no route uses, and of messages about a person where no lead is assigned to anybody."""

from __future__ import annotations

from collections.abc import Iterator

from hookrouter.config.model import CRM_SINK, Config
from hookrouter.config.templates import templates_in
from hookrouter.wire.config.faults import Fault
from hookrouter.wire.messages.template import ASSIGNED, speaks_of


def doubt_teams(config: Config) -> Iterator[Fault]:
    """What is doubtful of teams, and of those who speak of their members."""
    used = {route.assign for route in config.routes} | {team.otherwise for team in config.teams.values()}
    for name, team in config.teams.items():
        claims = bool(config.claim_sinks) and any(member.slack for member in team.members)
        if name not in used and not claims:
            yield Fault(path=("teams", name), message=f"no route assigns the team `{name}`", at_key=True)
        if team.otherwise_to is not None and config.sinks[team.otherwise_to].type == CRM_SINK:
            text = f"`{team.otherwise_to}` writes to the CRM: nobody is told of a lead that nobody may take"
            yield Fault(path=("teams", name, "otherwise"), message=text)
    told = _sinks_that_are_told(config)
    for sink in config.sinks.values():
        templates = templates_in(sink.options, ())
        if sink.name not in told and any(speaks_of(template, ASSIGNED) for template, _ in templates):
            text = f"`{ASSIGNED}` is empty in what `{sink.name}` sends: no route that leads there says `assign`"
            yield Fault(path=("sinks", sink.name), message=text, at_key=True)


def _sinks_that_are_told(config: Config) -> set[str]:
    """The sinks that may be told whom a lead was given to."""
    told: set[str] = {team.otherwise_to for team in config.teams.values() if team.otherwise_to is not None}
    for route in config.routes:
        if route.assign is not None:
            told |= {target.sink for target in route.to}
            told |= {sink for step in (route.follow_up.steps if route.follow_up else ()) for sink in step.to}
    fallbacks = (config.sinks[name].policy.fallback for name in told if name in config.sinks)  # type: ignore[index]  # a sink's name is text
    return told | {fallback.to for fallback in fallbacks if fallback is not None}
