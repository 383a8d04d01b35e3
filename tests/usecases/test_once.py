"""Routes that do not tell of the same lead again for a while: a real server, a simulated CRM over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from enrich_support import CRM, PLAIN, Desk, crm_id, desk_at

from hookrouter.domain.ids import LeadKey, RouteName
from hookrouter.ports.desk import Wanted
from hookrouter.runtime.desk import Desk as OperatorsDesk
from hookrouter.store.intake import LATE
from hookrouter.usecases.routing.route import ENTRIES_A_STEP

DAILY = "  - {name: daily, match: {leadScore: {gte: 80}}, once: {per: lead, every: 1d}, to: [some]}\n"
CALLED = """  - name: called
    match_timeline: {outgoingCall: {count: {gte: 1}, within: 1h}}
    once: {every: 1d}
    to: [some]
"""
REST = "unmatched: {to: [all]}\n"


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url) as made:
        yield made


def scored(stage: Desk, score: int, lead: int = 0) -> str:
    return stage.push({"id": crm_id(lead), "leadScore": str(score)})


def logged(stage: Desk, route: str, outcome: str) -> list[tuple[str, str]]:
    wanted = Wanted(sink=None, route=RouteName(route), since=None, until=None)
    page = OperatorsDesk(stage.runtime).deliveries().list(wanted, lead=None, outcome=outcome, limit=100)
    return [(each.push, each.came_to.reason) for each in reversed(page.found)]


async def let_time_pass(stage: Desk, lead: int = 0, *, by: timedelta) -> None:
    """As if what a route remembers of a lead were older."""
    key, server = stage.runtime.keys.marks(CRM, LeadKey(crm_id(lead))), stage.runtime.server
    for name, mark in server.call("HGETALL", key).items():
        at, rest = mark.decode().split(":", 1)
        server.call("HSET", key, name, f"{int(at) - int(by.total_seconds() * 1000)}:{rest}")


async def test_a_lead_is_told_of_once_and_its_repeats_are_recorded(stage: Desk) -> None:
    stage.configure(DAILY + PLAIN)
    pushes = []
    for score in (85, 90, 95):
        pushes.append(scored(stage, score))
        await stage.route()
    other = scored(stage, 85, lead=1)
    await stage.route()

    assert await stage.handed("some") == [("daily", pushes[0]), ("daily", other)]
    assert [push for _, push in await stage.handed("all")] == [*pushes, other]
    assert logged(stage, "daily", "repeated") == [(pushes[1], pushes[0]), (pushes[2], pushes[0])]


async def test_pushes_that_are_routed_in_one_step_are_told_of_once(stage: Desk) -> None:
    stage.configure(DAILY)
    pushes = [scored(stage, 80 + number) for number in range(5)]
    assert len(pushes) < ENTRIES_A_STEP

    await stage.route()

    assert await stage.handed("some") == [("daily", pushes[0])]
    assert [push for push, _ in logged(stage, "daily", "repeated")] == pushes[1:]


async def test_when_its_time_is_over_the_lead_is_told_of_again_and_from_then_on(stage: Desk) -> None:
    stage.configure(DAILY)
    told = []
    for score, older in ((81, 0), (82, 23), (83, 2), (84, 23)):
        await let_time_pass(stage, by=timedelta(hours=older))
        told.append(scored(stage, score))
        await stage.route()

    assert await stage.handed("some") == [("daily", told[0]), ("daily", told[2])]


async def test_a_repeat_is_no_unmatched_lead_and_stops_what_stands_below(stage: Desk) -> None:
    stage.configure(DAILY.replace("to: ", "stop: true, to: ") + PLAIN + REST)
    first = scored(stage, 85)
    await stage.route()
    scored(stage, 90)
    await stage.route()

    assert await stage.handed("some") == [("daily", first)]
    assert await stage.handed("all") == []


async def test_a_lead_that_does_not_take_the_route_leaves_no_mark(stage: Desk) -> None:
    stage.configure(DAILY)
    scored(stage, 10)
    await stage.route()
    second = scored(stage, 90)
    await stage.route()

    assert await stage.handed("some") == [("daily", second)]


async def test_what_was_tried_out_as_a_shadow_holds_nothing_back_afterwards(stage: Desk) -> None:
    stage.configure(DAILY.replace("to: ", "shadow: true, to: "))
    tried = scored(stage, 85)
    await stage.route()
    scored(stage, 86)
    await stage.route()
    shadows = [push for push, _ in logged(stage, "daily", "shadow")]

    stage.configure(DAILY)
    told = scored(stage, 90)
    await stage.route()

    assert shadows == [tried]
    assert await stage.handed("some") == [("daily", told)]


async def test_a_router_that_lost_its_lease_leaves_no_mark_and_its_successor_tells(stage: Desk) -> None:
    stage.configure(DAILY)
    push = scored(stage, 85)
    intake = await stage.side.leases.intake(0)
    assert intake is not None
    stage.runtime.server.call("DEL", stage.runtime.keys.lease(stage.runtime.keys.intake(0)))

    await stage.side.route.drain(intake, "intake:0")
    before = (await stage.handed("some"), logged(stage, "daily", "repeated"))
    await stage.route()

    assert before == ([], [])
    assert await stage.handed("some") == [("daily", push)]
    assert logged(stage, "daily", "repeated") == []


async def test_a_push_that_comes_again_under_its_own_name_leads_to_the_same(stage: Desk) -> None:
    stage.configure(DAILY)
    push = scored(stage, 85)
    key = stage.runtime.keys.intake(0)
    [(_, fields)] = stage.runtime.server.call("XRANGE", key, "-", "+")
    await stage.route()
    stage.runtime.server.call("DEL", stage.runtime.keys.snapshot(CRM, LeadKey(crm_id(0))))
    stage.runtime.server.call("XADD", key, "*", "r", fields[b"r"])
    await stage.route()

    handed = await stage.deliveries("some")
    assert [each.push for each in handed] == [push, push]
    assert len({each.id for each in handed}) == 1  # which the sink is given once


async def test_when_redis_comes_back_empty_it_is_told_of_once_more(stage: Desk) -> None:
    stage.configure(DAILY)
    scored(stage, 85)
    await stage.route()
    keys = stage.runtime.server.call("KEYS", f"{stage.runtime.keys.prefix}:*")
    stage.runtime.server.call("DEL", *keys)

    again = scored(stage, 90)
    await stage.route()

    assert await stage.handed("some") == [("daily", again)]


async def test_marks_expire(stage: Desk) -> None:
    stage.configure(DAILY)
    scored(stage, 85)
    await stage.route()

    life = stage.runtime.server.call("TTL", stage.runtime.keys.marks(CRM, LeadKey(crm_id(0))))

    assert timedelta() < timedelta(seconds=life) <= timedelta(days=1) + LATE


async def test_routes_that_the_history_must_tell_tell_once_too(stage: Desk) -> None:
    stage.configure(CALLED + REST)
    await stage.call_happens(crm_id(0))
    first, second = scored(stage, 1), scored(stage, 2)
    await stage.route()
    await stage.decide()
    third = scored(stage, 3)
    await stage.route()
    await stage.decide()

    assert await stage.handed("some") == [("called", first)]
    assert await stage.handed("all") == []
    assert logged(stage, "called", "repeated") == [(second, first), (third, first)]


async def test_explain_tells_of_a_stored_push_by_which_other_the_lead_was_told_of(stage: Desk) -> None:
    stage.configure(DAILY)
    pushes = []
    for score in (85, 90):
        pushes.append(scored(stage, score))
        await stage.route()
    recall, explain = OperatorsDesk(stage.runtime).recall(), stage.runtime.explain()

    told = []
    for push in pushes:
        [each] = recall.push(push)
        marks = recall.memory.marks(CRM, each.lead.key)
        told.append(explain.lead(each.lead, each.snapshot, each.occasion, marks=marks))

    assert [(each.routes[0].failed, each.routes[0].told_by) for each in told] == [(None, None), (None, pushes[0])]
    assert [len(each.deliveries) for each in told] == [1, 0]
    found = [(part.held, part.found) for each in told for part in each.routes[0].judgement.parts[-1:]]
    assert found == [
        (True, "for all that is known here, it was not told of before"),
        (False, f"{pushes[0]} told of it"),
    ]
