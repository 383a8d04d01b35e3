"""The picture of the flow: how each part does, what is wrong first, and whether leads flow."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hookrouter.domain.figures import LEADS, Figure, Kind
from hookrouter.domain.flow import Flow, FlowFacts, FlowPlan, SinkFacts, Tone, troubles
from hookrouter.domain.flow_history import Counts, Minute, Point, course
from hookrouter.domain.flow_seen import PAUSED, flow_of
from hookrouter.domain.health import Part, Status
from hookrouter.domain.ids import RouteName, SinkName, SourceName
from hookrouter.domain.pause import Pause
from hookrouter.domain.routing import Objective, Route, Target

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CRM, SALES, BILLING = SourceName("crm"), SinkName("sales"), SinkName("billing")


def a_route(name: str, *to: SinkName, **more: object) -> Route:
    made = Route(name=RouteName(name), conditions=(), to=tuple(Target(sink=sink) for sink in to))
    return replace(made, **more)  # type: ignore[arg-type]


PLAN = FlowPlan(
    sources=[CRM],
    routes=[
        a_route("hot-lead", SALES, BILLING, objective=Objective(percent=95, within=MINUTE)),
        a_route("rest", SALES),
        a_route("try", BILLING, shadow=True),
    ],
    kinds={SALES: "slack", BILLING: "http"},
)
FACTS = FlowFacts(now=NOW, since=NOW - 5 * MINUTE)


def told(route: str, sink: SinkName, number: int, kind: Kind = Kind.DELIVERED) -> Counts:
    return Counter({Figure(kind, route, sink): number})


def seen(counts: Counts | None = None, **facts: object) -> Flow:
    return flow_of(PLAN, replace(FACTS, counts=counts or Counter(), **facts))  # type: ignore[arg-type]


def sink_that(counts: Counts | None = None, **facts: object) -> tuple[Tone, str]:
    flow = seen(counts, sinks={SALES: SinkFacts(**facts)})  # type: ignore[arg-type]
    [sink] = [sink for sink in flow.sinks if sink.name == SALES]
    return sink.tone, sink.says


@pytest.mark.parametrize(
    ("facts", "tone", "says"),
    [
        ({}, Tone.QUIET, "nothing to send"),
        ({"waiting": 3, "oldest": NOW - timedelta(seconds=5)}, Tone.QUIET, "nothing to send"),
        ({"waiting": 3, "oldest": NOW - 3 * MINUTE}, Tone.SLOW, "the first waits for 3 min"),
        ({"waiting": 3, "oldest": NOW - 3 * MINUTE, "is_gathering": True}, Tone.FLOWS, "gathers a digest"),
        ({"waiting": 3, "held": 3}, Tone.FLOWS, "3 held by their routes"),
        ({"waiting": 3, "retrying": 3}, Tone.SLOW, "3 to be tried again"),
        (
            {"standing": "open", "reason": "network", "until": NOW, "told_instead": "mail"},
            Tone.STOPPED,
            "circuit open: network, until 12:00:00 UTC; mail is told instead",
        ),
        ({"standing": PAUSED, "reason": "paused by ada"}, Tone.STOPPED, "paused by ada"),
    ],
)
def test_how_a_sink_does_in_a_word(facts: dict[str, object], tone: Tone, says: str) -> None:
    assert sink_that(**facts) == (tone, says)


def test_a_sink_that_sends_flows_unless_some_was_given_up() -> None:
    assert sink_that(told("rest", SALES, 4)) == (Tone.FLOWS, "flows")
    assert sink_that(told("rest", SALES, 4) + told("rest", SALES, 1, Kind.DEAD)) == (Tone.SLOW, "1 given up")
    assert sink_that(told("rest", SALES, 3, Kind.DEAD)) == (Tone.STOPPED, "3 given up, and none arrived")


def test_what_the_configuration_names_no_more_is_shown_while_anything_is_left_of_it() -> None:
    flow = seen(told("old", SinkName("gone"), 2), sinks={SinkName("lost"): SinkFacts(waiting=7)})

    assert (flow.sinks[0].name, flow.sinks[0].tone) == ("lost", Tone.STOPPED)
    assert {"gone", "sales", "billing"} < {sink.name for sink in flow.sinks}
    [old] = [route for route in flow.routes if route.name == "old"]
    assert (old.says, old.to, old.delivered) == ("no more in the configuration", ("gone",), 2)


def test_how_routes_do() -> None:
    counts = (
        told("hot-lead", SALES, 10)
        + Counter({Figure(Kind.LATE, "hot-lead"): 2, Figure(Kind.TAKEN, "hot-lead"): 10})
        + Counter({Figure(Kind.SHADOWED, "try"): 3, Figure(Kind.REPEATED, "rest"): 1})
        + Counter({Figure(Kind.WAITED, "hot-lead", "", "5"): 6, Figure(Kind.WAITED, "hot-lead", "", "60"): 4})
    )
    pause = Pause(by="ada", reason="holiday", since=NOW)
    flow = seen(counts, paused_routes={RouteName("rest"): pause})

    assert [(route.name, route.tone, route.says) for route in flow.routes] == [
        ("rest", Tone.STOPPED, "paused by ada: holiday"),
        ("hot-lead", Tone.SLOW, "2 of 10 late"),
        ("try", Tone.QUIET, "a shadow: sends nothing"),
    ]
    rest, hot, shadow = flow.routes
    assert (hot.taken, hot.delivered, hot.half, shadow.shadowed, rest.repeated) == (10, 10, "5 s", 3, 1)
    assert {(link.route, link.sink): link.delivered for link in flow.links} == {
        ("hot-lead", SALES): 10,
        ("hot-lead", BILLING): 0,
        ("rest", SALES): 0,
        ("try", BILLING): 0,
    }


CAME = Counter({LEADS: 5})
OPEN = {SALES: SinkFacts(standing="open", waiting=4, retrying=4)}


@pytest.mark.parametrize(
    ("counts", "facts", "says"),
    [
        (CAME + told("rest", SALES, 5), {}, "Leads flow"),
        (CAME, {}, "Leads flow"),
        (None, {}, "No lead came in the last 5 min"),
        (None, {"since": None}, "Nothing was counted yet"),
        (CAME + told("rest", BILLING, 5), {"sinks": OPEN}, "Leads flow, but not to sales"),
        (CAME, {"sinks": OPEN}, "Leads are held up at sales"),
        (CAME + told("rest", BILLING, 5) + told("rest", SALES, 9, Kind.DEAD), {}, "Leads flow, but not to sales"),
        (CAME + told("rest", SALES, 9, Kind.DEAD), {}, "Leads are given up at sales"),
        (CAME, {"sinks": {SALES: SinkFacts(waiting=9, oldest=NOW - 9 * MINUTE)}}, "Leads wait, and none arrives"),
        (None, {"sinks": {SALES: SinkFacts(standing=PAUSED)}}, "No lead came in the last 5 min"),
    ],
)
def test_the_headline_says_whether_leads_flow(counts: Counts | None, facts: dict[str, object], says: str) -> None:
    assert seen(counts, **facts).headline == says


def test_of_many_sinks_that_stand_it_names_a_few() -> None:
    names = [SinkName(f"sink-{number}") for number in range(9)]
    facts = {name: SinkFacts(standing="open", waiting=1) for name in names}
    flow = flow_of(replace(PLAN, kinds=dict.fromkeys(names, "http")), replace(FACTS, sinks=facts))

    assert flow.headline == "Leads are held up at sink-0, sink-1, sink-2 and 6 more"


def test_sources_and_rates() -> None:
    flow = seen(CAME, pushes={CRM: 10}, last_pushes={CRM: NOW - timedelta(seconds=8)})

    [source] = flow.sources
    assert (source.pushes, source.tone, source.says) == (10, Tone.FLOWS, "last push 8 s ago")
    assert (flow.a_minute(10), seen().sources[0].says) == (2.0, "no push yet")
    assert replace(flow, since=NOW - timedelta(seconds=3)).a_minute(10) is None


def test_what_fails_stands_before_what_warns() -> None:
    parts = [Part(name=name, status=status) for name, status in zip("abc", Status, strict=True)]

    assert [part.name for part in troubles(parts)] == ["c", "b"]


def test_a_course_spreads_long_minutes_and_leaves_gaps_where_nobody_looked() -> None:
    since = NOW - 6 * MINUTE
    minutes = [
        Minute(at=since + MINUTE, seconds=60, leads=3, waiting=4),
        Minute(at=since + 4 * MINUTE, seconds=120, leads=8, delivered=2, waiting=9),
    ]

    assert course(minutes, since, MINUTE, 5) == [
        Point(at=since + MINUTE, leads=3, delivered=0, dead=0, waiting=4),
        Point(at=since + 2 * MINUTE),
        Point(at=since + 3 * MINUTE, leads=4, delivered=1, dead=0, waiting=9),
        Point(at=since + 4 * MINUTE, leads=4, delivered=1, dead=0, waiting=9),
        Point(at=since + 5 * MINUTE),
    ]
    [_, wide] = course(minutes, since, 2 * MINUTE, 2)
    assert (wide.leads, wide.at) == (4, since + 4 * MINUTE)
