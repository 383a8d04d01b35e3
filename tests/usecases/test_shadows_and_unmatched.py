"""Routes that only try themselves out, and the one for the rest: a real server, a simulated CRM over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from enrich_support import PLAIN, Desk, crm_id, desk_at

from hookrouter.domain.ids import RouteName
from hookrouter.ports.desk import Wanted
from hookrouter.runtime.desk import Desk as OperatorsDesk
from hookrouter.simulator.faults import FaultMode

HOT = "  - {name: hot, match: {leadScore: {gte: 80}}, to: [some]}\n"
CALLED = "  - {name: called, match_timeline: {outgoingCall: {count: {gte: 1}, within: 1h}}, to: [some]}\n"
TRIED = "  - {name: tried, shadow: true, stop: true, match: {leadScore: {gte: 60}}, to: [some, all]}\n"
REST = "unmatched: {to: [all]}\n"


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url) as made:
        yield made


def logged(stage: Desk, route: str) -> list[tuple[str, str, str]]:
    """The sink, push and outcome of what the log holds of a route, in its order."""
    wanted = Wanted(sink=None, route=RouteName(route), since=None, until=None)
    page = OperatorsDesk(stage.runtime).deliveries().list(wanted, lead=None, outcome="shadow", limit=100)
    return [(each.sink, each.push, each.came_to.outcome) for each in reversed(page.found)]


async def test_a_shadow_is_recorded_for_each_sink_and_sends_and_stops_nothing(stage: Desk) -> None:
    stage.configure(TRIED + PLAIN)

    push = stage.push({"id": crm_id(0), "leadScore": "70"}, {"id": crm_id(1), "leadScore": "10"})
    await stage.route()

    assert await stage.handed("all") == [("plain", push), ("plain", push)]
    assert await stage.handed("some") == []
    assert logged(stage, "tried") == [("some", push, "shadow"), ("all", push, "shadow")]


async def test_a_shadow_tells_its_story_under_the_name_that_the_delivery_would_have(stage: Desk) -> None:
    stage.configure(TRIED)
    stage.push({"id": crm_id(0), "leadScore": "70"})
    await stage.route()
    desk = OperatorsDesk(stage.runtime).deliveries()
    wanted = Wanted(sink=None, route=RouteName("tried"), since=None, until=None)
    newest = desk.list(wanted, lead=None, outcome=None, limit=1).found[0]

    story = desk.show(newest.delivery).whole()

    assert (story["now"], story["route"], story["sink"], story["revision"]) == (
        "shadow",
        "tried",
        "all",
        stage.runtime.config.revision,
    )


async def test_a_shadow_that_asks_for_the_history_is_recorded_when_it_is_known(stage: Desk) -> None:
    stage.configure(CALLED.replace("to: ", "shadow: true, to: ") + REST)
    await stage.call_happens(crm_id(0))

    push = stage.push({"id": crm_id(0)})
    await stage.route()
    before = (logged(stage, "called"), await stage.handed("all"))
    await stage.decide()

    assert before == ([], [("unmatched", push)])
    assert logged(stage, "called") == [("some", push, "shadow")]
    assert (await stage.handed("some"), stage.waiting()) == ([], 0)


async def test_what_no_route_takes_goes_where_the_rest_goes(stage: Desk) -> None:
    stage.configure(TRIED + HOT + REST)

    push = stage.push({"id": crm_id(0), "leadScore": "90"}, {"id": crm_id(1), "leadScore": "70"}, {"id": crm_id(2)})
    await stage.route()
    again = stage.push({"id": crm_id(2)})
    await stage.route()

    assert await stage.handed("some") == [("hot", push)]
    assert await stage.handed("all") == [("unmatched", push), ("unmatched", push)]
    assert again != push


@pytest.mark.parametrize("happened", [True, False])
async def test_whether_a_lead_is_unmatched_may_be_for_its_history_to_tell(stage: Desk, *, happened: bool) -> None:
    stage.configure(CALLED + REST)
    if happened:
        await stage.call_happens(crm_id(0))

    push = stage.push({"id": crm_id(0)})
    await stage.route()
    before = await stage.handed("all")
    assert await stage.decide()

    assert before == []
    assert await stage.handed("some") == ([("called", push)] if happened else [])
    assert await stage.handed("all") == ([] if happened else [("unmatched", push)])


async def test_while_the_crm_is_away_only_leads_that_a_route_may_take_yet_wait_to_be_unmatched(stage: Desk) -> None:
    asked = CALLED.replace("match_timeline", "match: {state: CA}, match_timeline")
    stage.configure(asked + REST)
    stage.simulator.faults.switch(FaultMode.HTML_503)

    push = stage.push({"id": crm_id(0), "state": "CA"}, {"id": crm_id(1), "state": "NY"})
    await stage.route()
    await stage.decide()

    assert (await stage.handed("all"), stage.waiting()) == ([("unmatched", push)], 1)
    stage.simulator.faults.switch(FaultMode.NONE)
    await stage.let_patience_return()
    assert await stage.decide()
    assert await stage.handed("all") == [("unmatched", push), ("unmatched", push)]


async def test_a_lead_whose_only_route_was_taken_out_meanwhile_is_unmatched(stage: Desk) -> None:
    stage.configure(CALLED + REST)
    await stage.call_happens(crm_id(0))
    push = stage.push({"id": crm_id(0)})
    await stage.route()

    stage.configure(HOT + REST)
    await stage.decide()

    assert await stage.handed("all") == [("unmatched", push)]


async def test_the_rest_can_be_paused_by_its_name(stage: Desk) -> None:
    stage.configure(HOT + REST)

    paused = OperatorsDesk(stage.runtime).pauses().pause("unmatched", by="ada", reason="", until=None)

    assert paused == "route:unmatched"
