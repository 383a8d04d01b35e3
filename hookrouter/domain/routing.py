"""Which routes a changed lead takes, with the reason for each that it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from hookrouter.domain.change import Change, LeadEvent
from hookrouter.domain.ids import RouteName, SinkName, SourceName

USUAL_EVENTS = frozenset({LeadEvent.CREATED, LeadEvent.UPDATED})
"""A route that names no event takes these: an unchanged or stale lead is routed only on request."""


class Condition(Protocol):
    """A question to a changed lead."""

    def failure(self, change: Change) -> str | None:
        """None when it holds; else what failed and how it was, e.g. `leadScore gte 80 (was 12)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """What a route wants to know besides: the lead's history, of these event sources, this far back."""

    sources: tuple[str, ...] = ()
    last: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One sink of a route, with what the route says otherwise than the sink's own configuration."""

    sink: SinkName
    overrides: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One rule: who takes it, where it leads, and whether later routes are still tried.

    Attributes:
        conditions: all must hold; none means every lead.
        events: what must have happened to the lead.
        source: only leads of this source; None means of any.
    """

    name: RouteName
    conditions: tuple[Condition, ...]
    to: tuple[Target, ...]
    events: frozenset[LeadEvent] = USUAL_EVENTS
    source: SourceName | None = None
    enrichment: Enrichment | None = None
    stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one route says of a lead; `failed` is None when it matched."""

    route: Route
    failed: str | None

    @property
    def matched(self) -> bool:
        """Whether the lead takes this route."""
        return self.failed is None


def decide(routes: Sequence[Route], change: Change, source: SourceName) -> tuple[Verdict, ...]:
    """Ask each route in order; all that match deliver, until a matched one says stop.

    The running router, `explain` and the console all call this function.
    """
    verdicts: list[Verdict] = []
    stopped_by: RouteName | None = None
    for route in routes:
        failed = f"stopped by {stopped_by}" if stopped_by else _failure(route, change, source)
        verdicts.append(Verdict(route=route, failed=failed))
        if failed is None and route.stop:
            stopped_by = route.name
    return tuple(verdicts)


def _failure(route: Route, change: Change, source: SourceName) -> str | None:
    if route.source is not None and route.source != source:
        return f"source {route.source} (was {source})"
    if change.event not in route.events:
        return f"event {' or '.join(sorted(route.events))} (was {change.event})"
    for condition in route.conditions:
        failed = condition.failure(change)
        if failed is not None:
            return failed
    return None
