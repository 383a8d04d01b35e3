"""One lead's whole story: a real server, real drains, sinks that answer over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from story_support import CRM, StoryStage, story_stage

from hookrouter.domain.circuit import CIRCUIT_SAYS, CircuitState
from hookrouter.domain.errors import NotFound
from hookrouter.domain.logged_attempt import GONE
from hookrouter.domain.on_the_way import Halt
from hookrouter.domain.told_delivery import ToldDelivery
from hookrouter.runtime.desk import Desk
from hookrouter.store.whereabouts import ALL_THERE_ARE
from hookrouter.usecases.explaining.lead_story import CLOSE_BEHIND, FAR_BEHIND

ROUTES = """routes:
  - {name: everywhere, match: {crossed: {leadScore: {above: 80}}}, to: [works, fails, refuses]}
  - {name: customers, match: {leadStatus: customer}, to: [works]}
"""
ADA = {"id": "7", "firstName": "Ada", "emailAddress": "ada@acme.example", "leadStatus": "open"}


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[StoryStage]:
    async with story_stage(tmp_path, valkey.url, ROUTES) as made:
        yield made


def told(deliveries: tuple[ToldDelivery, ...]) -> dict[str, str]:
    return {each.sink: each.now for each in deliveries}


async def test_it_tells_push_after_push_what_changed_what_matched_and_what_came_of_it(stage: StoryStage) -> None:
    first = await stage.push({**ADA, "leadScore": "40"}, {"id": "8"})
    second = await stage.push({"id": "9"}, {**ADA, "leadScore": "91"})
    for sink in ("works", "fails", "refuses"):
        await stage.deliver(sink)

    [story] = stage.stories.tell("7")

    assert [chapter.recalled.occasion.push for chapter in story.chapters] == [second, first]
    now, before = story.chapters
    assert (now.recalled.occasion.place, now.changes) == (1, [("leadScore", "40", "91")])
    assert [(route.route, route.failed) for route in now.explanation.routes] == [
        ("everywhere", None),
        ("customers", "leadStatus is customer (was open)"),
    ]
    assert told(now.deliveries) == {"works": "delivered", "fails": "retrying", "refuses": "dead"}
    assert (before.changes, before.deliveries) == ([], ())
    works, fails, refuses = now.deliveries
    message: Any = works.content
    assert message["body"]["data"] == stage.got[0]["data"]
    assert [attempt.came_to.status for attempt in (*works.story.logged, *fails.story.logged)] == [200, 500]
    assert fails.story.found is not None
    assert fails.story.found.until is not None
    assert refuses.letter is not None
    assert (refuses.letter.status, refuses.letter.answer) == (404, "no: 404")
    assert works.revision == story.revision
    assert story.further is None


@pytest.mark.parametrize("name", ["7", "ada@acme.example", "ADA@ACME.example"])
async def test_a_lead_is_found_by_its_id_and_by_its_address(stage: StoryStage, name: str) -> None:
    push = await stage.push({**ADA, "leadScore": "40"})

    [story] = stage.stories.tell(name)

    assert (story.who, story.last_push, story.fields["firstName"]) == (("crm", "7"), push, "Ada")


async def test_it_goes_on_further_back_where_it_ended(stage: StoryStage) -> None:
    pushes = [await stage.push({**ADA, "leadScore": str(score)}) for score in range(40, 47)]

    [story] = stage.stories.tell("7")
    rest = stage.stories.tell_of(pushes[-1], 0, begin=str(story.further))

    chapters = (*story.chapters, *rest.chapters)
    assert [chapter.recalled.occasion.push for chapter in chapters] == pushes[::-1]
    assert rest.further is None


async def test_a_lead_that_came_twice_in_a_push_is_told_of_twice(stage: StoryStage) -> None:
    await stage.push({**ADA, "leadScore": "40"})
    await stage.push({**ADA, "leadScore": "91"}, {**ADA, "leadScore": "92"})

    [story] = stage.stories.tell("7")

    assert [chapter.changes for chapter in story.chapters] == [
        [("leadScore", "91", "92")],
        [("leadScore", "40", "91")],
        [],
    ]
    assert [len(chapter.deliveries) for chapter in story.chapters] == [0, 3, 0]


async def test_what_was_not_attempted_yet_waits(stage: StoryStage) -> None:
    await stage.push({**ADA, "leadScore": "40"})
    await stage.push({**ADA, "leadScore": "91"})

    [story] = stage.stories.tell("7")

    assert told(story.chapters[0].deliveries) == {"works": "waiting", "fails": "waiting", "refuses": "waiting"}


async def others_are_delivered(stage: StoryStage, count: int) -> None:
    """What other leads came to stands in the log between."""
    runtime, record = stage.runtime, b'{"v": 1, "id": "d_other"}'
    runtime.server.call_all([("XADD", runtime.keys.attempts(), "*", "r", record)] * count)


async def test_what_ended_long_after_its_push_is_found_by_a_look_further(stage: StoryStage) -> None:
    await stage.push({**ADA, "leadScore": "40"})
    await stage.push({**ADA, "leadScore": "91"})
    await others_are_delivered(stage, CLOSE_BEHIND + 10)
    await stage.deliver("works")

    [story] = stage.stories.tell("7")

    assert told(story.chapters[0].deliveries) == {"works": "delivered", "fails": "waiting", "refuses": "waiting"}
    assert story.chapters[0].looked_up_to is None


async def test_how_far_it_looked_is_told_where_an_end_was_not_found(stage: StoryStage) -> None:
    await stage.push({**ADA, "leadScore": "40"})
    await stage.push({**ADA, "leadScore": "91"})
    await others_are_delivered(stage, CLOSE_BEHIND + FAR_BEHIND + 10)
    await stage.deliver("works")

    [story] = stage.stories.tell("7")

    assert told(story.chapters[0].deliveries)["works"] == GONE
    assert story.chapters[0].looked_up_to is not None


async def test_deliveries_by_a_rule_that_is_no_more_are_told_of_all_the_same(stage: StoryStage) -> None:
    await stage.push({**ADA, "leadScore": "40"})
    await stage.push({**ADA, "leadScore": "91"})
    await stage.deliver("works")

    await stage.configure("routes:\n  - {name: others, match: {leadStatus: open}, to: [works]}\n")
    [story] = stage.stories.tell("7")

    [others, everywhere] = story.chapters[0].deliveries
    assert (everywhere.route, everywhere.now, everywhere.content) == ("everywhere", "delivered", None)
    assert (others.route, others.now) == ("others", GONE)
    assert everywhere.revision != story.revision


async def test_a_silence_that_kept_it_back_is_named(stage: StoryStage) -> None:
    now = stage.runtime.clock.now()
    silences = Desk(stage.runtime).silences()
    silence = silences.begin(
        {"leadStatus": "open"}, ["works"], by="ada", reason="an import", until=now + timedelta(hours=1)
    )
    await stage.push({**ADA, "leadScore": "40"})
    await stage.push({**ADA, "leadScore": "91"})

    [story] = stage.stories.tell("7")

    silenced = {each.sink: each.silence for each in story.chapters[0].deliveries}
    assert silenced == {"works": silence, "fails": None, "refuses": None}


async def test_what_holds_its_sink_up_is_said(stage: StoryStage) -> None:
    Desk(stage.runtime).pauses().pause("works", by="ada", reason="it moves", until=None)
    await stage.push({**ADA, "leadScore": "40"})
    for score in range(10):  # as many failures in a row as open the circuit
        await stage.push({**ADA, "id": f"1{score}", "leadScore": "40"})
        await stage.push({**ADA, "id": f"1{score}", "leadScore": "91"})
    await stage.push({**ADA, "leadScore": "91"})
    await stage.deliver("fails")

    [story] = stage.stories.tell("7")

    assert {each.sink: each.held_up for each in story.chapters[0].deliveries} == {
        "works": "the sink is paused by ada: it moves",
        "fails": CIRCUIT_SAYS[CircuitState.OPEN],
        "refuses": "",
    }


async def test_whom_it_was_given_to_and_why_and_its_clock_are_told(stage: StoryStage) -> None:
    await stage.configure(
        "teams: {east: {members: [{owner: 4, name: Ada Brown}, {owner: 5, name: Ben Cole}]}}\n"
        "routes:\n  - name: hot\n    match: {leadScore: {gte: 80}}\n    assign: east\n    to: [works]\n"
        "    follow_up: [{after: 15m, unless: {changed: [leadStatus]}, to: [works]}]\n"
    )
    push = await stage.push({**ADA, "leadScore": "91"})
    await stage.assign()

    [story] = stage.stories.tell("7")

    [chapter] = story.chapters
    assert [(each.assigned.name, each.assigned.reason) for each in chapter.decisions] == [("Ada Brown", "Ada next")]
    assert {team: (given.to.name, given.push) for team, given in story.given.items()} == {"east": ("Ada Brown", push)}
    assert [(clock.clock.route, [step.state for step in clock.steps]) for clock in story.clocks] == [
        ("hot", ["to come"])
    ]
    [delivery] = chapter.deliveries
    assert delivery.assigned is not None
    assert delivery.assigned.name == "Ada Brown"


async def test_it_is_told_from_a_push_that_was_not_routed_yet(stage: StoryStage) -> None:
    push = await stage.push({**ADA, "leadScore": "91"}, is_routed=False)

    story = stage.stories.tell_from(push, "ada@acme.example")

    [chapter] = story.chapters
    assert chapter.recalled.doubt.startswith("how it was before is not known")
    with pytest.raises(NotFound, match="nothing is stored of a lead 8"):
        stage.stories.tell("8")
    [found] = stage.stories.tell("7")
    assert [(each.push, each.place, each.halt) for each in found.on_the_way] == [(push, 0, Halt.INTAKE)]
    await stage.route()
    assert not stage.stories.tell("7")[0].on_the_way
    assert stage.stories.tell_of(push, 0).chapters[0].recalled.occasion.push == push
    with pytest.raises(NotFound, match="no lead number 2"):
        stage.stories.tell_of(push, 1)


async def test_an_address_is_found_in_a_form_however_it_is_encoded_and_not_in_larger_bodies_than_wanted(
    stage: StoryStage,
) -> None:
    body = b"id=7&firstName=Ada&emailAddress=ada%2Bx%40acme.example&leadScore=91"
    stage.runtime.receive().take(CRM, body, {"Content-Type": "application/x-www-form-urlencoded"})
    await stage.route()
    stories = stage.stories
    careful = replace(stories, recall=replace(stories.recall, searched_bytes=10))

    [story] = stories.tell("Ada+x@acme.example")

    assert story.who == (CRM, "7")
    with pytest.raises(NotFound, match="its id finds it further back"):
        careful.tell("ada+x@acme.example")


async def test_a_story_is_told_to_programs(stage: StoryStage) -> None:
    await stage.push({**ADA, "leadScore": "40"})
    push = await stage.push({**ADA, "leadScore": "91"})
    await stage.deliver("refuses")

    [story] = stage.stories.tell("7")

    told = story.as_json()
    chapter: Any = told["chapters"][0]  # type: ignore[index,call-overload]
    assert (told["lead"], chapter["push"], chapter["changes"]) == (
        "7",
        push,
        {"leadScore": {"before": "40", "after": "91"}},
    )
    dead = chapter["deliveries"][2]
    assert (dead["now"], dead["attempts"][0]["status"], dead["attempts"][0]["answer"]) == ("dead", 404, "no: 404")


async def test_a_delivery_is_looked_for_from_its_push_on_and_no_farther_than_wanted(stage: StoryStage) -> None:
    await stage.push({**ADA, "leadScore": "40"})
    await stage.push({**ADA, "leadScore": "91"})
    await stage.deliver("works")
    [story] = stage.stories.tell("7")
    [works, *_] = story.chapters[0].deliveries
    desk = Desk(stage.runtime).deliveries()
    came = story.chapters[0].recalled.occasion.received_at - timedelta(seconds=1)

    assert desk.show(works.id, since=came, most=10).now == "delivered"
    assert desk.show(works.id, most=10).now == "delivered"
    with pytest.raises(NotFound):
        desk.show(works.id, since=came + timedelta(minutes=1), most=ALL_THERE_ARE)
