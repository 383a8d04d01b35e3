"""What comes of the routes that a lead takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hookrouter.domain.case import Case
from hookrouter.domain.change import Change, LeadEvent
from hookrouter.domain.delivery import Delivery, Occasion, make_delivery
from hookrouter.domain.ids import DeliveryId, PushId, RouteName, TeamName, Who
from hookrouter.domain.lead import Lead, text_of
from hookrouter.domain.lead_clock import ClockNews
from hookrouter.domain.once import NO_MARKS, Mark, Marks, mark_name, mark_of
from hookrouter.domain.routing import Enrichment, Route
from hookrouter.domain.routing_events import LeadJudged, LeadRepeated, LeadShadowed, LeadSilenced
from hookrouter.domain.silence import NOT_SILENCED, Silenced
from hookrouter.domain.speed import Reaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriching:
    """Deliveries of one lead by one route that are to be enriched."""

    enrichment: Enrichment
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigning:
    """Deliveries of one lead by one route, which wait until somebody of a team has the lead.

    Attributes:
        place: the lead's place in its push.
        excluded: who had the lead and is not to get it again, by their ids in the CRM.
        enrichment: what they wait for afterwards; None if they then go straight to their sinks.
    """

    team: TeamName
    place: int
    deliveries: tuple[Delivery, ...]
    excluded: tuple[str, ...] = ()
    enrichment: Enrichment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A person changed a lead's status or owner, so it is no longer open, whoever has it.

    Attributes:
        owner: who claimed it in a chat and has it now; '' if nobody did.
        moved_to: to whom a person gave it in the CRM; '' if nobody did.
    """

    who: Who
    owner: str = ""
    moved_to: str = ""


@dataclass(slots=True, kw_only=True)
class Handed:
    """What becomes of leads once it is decided which routes they take.

    Attributes:
        assigning: in the order in which teams are to learn of them.
        shadows: deliveries that are recorded but not made.
        repeats: deliveries that are not made, each with the push of less than `once` ago that told of the lead.
        marks: what routes with `once` are to remember of leads.
        clocks: what becomes of the clocks of leads.
        reactions: how people reacted to what they were told of leads.
        routes: the routes that took a lead, without shadows.
        shadow_routes: the shadows that took one.
        repeated_routes: those of `routes` that told of the lead less than `once` ago.
        silenced: deliveries that are not made, each with the silence that held it back.
        silenced_routes: those of `routes` of which a delivery was silenced.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    enriching: list[Enriching] = field(default_factory=list)
    assigning: list[Assigning | Touched] = field(default_factory=list)
    shadows: list[Delivery] = field(default_factory=list)
    repeats: list[tuple[Delivery, PushId]] = field(default_factory=list)
    marks: dict[Who, dict[str, Mark]] = field(default_factory=dict)
    clocks: list[ClockNews] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    routes: list[RouteName] = field(default_factory=list)
    shadow_routes: list[RouteName] = field(default_factory=list)
    repeated_routes: list[RouteName] = field(default_factory=list)
    silenced: list[tuple[Delivery, str]] = field(default_factory=list)
    silenced_routes: list[RouteName] = field(default_factory=list)

    @property
    def sinks(self) -> int:
        """How many deliveries are to be made, wherever they wait until then."""
        waiting = sum(len(each.deliveries) for each in self.enriching)
        waiting += sum(len(each.deliveries) for each in self.assigning if isinstance(each, Assigning))
        return len(self.deliveries) + waiting

    @property
    def names(self) -> tuple[DeliveryId, ...]:
        """The ids of those deliveries."""
        names = [delivery.id for delivery in self.deliveries]
        if self.enriching or self.assigning:
            names += [delivery.id for each in self.enriching for delivery in each.deliveries]
            names += [
                delivery.id for each in self.assigning if isinstance(each, Assigning) for delivery in each.deliveries
            ]
        return tuple(names)

    @property
    def told(self) -> list[RouteName]:
        """The routes that tell somebody of a lead."""
        made = [*self.deliveries, *(delivery for each in self.enriching for delivery in each.deliveries)]
        made += [delivery for each in self.assigning if isinstance(each, Assigning) for delivery in each.deliveries]
        return list(dict.fromkeys(delivery.route for delivery in made))

    def add(self, more: Handed) -> None:
        """Add what becomes of another lead."""
        self.deliveries += more.deliveries
        self.enriching += more.enriching
        self.assigning += more.assigning
        self.shadows += more.shadows
        self.repeats += more.repeats
        self.silenced += more.silenced
        self.clocks += more.clocks
        self.reactions += more.reactions
        for who, marks in more.marks.items():
            self.marks.setdefault(who, {}).update(marks)


def hand_over(
    occasion: Occasion,
    change: Change,
    routes: Iterable[Route],
    revision: str,
    marks: Marks = NO_MARKS,
    *,
    silenced: Silenced = NOT_SILENCED,
) -> Handed:
    """What becomes of a lead by the routes that it takes.

    Args:
        occasion: when and where it was pushed.
        change: the lead and what changed.
        routes: the routes that it takes.
        revision: the revision of the configuration they come from.
        marks: what routes with `once` remember of the lead.
        silenced: the sinks that must not be told of it.
    """
    handed = Handed()
    for route in routes:
        deliveries = tuple(make_delivery(occasion, change, route.name, target.sink, revision) for target in route.to)
        told = _told_by(route, occasion, marks)
        if not route.shadow:
            handed.routes.append(route.name)
        if told is not None:
            if not route.shadow:
                handed.repeated_routes.append(route.name)
                handed.repeats += [(delivery, told.push) for delivery in deliveries]
            continue
        if silenced and not route.shadow:
            deliveries = _aloud(route, deliveries, silenced, handed)
            if not deliveries and route.to:  # no mark: whoever was told nothing is told the next time
                continue
        if route.once is not None:
            who = (occasion.source, change.lead.key)
            handed.marks.setdefault(who, {})[mark_name(route.name, shadow=route.shadow)] = mark_of(occasion)
        _hand(route, deliveries, occasion, handed)
    return handed


def _aloud(route: Route, deliveries: tuple[Delivery, ...], silenced: Silenced, handed: Handed) -> tuple[Delivery, ...]:
    """Those of a route's deliveries that no silence holds back."""
    kept_back = [(delivery, silenced[delivery.sink]) for delivery in deliveries if delivery.sink in silenced]
    if kept_back:
        handed.silenced += kept_back
        handed.silenced_routes.append(route.name)
    return tuple(delivery for delivery in deliveries if delivery.sink not in silenced)


def _told_by(route: Route, occasion: Occasion, marks: Marks) -> Mark | None:
    """The mark that holds a route's deliveries back, if there is one."""
    if route.once is None:
        return None
    mark = marks.get(mark_name(route.name, shadow=route.shadow))
    return mark if mark is not None and mark.holds_back(occasion, route.once.every) else None


def _hand(route: Route, deliveries: tuple[Delivery, ...], occasion: Occasion, handed: Handed) -> None:
    if route.shadow:
        handed.shadow_routes.append(route.name)
        handed.shadows += deliveries
    elif route.assign is not None and deliveries:
        handed.assigning.append(
            Assigning(team=route.assign, place=occasion.place, deliveries=deliveries, enrichment=route.enrichment)
        )
    elif route.enrichment is None:
        handed.deliveries += deliveries
    elif deliveries:
        handed.enriching.append(Enriching(enrichment=route.enrichment, deliveries=deliveries))


OWNER = "ownerID"
TOUCHED_BY = frozenset({"leadStatus", OWNER})
"""The fields that people change when they take care of a lead."""


def touched(occasion: Occasion, change: Change) -> list[Touched]:
    """What a push tells of a person taking care of a lead; the changes hold nothing that we wrote ourselves."""
    is_seen_to = change.event is LeadEvent.DELETED or (
        change.event is LeadEvent.UPDATED and not TOUCHED_BY.isdisjoint(change.changed)
    )
    moved_to = text_of(change.lead.fields.get(OWNER)).strip() if OWNER in change.changed else ""
    return [Touched(who=(occasion.source, change.lead.key), moved_to=moved_to)] if is_seen_to else []


def case_of(delivery: Delivery) -> Case:
    """The lead of a delivery, as conditions judge it."""
    change = Change(
        event=delivery.event,
        lead=Lead(key=delivery.lead_key, fields=delivery.lead),
        received=delivery.lead,
        changed=delivery.changed,
        previous=delivery.previous,
        earlier_known=bool(delivery.changed),
    )
    return Case(change=change, source=delivery.source, at=delivery.received_at)


def told_besides(occasion: Occasion, handed: Handed) -> list[LeadJudged]:
    """The events that tell of routes which took a lead and sent nothing."""
    besides: tuple[tuple[type[LeadJudged], list[RouteName], int], ...] = (
        (LeadShadowed, handed.shadow_routes, len(handed.shadows)),
        (LeadRepeated, handed.repeated_routes, len(handed.repeats)),
        (LeadSilenced, handed.silenced_routes, len(handed.silenced)),
    )
    return [
        kind(push=occasion.push, source=occasion.source, place=occasion.place, routes=tuple(routes), sinks=sinks)
        for kind, routes, sinks in besides
        if routes
    ]
