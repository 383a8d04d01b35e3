"""Sees the flow: from what was measured to the picture, what is wrong first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from hookrouter.domain.circuit import CircuitState
from hookrouter.domain.figures import Kind
from hookrouter.domain.flow import Flow, FlowFacts, FlowPlan, Link, RouteSeen, SinkFacts, SinkSeen, SourceSeen, Tone
from hookrouter.domain.flow_history import Counts, by_kind
from hookrouter.domain.ids import RouteName, SinkName, SourceName
from hookrouter.domain.pause import Pause
from hookrouter.domain.reporting import within
from hookrouter.domain.routing import Route
from hookrouter.domain.spans import span_in_words

BADNESS = {Tone.STOPPED: 0, Tone.SLOW: 1, Tone.FLOWS: 2, Tone.QUIET: 3}
"""By which what is wrong stands first, then what flows."""
LONG_WAIT = timedelta(minutes=1)
"""Who waits for longer, and is neither held nor gathered, is waited for by somebody."""
MOST_WAITING = 1000
"""Deliveries for one sink, as `/health` has it."""
PAUSED = "paused"
STANDING_SAYS = {
    CircuitState.OPEN: "circuit open",
    CircuitState.PROBING: "circuit open, being asked again",
    CircuitState.RESTING: "asked for a rest",
}


def flow_of(plan: FlowPlan, facts: FlowFacts) -> Flow:
    """The picture, what is wrong first; what the configuration names no more is shown as long as there is any of it."""
    by_route, by_sink, links = _sorted_out(facts.counts)
    known = {route.name: route for route in plan.routes}
    names = list(dict.fromkeys([*known, *by_route]))
    sinks = list(dict.fromkeys([*plan.kinds, *facts.sinks, *by_sink]))
    routes = [_route(name, known.get(name), by_route.get(name, Counter()), facts) for name in names]
    seen = [_sink(name, plan, by_sink.get(name, Counter()), facts) for name in sinks]
    return Flow(
        at=facts.now,
        since=facts.since,
        kinds=by_kind(facts.counts),
        pushes=sum(facts.pushes.values()),
        staged=facts.staged,
        partitions=facts.partitions,
        sources=[_source(name, facts) for name in dict.fromkeys([*plan.sources, *facts.pushes])],
        routes=sorted(routes, key=lambda route: (BADNESS[route.tone], -route.taken - route.shadowed)),
        sinks=sorted(seen, key=lambda sink: (BADNESS[sink.tone], -sink.facts.waiting, -sink.delivered)),
        links=_links(plan, links),
    )


def _sorted_out(
    counts: Counts,
) -> tuple[dict[RouteName, Counts], dict[SinkName, Counter[Kind]], dict[tuple[RouteName, SinkName], Counter[Kind]]]:
    by_route: dict[RouteName, Counts] = {}
    by_sink: dict[SinkName, Counter[Kind]] = {}
    links: dict[tuple[RouteName, SinkName], Counter[Kind]] = {}
    for figure, count in counts.items():
        route, sink = RouteName(figure.route), SinkName(figure.sink)
        if route:
            by_route.setdefault(route, Counter())[figure] += count
        if sink:
            by_sink.setdefault(sink, Counter())[figure.kind] += count
        if route and sink:
            links.setdefault((route, sink), Counter())[figure.kind] += count
    return by_route, by_sink, links


def _links(plan: FlowPlan, counted: Mapping[tuple[RouteName, SinkName], Counter[Kind]]) -> list[Link]:
    planned = [(route.name, target.sink) for route in plan.routes for target in route.to]
    nothing: Counter[Kind] = Counter()
    return [
        Link(
            route=route,
            sink=sink,
            delivered=counted.get((route, sink), nothing)[Kind.DELIVERED],
            dead=counted.get((route, sink), nothing)[Kind.DEAD],
        )
        for route, sink in dict.fromkeys([*planned, *counted])
    ]


def _source(name: SourceName, facts: FlowFacts) -> SourceSeen:
    pushes, last = facts.pushes.get(name, 0), facts.last_pushes.get(name)
    quiet = None if last is None else max(timedelta(), facts.now - last)
    says = "no push yet" if quiet is None else f"last push {span_in_words(quiet.total_seconds())} ago"
    return SourceSeen(name=name, pushes=pushes, quiet_for=quiet, tone=Tone.FLOWS if pushes else Tone.QUIET, says=says)


def _route(name: RouteName, route: Route | None, counts: Counts, facts: FlowFacts) -> RouteSeen:
    kinds = by_kind(counts)
    tone, says = _route_does(route, kinds, facts.paused_routes.get(name))
    planned = () if route is None else tuple(target.sink for target in route.to)
    counted = [SinkName(figure.sink) for figure in counts if figure.sink]
    return RouteSeen(
        name=name,
        taken=kinds[Kind.TAKEN],
        shadowed=kinds[Kind.SHADOWED],
        delivered=kinds[Kind.DELIVERED],
        late=kinds[Kind.LATE],
        dead=kinds[Kind.DEAD],
        repeated=kinds[Kind.REPEATED],
        silenced=kinds[Kind.SILENCED],
        half=within(counts, 50),
        is_shadow=route is not None and route.shadow,
        is_known=route is not None,
        is_paused=name in facts.paused_routes,
        to=tuple(dict.fromkeys([*planned, *counted])),
        tone=tone,
        says=says,
    )


def _route_does(route: Route | None, kinds: Counter[Kind], pause: Pause | None) -> tuple[Tone, str]:
    if pause is not None:
        return Tone.STOPPED, str(pause)
    if kinds[Kind.DEAD]:
        return _given_up(kinds)
    promised = None if route is None else route.objective
    if promised is not None and kinds[Kind.DELIVERED] and not promised.is_met(kinds[Kind.LATE], kinds[Kind.DELIVERED]):
        return Tone.SLOW, f"{kinds[Kind.LATE]} of {kinds[Kind.DELIVERED]} late"
    if route is None:
        return Tone.QUIET, "no more in the configuration"
    if route.shadow:
        return Tone.QUIET, "a shadow: sends nothing"
    if kinds[Kind.TAKEN] or kinds[Kind.DELIVERED]:
        return Tone.FLOWS, "flows"
    return Tone.QUIET, "took no lead"


def _sink(name: SinkName, plan: FlowPlan, kinds: Counter[Kind], facts: FlowFacts) -> SinkSeen:
    known = facts.sinks.get(name, SinkFacts())
    tone, says = _sink_does(name, plan, known, kinds, facts.now)
    return SinkSeen(
        name=name,
        kind=plan.kinds.get(name, ""),
        delivered=kinds[Kind.DELIVERED],
        reminded=kinds[Kind.REMINDED],
        dead=kinds[Kind.DEAD],
        facts=known,
        tone=tone,
        says=says,
    )


def _sink_does(
    name: SinkName, plan: FlowPlan, known: SinkFacts, kinds: Counter[Kind], now: datetime
) -> tuple[Tone, str]:
    if name not in plan.kinds:
        return (Tone.STOPPED if known.waiting else Tone.QUIET), "no more in the configuration"
    if known.standing != CircuitState.CLOSED:
        return Tone.STOPPED, _stands(known)
    free = known.waiting - known.retrying - known.held
    waited = timedelta() if known.oldest is None or known.is_gathering else now - known.oldest
    if free > MOST_WAITING or (free and waited > LONG_WAIT):
        return Tone.SLOW, f"the first waits for {span_in_words(max(0.0, waited.total_seconds()))}"
    if kinds[Kind.DEAD]:
        return _given_up(kinds)
    if known.retrying:
        return Tone.SLOW, f"{known.retrying} to be tried again"
    if known.is_gathering:
        return Tone.FLOWS, "gathers a digest"
    if known.held:
        return Tone.FLOWS, f"{known.held} held by their routes"
    return (Tone.FLOWS, "flows") if kinds[Kind.DELIVERED] or kinds[Kind.REMINDED] else (Tone.QUIET, "nothing to send")


def _given_up(kinds: Counter[Kind]) -> tuple[Tone, str]:
    """Where all is given up nothing goes through, whatever the circuit says: the far side answers, and refuses."""
    if kinds[Kind.DELIVERED] or kinds[Kind.REMINDED]:
        return Tone.SLOW, f"{kinds[Kind.DEAD]} given up"
    return Tone.STOPPED, f"{kinds[Kind.DEAD]} given up, and none arrived"


def _stands(known: SinkFacts) -> str:
    """Why a sink is not asked, and until when."""
    if known.standing == PAUSED:
        return known.reason
    says = STANDING_SAYS[CircuitState(known.standing)]
    why = f": {known.reason}" if known.reason else ""
    until = f", until {known.until:%H:%M:%S} UTC" if known.until is not None else ""
    instead = f"; {known.told_instead} is told instead" if known.told_instead else ""
    return f"{says}{why}{until}{instead}"
