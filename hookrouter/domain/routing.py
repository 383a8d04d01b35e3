"""Which routes a changed lead takes, with the reason for each that it does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hookrouter.domain.case import Case
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.condition import Condition
from hookrouter.domain.conditions.during import During
from hookrouter.domain.conditions.shared import shared_conditions
from hookrouter.domain.follow_up import FollowUp
from hookrouter.domain.ids import RouteName, SinkName, SourceName, TeamName
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.once import Once
from hookrouter.domain.route_index import RouteIndex

USUAL_EVENTS = frozenset({LeadEvent.CREATED, LeadEvent.UPDATED})
"""A route that names no event takes these: an unchanged or stale lead is routed only on request."""

NO_OTHER = "no other route takes it"
UNMATCHED = RouteName("unmatched")
"""The route of the leads that no other route takes."""
AT_ONCE = timedelta()
"""The patience of a route whose leads do not wait for a CRM that does not tell of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """What a route wants to know besides.

    Attributes:
        timeline: whether it wants the lead's history.
        sources: of these kinds of events; none means all.
        last: this far back.
        lists: whether it wants the names of the lists that the lead is on.
        patience: how long the lead waits for a CRM that does not tell, before it goes out without; None is as long as
            it takes.
    """

    timeline: bool = True
    sources: tuple[str, ...] = ()
    last: timedelta | None = None
    lists: bool = False
    patience: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryMatch:
    """What a route asks of the lead's history: all must hold.

    Attributes:
        sources: the kinds of events that are looked at; none means all of them.
    """

    conditions: tuple[Condition, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One sink of a route, with what the route says otherwise than the sink's own configuration."""

    sink: SinkName
    overrides: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """So many of a hundred of a route's messages are to be there within so long of the lead's change."""

    percent: int
    within: timedelta

    def is_met(self, late: int, delivered: int) -> bool:
        """Whether so few were late."""
        return late * 100 <= delivered * (100 - self.percent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One rule: who takes it, where it leads, and whether later routes are still tried.

    Attributes:
        conditions: all must hold; none means every lead.
        events: what must have happened to the lead.
        sources: only leads of these sources; none means of any.
        match_timeline: must hold too, which only the lead's history can tell.
        once: whether it tells its sinks of the same lead again; None means always.
        follow_up: what it does when nobody reacts to a lead in time; None means nothing.
        assign: the team of which somebody gets the lead; None means that nobody is assigned.
        held_outside: outside of this time its deliveries are held until it opens; None means never.
        objective: how soon its messages are to be there; None where nothing is promised.
        shadow: it is decided and recorded, and nothing else: it sends nothing, stops nothing, and takes no lead from
            `unmatched`.
        for_unmatched: it takes the leads that no other route takes; there is one at most, the last.
    """

    name: RouteName
    conditions: tuple[Condition, ...]
    to: tuple[Target, ...]
    events: frozenset[LeadEvent] = USUAL_EVENTS
    sources: frozenset[SourceName] = frozenset()
    match_timeline: HistoryMatch | None = None
    enrichment: Enrichment | None = None
    once: Once | None = None
    follow_up: FollowUp | None = None
    assign: TeamName | None = None
    held_outside: During | None = None
    objective: Objective | None = None
    stop: bool = False
    shadow: bool = False
    for_unmatched: bool = False

    @property
    def stops(self) -> bool:
        """Whether later routes are not tried for a lead that it takes."""
        return self.stop and not self.shadow


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one route says of a lead.

    Attributes:
        judgement: what its conditions found.
        stopped_by: the earlier route that kept the lead from this one.
        taken_by_others: so that it is not unmatched.
    """

    route: Route
    judgement: Judgement
    stopped_by: RouteName | None = None
    taken_by_others: bool = False

    @property
    def matched(self) -> bool:
        """Whether the lead takes this route."""
        return self.stopped_by is None and self.judgement.held

    @property
    def failed(self) -> str | None:
        """Why it does not take it, on one line; None when it does."""
        if self.stopped_by is not None:
            return f"stopped by {self.stopped_by}"
        return None if self.judgement.held else self.judgement.reason


@dataclass(frozen=True, slots=True)
class Decision:
    """What can be said of a lead before its history is known.

    Attributes:
        taken: the routes that it takes, whatever it did.
        open: those that it may take: its history must tell of them, or of an earlier one that would stop.
    """

    taken: list[Route]
    open: list[Route]


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The routes in their order: all that match deliver, until a matched one says stop."""

    routes: tuple[Route, ...]
    _index: RouteIndex = field(init=False, repr=False, compare=False)
    _asked: Sequence[tuple[Condition, ...]] = field(init=False, repr=False, compare=False)
    _places: Mapping[RouteName, int] = field(init=False, repr=False, compare=False)
    longest_once: timedelta | None = field(init=False, repr=False, compare=False)
    """How long the marks of routes with `once` count; None when there are no such routes."""
    follow_ups: Mapping[RouteName, FollowUp] = field(init=False, repr=False, compare=False)
    """Of the routes that have such steps; a shadow tells nobody, and so follows up nothing."""
    assigns: bool = field(init=False, repr=False, compare=False)
    """Whether a route assigns leads to people, so that it matters when a person sees to one."""

    def __post_init__(self) -> None:
        asked = [route.conditions for route in self.routes]
        object.__setattr__(self, "_index", RouteIndex(asked))
        object.__setattr__(self, "_asked", shared_conditions(asked))
        object.__setattr__(self, "assigns", any(route.assign is not None for route in self.routes))
        every = [route.once.every for route in self.routes if route.once is not None]
        object.__setattr__(self, "longest_once", max(every, default=None))
        followed = {
            route.name: route.follow_up for route in self.routes if route.follow_up is not None and not route.shadow
        }
        object.__setattr__(self, "follow_ups", followed)
        object.__setattr__(self, "_places", {route.name: place for place, route in enumerate(self.routes)})

    def decide(self, case: Case) -> Decision:
        """What a lead whose history nobody knows takes, and may take; for the running router."""
        decision = Decision([], [])
        may_be_stopped = False
        for place in self._index.candidates(case):
            route = self.routes[place]
            if not self._holds(place, case) or (route.for_unmatched and _takers(decision.taken)):
                continue
            asks = route.match_timeline is not None
            is_open = asks or may_be_stopped or (route.for_unmatched and bool(_takers(decision.open)))
            (decision.open if is_open else decision.taken).append(route)
            if route.stops and not asks:
                break
            may_be_stopped = may_be_stopped or route.stops
        return decision

    def named(self, names: Collection[RouteName]) -> list[Route]:
        """Those of the routes that are still there, in their order of now."""
        return [self.routes[place] for place in self._places_of(names)]

    def settle(self, names: Collection[RouteName], case: Case) -> list[Route]:
        """Which of the routes that `decide` left open a lead takes, now that its history is in the case."""
        return self._taken(self._places_of(names), case)

    def matching(self, case: Case) -> list[Route]:
        """The routes that a lead takes, by all that the case tells."""
        return self._taken(self._index.candidates(case), case)

    def verdicts(self, case: Case, names: Collection[RouteName] | None = None) -> tuple[Verdict, ...]:
        """What each route says of a lead, and why; the same decision as `matching`, for people.

        Args:
            case: the lead.
            names: of the routes that are asked, besides those that the lead takes; None means all.
        """
        asked = self.routes if names is None else self.named({*names, *(route.name for route in self.matching(case))})
        verdicts: list[Verdict] = []
        takers: list[RouteName] = []
        stopped_by: RouteName | None = None
        for route in asked:
            verdict = Verdict(
                route=route,
                judgement=_judge(route, case, takers),
                stopped_by=stopped_by,
                taken_by_others=route.for_unmatched and bool(takers),
            )
            verdicts.append(verdict)
            if verdict.matched:
                takers += _takers([route])
                stopped_by = route.name if route.stops else None
        return tuple(verdicts)

    def _places_of(self, names: Iterable[RouteName]) -> list[int]:
        return sorted(self._places[name] for name in names if name in self._places)

    def _taken(self, places: Iterable[int], case: Case) -> list[Route]:
        taken: list[Route] = []
        for place in places:
            route = self.routes[place]
            if route.for_unmatched and _takers(taken):
                continue
            if self._holds(place, case) and _history_holds(route, case):
                taken.append(route)
                if route.stops:
                    break
        return taken

    def _holds(self, place: int, case: Case) -> bool:
        route = self.routes[place]
        if case.change.event not in route.events or (route.sources and case.source not in route.sources):
            return False
        for condition in self._asked[place]:  # noqa: SIM110 - a generator would double the time of every match
            if not condition.holds(case):
                return False
        return True


def _takers(routes: Iterable[Route]) -> list[RouteName]:
    """Those for whose sake a lead is not unmatched."""
    return [route.name for route in routes if not route.shadow]


def _history_holds(route: Route, case: Case) -> bool:
    asked = route.match_timeline
    return asked is None or all(condition.holds(case) for condition in asked.conditions)


def _judge(route: Route, case: Case, takers: Sequence[RouteName]) -> Judgement:
    parts: list[Judgement] = []
    if route.for_unmatched:
        found = f"{', '.join(takers)} took it" if takers else ""
        parts.append(Judgement(label=NO_OTHER, held=not takers, found=found))
    if route.sources:
        label = f"source {' or '.join(sorted(route.sources))}"
        parts.append(Judgement(label=label, held=case.source in route.sources, found=f"was {case.source}"))
    event = case.change.event
    label = f"event {' or '.join(sorted(route.events))}"
    parts.append(Judgement(label=label, held=event in route.events, found=f"was {event}"))
    parts += [condition.judge(case) for condition in route.conditions]
    parts += [condition.judge(case) for condition in route.match_timeline.conditions] if route.match_timeline else []
    parts += [route.once.judge()] if route.once else []
    return Judgement(label=route.name, held=all(part.held for part in parts), parts=tuple(parts))
