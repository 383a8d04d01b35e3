"""Route tests: leads of which the operator says where they must go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from hookrouter.domain.ids import RouteName, SinkName, SourceName
from hookrouter.domain.lead import CREATED_FIELD, UPDATED_FIELD, Fields, Json, Lead, is_empty


class Fate(StrEnum):
    """What a route may do with a lead, but for handing it to sinks."""

    NONE = "none"
    STOP = "stop"
    SHADOW = "shadow"
    HELD = "held"


Outcome = frozenset[SinkName] | Fate
"""The sinks that get the lead by a route, or what else the route does with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTest:
    """One lead, and what the routes must do with it.

    Attributes:
        snapshot: the lead as last seen; None when it never was.
        is_new: whether the CRM created it just then.
        at: the moment of its push; None means now.
        timeline: its history; None when nobody knows it.
        expected: of the routes that are named; any other must not take the lead.
        follow_up: when steps must be due, by route.
        where: the test stands, as `FILE:LINE`.
    """

    name: str
    lead: Lead
    snapshot: Fields | None
    is_new: bool
    source: SourceName
    at: datetime | None
    timeline: tuple[Mapping[str, Json], ...] | None
    expected: Mapping[RouteName, Outcome]
    follow_up: Mapping[RouteName, Mapping[str, datetime]] = field(default_factory=dict)
    where: str = ""

    def pushed(self, at: datetime) -> Lead:
        """The lead as it is pushed at a moment: a new one bears the times of its making."""
        return _made(self.lead, at) if self.is_new else self.lead


def _made(lead: Lead, at: datetime) -> Lead:
    said = [lead.fields[name] for name in (CREATED_FIELD, UPDATED_FIELD) if not is_empty(lead.fields.get(name))]
    stamp = said[0] if said else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return replace(lead, fields={**lead.fields, **dict.fromkeys((CREATED_FIELD, UPDATED_FIELD), stamp)})


def in_words(outcome: Outcome) -> str:
    """An outcome as a configuration writes it."""
    return outcome.value if isinstance(outcome, Fate) else f"[{', '.join(sorted(outcome))}]"
