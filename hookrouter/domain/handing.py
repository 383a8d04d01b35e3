"""What the routes that a lead takes lead to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hookrouter.domain.change import Change
from hookrouter.domain.delivery import Delivery, Occasion, make_delivery
from hookrouter.domain.ids import RouteName
from hookrouter.domain.routing import Enrichment, Route
from hookrouter.domain.routing_events import LeadShadowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriching:
    """Deliveries of one lead by one route, to be enriched."""

    enrichment: Enrichment
    deliveries: tuple[Delivery, ...]


@dataclass(slots=True, kw_only=True)
class Handed:
    """What leads are handed on as.

    Attributes:
        shadows: deliveries that are recorded and not made.
        routes: those that took a lead, but for shadows.
        shadow_routes: the shadows that took one.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    enriching: list[Enriching] = field(default_factory=list)
    shadows: list[Delivery] = field(default_factory=list)
    routes: list[RouteName] = field(default_factory=list)
    shadow_routes: list[RouteName] = field(default_factory=list)

    @property
    def sinks(self) -> int:
        """How many deliveries are to be made."""
        return len(self.deliveries) + sum(len(each.deliveries) for each in self.enriching)

    def add(self, more: Handed) -> None:
        """Take in what another lead led to."""
        self.deliveries += more.deliveries
        self.enriching += more.enriching
        self.shadows += more.shadows


def hand_over(occasion: Occasion, change: Change, routes: Iterable[Route], revision: str) -> Handed:
    """What a lead leads to by the routes that it takes, which are those of a revision of the configuration."""
    handed = Handed()
    for route in routes:
        deliveries = tuple(make_delivery(occasion, change, route.name, target.sink, revision) for target in route.to)
        (handed.shadow_routes if route.shadow else handed.routes).append(route.name)
        if route.shadow:
            handed.shadows += deliveries
        elif route.enrichment is None:
            handed.deliveries += deliveries
        elif deliveries:
            handed.enriching.append(Enriching(enrichment=route.enrichment, deliveries=deliveries))
    return handed


def told_of_shadows(occasion: Occasion, handed: Handed) -> LeadShadowed | None:
    """What is reported of the shadows that took a lead."""
    if not handed.shadow_routes:
        return None
    return LeadShadowed(
        push=occasion.push,
        source=occasion.source,
        place=occasion.place,
        routes=tuple(handed.shadow_routes),
        sinks=len(handed.shadows),
    )
