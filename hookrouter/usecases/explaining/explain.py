"""Which routes a lead would take, why not the others, and what each sink would be sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hookrouter.domain.canary import Canary, for_people
from hookrouter.domain.case import Case
from hookrouter.domain.change import Change, LeadEvent, compare
from hookrouter.domain.conditions.during import During
from hookrouter.domain.counterfactual import Otherwise, fewest_changes
from hookrouter.domain.delivery import Delivery, Occasion, make_delivery
from hookrouter.domain.echo import without_secrets
from hookrouter.domain.history import newest_events
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SinkName
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.lead import Fields, Json, Lead
from hookrouter.domain.once import NO_MARKS, Marks, mark_name, told_before
from hookrouter.domain.own_writes import without_own
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.routing import Route, RouteTable, Verdict
from hookrouter.domain.teams import Teams
from hookrouter.domain.visible import as_allowed
from hookrouter.ports.sinks import Sinks
from hookrouter.usecases.explaining.gathered import how_gathered
from hookrouter.usecases.explaining.steps import ExplainedStep, explained_steps
from hookrouter.usecases.explaining.turns import Assignments, ExplainedAssignment, KnownTurns, given_to
from hookrouter.wire.messages.template import RenderingFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRoute:
    """What a route says of the lead; `failed` is None when it matched.

    Attributes:
        judgement: all that its conditions found.
        otherwise: the fewest that would have had to come out otherwise; none when it matched or an earlier one stopped.
        shadow: it sends nothing even when it matched.
        held: how its deliveries would be held, as in `held until Mon 2026-11-30 08:00 America/New_York`; '' when they
            would go out at once, or there are none.
        held_until: when they would go out then; None also when they never would.
        follow_up: its steps, if a clock would begin.
        told_by: the push by which the route told of the lead less than its `once` ago, so that it makes no deliveries.
        assigned: whom it would give the lead to; None when it gives it to nobody.
    """

    route: RouteName
    failed: str | None
    judgement: Judgement
    otherwise: tuple[Otherwise, ...]
    shadow: bool = False
    held: str = ""
    held_until: datetime | None = None
    told_by: PushId | None = None
    follow_up: tuple[ExplainedStep, ...] = ()
    assigned: ExplainedAssignment | None = None

    def as_json(self) -> dict[str, Json]:
        """As `explain --json` prints it."""
        until = None if self.held_until is None else self.held_until.isoformat()
        return {
            "route": self.route,
            "matched": self.failed is None,
            "failed": self.failed,
            "would_match_if": [str(each) for each in self.otherwise],
            "tree": _tree(self.judgement),
            **({"shadow": True} if self.shadow else {}),
            **({"held": self.held, "held_until": until} if self.held else {}),
            **({"told_by": self.told_by} if self.told_by else {}),
            **({"follow_up": [step.as_json() for step in self.follow_up]} if self.follow_up else {}),
            **({} if self.assigned is None else {"assigned": self.assigned.as_json()}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedDelivery:
    """What a sink would be sent.

    Attributes:
        content: `{"error": …}` when it cannot be made.
        shadow: it would be sent if its route were no shadow.
        fault: why it cannot; '' when it can.
        held: how it would be held, as its route says.
        gathered: how it would share a message with others; '' when it would go alone whatever happens.
    """

    route: RouteName
    sink: SinkName
    content: Json
    shadow: bool = False
    fault: str = ""
    held: str = ""
    gathered: str = ""

    def as_json(self) -> dict[str, Json]:
        """As `explain --json` prints it."""
        shadow: dict[str, Json] = {"shadow": True} if self.shadow else {}
        gathered: dict[str, Json] = {"gathered": self.gathered} if self.gathered else {}
        return {"route": self.route, "sink": self.sink, "content": self.content, **gathered, **shadow}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that would become of one lead; of a canary's own change no route is asked."""

    lead: LeadKey
    event: LeadEvent
    changed: tuple[str, ...]
    routes: tuple[ExplainedRoute, ...]
    deliveries: tuple[ExplainedDelivery, ...]
    is_canary: bool = False

    def as_json(self) -> dict[str, Json]:
        """As `explain --json` prints it."""
        return {
            "lead": self.lead,
            "event": self.event.value,
            "changed": list(self.changed),
            "routes": [route.as_json() for route in self.routes],
            "deliveries": [delivery.as_json() for delivery in self.deliveries],
            **({"canary": True} if self.is_canary else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """Judges leads by the routes and renders what would be sent; nothing is sent or stored.

    Attributes:
        policies: which fields each sink may see; None means all of them.
        canary: the lead whose own changes are nobody's business.
        teams: whom routes give leads to.
        secrets: what must not stand in a content that is shown to others, each with what is shown instead.
    """

    table: RouteTable
    sinks: Sinks
    policies: Callable[[SinkName], SinkPolicy] | None = None
    canary: Canary | None = None
    teams: Teams = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def lead(
        self,
        lead: Lead,
        snapshot: Fields | None,
        occasion: Occasion,
        timeline: Sequence[Mapping[str, Json]] | None = None,
        marks: Marks = NO_MARKS,
        *,
        names: Collection[RouteName] | None = None,
        own: Sequence[str] = (),
        turns: KnownTurns | None = None,
    ) -> Explanation:
        """Explain one lead.

        Args:
            lead: as it would be pushed.
            snapshot: the lead as last seen; None when it never was.
            occasion: where and when it would be pushed.
            timeline: the lead's history, for the routes that ask for one; None when nobody knows it.
            marks: what routes with `once` remember of the lead; none when nobody knows.
            names: of the routes that are told of, besides those that the lead takes; None means all.
            own: the fields whose change was our own writing.
            turns: whose turn it is in teams; None when nobody knows.
        """
        change, mark = self._change(lead, snapshot, occasion, own)
        case = Case(change=change, source=occasion.source, at=occasion.received_at, timeline=timeline)
        verdicts = [] if mark else self.table.verdicts(case, names)
        routes = tuple(_explained_route(verdict, occasion, marks) for verdict in verdicts)
        pairs = zip(verdicts, routes, strict=True)
        taken = [verdict.route for verdict, route in pairs if verdict.matched and route.told_by is None]
        given = self._assignments(taken, change.lead, occasion, turns)
        return Explanation(
            lead=change.lead.key,
            event=change.event,
            changed=change.changed,
            routes=tuple(replace(route, assigned=given.get(route.route)) for route in routes),
            deliveries=self._all_explained(taken, case, occasion, given),
            is_canary=bool(mark),
        )

    def sent(
        self, lead: Lead, snapshot: Fields | None, occasion: Occasion, own: Sequence[str] = ()
    ) -> tuple[ExplainedDelivery, ...]:
        """What sinks would be sent, told without the reasons, which cost the most."""
        change, mark = self._change(lead, snapshot, occasion, own)
        case = Case(change=change, source=occasion.source, at=occasion.received_at)
        taken = () if mark else self.table.matching(case)
        return self._all_explained(taken, case, occasion, self._assignments(taken, change.lead, occasion, None))

    def _assignments(
        self, taken: Sequence[Route], lead: Lead, occasion: Occasion, turns: KnownTurns | None
    ) -> Assignments:
        turns = KnownTurns() if turns is None else turns
        return {route.name: turns.explain(self.teams, route, lead, occasion) for route in taken}

    def _change(
        self, lead: Lead, snapshot: Fields | None, occasion: Occasion, own: Sequence[str]
    ) -> tuple[Change, str]:
        change = compare(lead, snapshot, occasion.via, occasion.received_at)
        return for_people(self.canary, occasion.source, without_own(change, own))

    def _all_explained(
        self, routes: Sequence[Route], case: Case, occasion: Occasion, given: Assignments
    ) -> tuple[ExplainedDelivery, ...]:
        return tuple(
            self._explained(delivery, route)
            for route in routes
            for delivery in given_to(
                _deliveries(route, case.change, occasion, case.timeline or ()), given[route.name], occasion
            )
        )

    def _explained(self, delivery: Delivery, route: Route) -> ExplainedDelivery:
        policy = self.policies(delivery.sink) if self.policies else SinkPolicy()
        seen = as_allowed(delivery, policy)
        time = _holding(route, delivery.received_at)
        held = "" if time is None else f"held {time.held_until(delivery.received_at)}"
        known = ExplainedDelivery(route=route.name, sink=delivery.sink, content=None, shadow=route.shadow, held=held)
        known = replace(known, gathered=how_gathered(delivery, policy))
        try:
            return replace(known, content=without_secrets(_content(seen, self.sinks), self.secrets))
        except RenderingFailed as failure:
            return replace(known, content={"error": str(failure)}, fault=str(failure))


def _explained_route(verdict: Verdict, occasion: Occasion, marks: Marks) -> ExplainedRoute:
    route, judgement, at = verdict.route, verdict.judgement, occasion.received_at
    mark = marks.get(mark_name(route.name, shadow=route.shadow)) if verdict.matched else None
    told = told_before(route.once, mark, occasion)
    time = _holding(route, at) if verdict.matched and told is None else None
    nothing_helps = judgement.held or verdict.stopped_by is not None or verdict.taken_by_others
    return ExplainedRoute(
        route=verdict.route.name,
        failed=verdict.failed,
        judgement=judgement if told is None else _told_again(route, judgement, told.push),
        otherwise=() if nothing_helps else fewest_changes(judgement),
        shadow=verdict.route.shadow,
        held="" if time is None else f"held {time.held_until(at)}",
        held_until=None if time is None else time.opens(at),
        told_by=None if told is None else told.push,
        follow_up=explained_steps(route, at) if verdict.matched and told is None else (),
    )


def _told_again(route: Route, judgement: Judgement, push: PushId) -> Judgement:
    """The judgement, with what `once` found; it holds all the same."""
    once = route.once
    parts = [once.judge(push) if once and part == once.judge() else part for part in judgement.parts]
    return replace(judgement, parts=tuple(parts))


def _holding(route: Route, at: datetime) -> During | None:
    """The time until whose opening a route holds its deliveries; None when it does not."""
    time = route.held_outside
    return None if time is None or route.shadow or not route.to or time.is_open(at) else time


def _tree(judgement: Judgement) -> dict[str, Json]:
    return {
        "label": judgement.label,
        "held": judgement.held,
        "found": judgement.found,
        "needs": judgement.needs.value,
        "parts": [_tree(part) for part in judgement.parts],
    }


def _deliveries(
    route: Route, change: Change, occasion: Occasion, timeline: Sequence[Mapping[str, Json]]
) -> Sequence[Delivery]:
    deliveries = [make_delivery(occasion, change, route.name, target.sink) for target in route.to]
    if route.enrichment is None:
        return deliveries
    events = newest_events(timeline, route.enrichment, occasion.received_at)
    return [replace(delivery, timeline=events) for delivery in deliveries]


def _content(delivery: Delivery, sinks: Sinks) -> Json:
    sink = sinks.find(delivery.sink, delivery.route)
    if sink is None:
        raise RenderingFailed(f"there is no sink {delivery.sink}")
    return sink.render(delivery).preview()
