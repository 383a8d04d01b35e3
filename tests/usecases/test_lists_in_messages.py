"""What messages want to know of their leads, and the lists above all: asked of a simulated CRM over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from enrich_support import Desk, alike, crm_id, desk_at

from hookrouter.domain.quota import SPENT
from hookrouter.simulator.faults import FaultMode
from hookrouter.simulator.world import LISTS, lists_of
from hookrouter.usecases.enriching.asking import AWAY
from hookrouter.wire.messages.standard_body import standard_message

LISTED = "  - {name: listed, enrich: {lists: true}, to: [all]}\n"
WHOLE = "  - {name: whole, enrich: {lists: true, timeline: {}}, to: [some]}\n"
TIMELY = "  - {name: timely, enrich: {timeline: {last: 30d}}, to: [some]}\n"
LEADS, WAITING = 1200, 250


@pytest.fixture
async def desk(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url, leads=LEADS) as made:
        yield made


def names_of(lead: str) -> tuple[str, ...]:
    return tuple(LISTS[each] for each in lists_of(lead))


async def test_each_message_knows_the_lists_of_its_lead(desk: Desk) -> None:
    desk.configure(LISTED)
    desk.push(*[{"id": crm_id(number)} for number in range(4)])
    await desk.route()

    await desk.enrich()

    told = {each.lead_key: each.lists for each in await desk.deliveries("all")}
    assert told == {crm_id(number): names_of(crm_id(number)) for number in range(4)}
    assert {len(names or ()) for names in told.values()} == {0, 1, 2, 3}


async def test_a_hundred_leads_are_asked_for_in_one_call(desk: Desk) -> None:
    desk.configure(LISTED)
    numbers = alike(WAITING)
    for start in range(0, WAITING, 50):
        desk.push(*[{"id": crm_id(number)} for number in numbers[start : start + 50]])
    await desk.route()
    before = desk.simulator.status()["calls"]

    await desk.enrich()

    assert desk.simulator.status()["calls"] == before + 3
    assert desk.waiting() == 0
    told = await desk.side.store.call("XLEN", desk.runtime.keys.outbox("all"))  # type: ignore[arg-type]  # a sink's name
    assert told == WAITING


async def test_what_was_told_is_remembered_for_a_while(desk: Desk) -> None:
    desk.configure(LISTED)
    for score in range(3):
        desk.push({"id": crm_id(1), "leadScore": str(score)})
        await desk.route()
        await desk.enrich()

    assert [each.lists for each in await desk.deliveries("all")] == [names_of(crm_id(1))] * 3
    assert desk.simulator.status()["calls"] == 1


async def test_a_message_may_want_the_history_too_or_alone(desk: Desk) -> None:
    desk.configure(WHOLE + TIMELY)
    desk.push({"id": crm_id(3)})
    await desk.route()

    await desk.enrich()

    whole, timely = await desk.deliveries("some")
    assert (whole.lists, timely.lists) == (names_of(crm_id(3)), None)
    assert whole.timeline
    assert standard_message(whole)["data"]["lists"] == list(names_of(crm_id(3)))  # type: ignore[index, call-overload]
    assert "lists" not in standard_message(timely)["data"]  # type: ignore[operator]


@pytest.mark.parametrize("mode", [FaultMode.HTML_503, FaultMode.QUOTA])
async def test_who_does_not_wait_goes_out_without_and_says_so(desk: Desk, mode: FaultMode) -> None:
    desk.configure(WHOLE.replace("timeline: {}", "timeline: {}, on_failure: deliver"))
    desk.simulator.faults.switch(mode)
    desk.push({"id": crm_id(3)}, {"emailAddress": "ada@acme.example"})
    await desk.route()

    await desk.enrich()

    known, unknown = sorted(await desk.deliveries("some"), key=lambda each: each.lead_key)
    assert known.lists == ()
    assert {known.lists_missing, known.timeline_missing} <= {AWAY, SPENT}  # as one question told the other
    assert (unknown.lists, unknown.lists_missing) == ((), "the lead has no id")


async def test_who_is_told_to_stop_leaves_what_waits_where_it_is(desk: Desk) -> None:
    desk.configure(WHOLE)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    desk.push({"id": crm_id(3)})
    await desk.route()

    enriching = asyncio.create_task(desk.enrich())
    async with asyncio.timeout(30):
        while not desk.runtime.server.call("EXISTS", desk.runtime.keys.crm_calls()):  # noqa: ASYNC110 - it is in Redis
            await asyncio.sleep(0.01)
    desk.runtime.stopping.set()

    assert await enriching == 0
    assert (await desk.deliveries("some"), desk.waiting()) == ([], 1)
