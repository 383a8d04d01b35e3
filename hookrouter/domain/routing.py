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
"""The patience of a route whose leads do not wait for a CRM that gives no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """What else a route wants to know of a lead.

    Attributes:
        timeline: whether it wants the lead's history.
        sources: the kinds of events in it; none means all.
        last: how far back it goes.
        lists: whether it wants the names of the lists that the lead is on.
        patience: how long the lead waits for a CRM that does not answer before it goes out without this; None means as
            long as it takes.
    """

    timeline: bool = True
    sources: tuple[str, ...] = ()
    last: timedelta | None = None
    lists: bool = False
    patience: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryMatch:
    """The conditions a route sets on the lead's history; all must hold.

    Attributes:
        sources: the kinds of events they look at; none means all.
    """

    conditions: tuple[Condition, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One sink of a route, with what the route sets differently from the sink's own configuration."""

    sink: SinkName
    overrides: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """This percentage of a route's messages is to arrive within this time of the lead's change."""

    percent: int
    within: timedelta

    def is_met(self, late: int, delivered: int) -> bool:
        """Whether few enough of the delivered messages were late."""
        return late * 100 <= delivered * (100 - self.percent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One rule: which leads take it, where it leads, and whether later routes are still tried.

    Attributes:
        conditions: all must hold; none means every lead.
        events: one of these must have happened to the lead.
        sources: the lead must come from one of these; none means any.
        match_timeline: must hold as well, and only the lead's history can tell.
        once: whether it tells its sinks of the same lead again; None means always.
        follow_up: what it does if nobody reacts to a lead in time; None means nothing.
        assign: the team of which somebody gets the lead; None means that nobody is assigned.
        held_outside: the time outside of which its deliveries are held until it opens; None means never.
        objective: how soon its messages are to arrive; None if nothing is promised.
        shadow: it is decided and recorded and nothing else: it sends nothing, stops nothing, and takes no lead from
            `unmatched`.
        for_unmatched: it takes the leads that no other route takes; there is at most one, the last.
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
        """Whether no later route is tried for a lead that takes this one."""
        return self.stop and not self.shadow


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one route says of a lead.

    Attributes:
        judgement: what its conditions found.
        stopped_by: the earlier route that kept the lead from this one.
        taken_by_others: whether the lead is not unmatched because other routes took it.
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
        """Why the lead does not take this route, on one line; None if it does."""
        if self.stopped_by is not None:
            return f"stopped by {self.stopped_by}"
        return None if self.judgement.held else self.judgement.reason


@dataclass(frozen=True, slots=True)
class Decision:
    """What can be said of a lead before its history is known.

    Attributes:
        taken: the routes that it takes whatever its history.
        open: the routes that it may take: its history decides about them, or about an earlier one that would stop it.
    """

    taken: list[Route]
    open: list[Route]


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The routes in their order: every matching route delivers, until one of them says stop."""

    routes: tuple[Route, ...]
    _index: RouteIndex = field(init=False, repr=False, compare=False)
    _asked: Sequence[tuple[Condition, ...]] = field(init=False, repr=False, compare=False)
    _places: Mapping[RouteName, int] = field(init=False, repr=False, compare=False)
    longest_once: timedelta | None = field(init=False, repr=False, compare=False)
    """How long the marks of routes with `once` count at most; None if there are no such routes."""
    follow_ups: Mapping[RouteName, FollowUp] = field(init=False, repr=False, compare=False)
    """The follow-ups of the routes that have one; a shadow tells nobody, and so follows up nothing."""
    assigns: bool = field(init=False, repr=False, compare=False)
    """Whether any route assigns leads to people, so that it matters when a person takes care of one."""

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
        """The routes that a lead takes and may take while its history is not known; for the running router."""
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
        """The routes of these names that still exist, in their current order."""
        return [self.routes[place] for place in self._places_of(names)]

    def settle(self, names: Collection[RouteName], case: Case) -> list[Route]:
        """Those of the routes left open by `decide` that a lead takes, now that the case holds its history."""
        return self._taken(self._places_of(names), case)

    def matching(self, case: Case) -> list[Route]:
        """The routes that a lead takes, by everything the case tells."""
        return self._taken(self._index.candidates(case), case)

    def verdicts(self, case: Case, names: Collection[RouteName] | None = None) -> tuple[Verdict, ...]:
        """What each route says of a lead and why; the same decision as `matching`, for people.

        Args:
            case: the lead.
            names: the routes to ask besides those that the lead takes; None means all.
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
    """The routes that keep a lead from being unmatched."""
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
