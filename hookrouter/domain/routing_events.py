"""The events that hookrouter reports of leads that routes have judged; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadJudged(Event):
    """A lead took `routes`; `sinks` counts the deliveries, and `place` is the lead's in its push."""

    level: ClassVar[str] = "debug"
    push: str
    source: str
    place: int
    routes: tuple[str, ...]
    sinks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRouted(LeadJudged):
    """A lead was judged by the routes; `happened` is its event, `deliveries` are what it led to."""

    name: ClassVar[str] = "lead.routed"
    happened: str
    deliveries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadDecided(LeadJudged):
    """A lead was judged by the routes that ask for its history; `deliveries` are what it led to."""

    name: ClassVar[str] = "lead.decided"
    deliveries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadShadowed(LeadJudged):
    """A lead took routes with `shadow: true`; the deliveries are those that they would have led to."""

    name: ClassVar[str] = "lead.shadowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRepeated(LeadJudged):
    """A lead took routes that told of it less than their `once` ago; the deliveries are those not made again."""

    name: ClassVar[str] = "lead.repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSilenced(LeadJudged):
    """A lead took routes while a silence held; the deliveries are those that it kept back."""

    name: ClassVar[str] = "lead.silenced"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadAssigned(Event):
    """Somebody of a team was given a lead (new), has it already (kept), or nobody may take it (nobody)."""

    name: ClassVar[str] = "lead.assigned"
    level: ClassVar[str] = "debug"
    push: str
    source: str
    place: int
    route: str
    team: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadUnroutable(Event):
    """Judging a lead failed in an error of ours; the lead is kept among the rejected."""

    name: ClassVar[str] = "lead.unroutable"
    level: ClassVar[str] = "error"
    push: str
    source: str
    place: int
    kind: str
