"""Messages that want the history while the CRM is away wait as long as their routes say, and hold up no others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from enrich_support import Desk, crm_id, desk_at

from hookrouter.clock import SystemClock
from hookrouter.simulator.faults import FaultMode
from hookrouter.usecases.enriching import asking as asking_module
from hookrouter.usecases.enriching import enrich as enrich_module
from hookrouter.usecases.enriching.turns import Turns

USUAL = "  - {name: usual, match: {leadScore: 1}, enrich: {timeline: {}, lists: true}, to: [all]}\n"
PATIENT = "  - {name: patient, enrich: {timeline: {}, lists: true, on_failure: wait}, to: [all]}\n"
HASTY = (
    "  - {name: hasty, match: {leadScore: 1}, enrich: {timeline: {}, lists: true, on_failure: deliver}, to: [all]}\n"
)


@pytest.fixture
async def desk(tmp_path: Path, valkey: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(asking_module, "PAUSE_WHEN_AWAY", timedelta())
    async with desk_at(tmp_path, valkey.url, leads=200) as made:
        yield made


async def told(desk: Desk) -> list[tuple[str, str, bool]]:
    """What the sink is given, in its order: route and score of the lead, and whether its history and lists are told."""
    return [
        (each.route, str(each.lead["leadScore"]), not each.timeline_missing and not each.lists_missing)
        for each in await desk.deliveries("all", most=1000)
    ]


async def push(desk: Desk, *leads: dict[str, str]) -> None:
    desk.push(*leads)
    await desk.route()


class EverySecondTime:
    """Permits of which there is one every second time that somebody asks."""

    def __init__(self) -> None:
        self.asked = 0

    async def take(self) -> timedelta:
        self.asked += 1
        return timedelta(milliseconds=self.asked % 2)


async def let_crm_come_back(desk: Desk) -> None:
    desk.simulator.faults.switch("none")
    await desk.enrich()  # one question finds out
    await desk.enrich()


@pytest.mark.parametrize("mode", [FaultMode.HTML_503, FaultMode.RESET])
async def test_who_waits_is_told_with_the_history_when_the_crm_is_back(
    desk: Desk, mode: FaultMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.configure(PATIENT)
    desk.simulator.faults.switch(mode)
    await push(desk, {"id": crm_id(1), "leadScore": "1"})
    with monkeypatch.context() as minute_is_over:
        minute_is_over.setattr(enrich_module, "PATIENCE", timedelta())
        await desk.enrich()
    assert await told(desk) == []

    await let_crm_come_back(desk)

    assert await told(desk) == [("patient", "1", True)]


@pytest.mark.parametrize("mode", [FaultMode.HTML_503, FaultMode.RESET, FaultMode.QUOTA])
async def test_who_does_not_wait_goes_out_at_once_without(desk: Desk, mode: FaultMode) -> None:
    desk.configure(HASTY)
    desk.simulator.faults.switch(mode)
    await push(desk, {"id": crm_id(1), "leadScore": "1"})

    await desk.enrich()

    assert await told(desk) == [("hasty", "1", False)]
    assert desk.waiting() == 0


async def test_who_waits_holds_up_nobody_else(desk: Desk) -> None:
    waiting = enrich_module.ENTRIES_A_STEP + 1
    desk.configure(PATIENT.replace("enrich:", "match: {leadScore: 2}, enrich:") + HASTY)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    for first in range(0, waiting, 50):
        await push(
            desk, *[{"id": crm_id(number), "leadScore": "2"} for number in range(first, min(first + 50, waiting))]
        )
    await push(desk, {"id": crm_id(waiting), "leadScore": "1"})

    await desk.enrich()

    assert await told(desk) == [("hasty", "1", False)]
    assert desk.waiting() == waiting


async def test_no_state_of_a_lead_overtakes_one_that_waits(desk: Desk) -> None:
    desk.configure(PATIENT.replace("enrich:", "match: {leadScore: 2}, enrich:") + HASTY)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    await push(desk, {"id": crm_id(1), "leadScore": "2"})
    await push(desk, {"id": crm_id(1), "leadScore": "1"})
    await desk.enrich()
    assert await told(desk) == []

    await let_crm_come_back(desk)

    assert await told(desk) == [("patient", "2", True), ("hasty", "1", True)]


async def test_on_the_way_to_another_sink_a_lead_does_not_wait(desk: Desk) -> None:
    desk.configure(PATIENT.replace("[all]", "[some]") + HASTY)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    await push(desk, {"id": crm_id(1), "leadScore": "1"})

    await desk.enrich()

    assert await told(desk) == [("hasty", "1", False)]
    assert desk.waiting() == 1


async def test_while_one_question_finds_out_whether_the_crm_is_back_no_other_waits_for_that(desk: Desk) -> None:
    desk.configure(HASTY)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    await push(desk, {"id": crm_id(1), "leadScore": "1"})
    await desk.enrich()
    calls = desk.simulator.status()["calls"]
    desk.simulator.faults.switch(FaultMode.SLOW, 0.3)  # so that all would be under way at the same time

    await push(desk, *[{"id": crm_id(number), "leadScore": "1"} for number in range(2, 42)])
    await desk.enrich()

    assert len(await told(desk)) == 41
    assert desk.simulator.status()["calls"] == calls + 1


async def test_who_says_nothing_waits_for_a_minute(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.configure(USUAL)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    await push(desk, {"id": crm_id(1), "leadScore": "1"})
    await desk.enrich()
    assert await told(desk) == []

    monkeypatch.setattr(enrich_module, "PATIENCE", timedelta())
    await desk.enrich()

    assert await told(desk) == [("usual", "1", False)]


async def test_what_the_crm_cannot_tell_ever_is_not_waited_for(desk: Desk) -> None:
    desk.configure(PATIENT)
    await push(desk, {"emailAddress": "ada@acme.example", "leadScore": "1"})

    await desk.enrich()

    assert await told(desk) == [("patient", "1", False)]


async def test_turns_come_in_order_and_only_the_first_in_the_queue_asks_for_one() -> None:
    permits, came = EverySecondTime(), list[int]()
    turns = Turns(permits=permits, clock=SystemClock(), should_stop=lambda: False)

    async def wait(number: int) -> None:
        await turns.wait()
        came.append(number)

    await asyncio.gather(*map(wait, range(50)))

    assert came == list(range(50))
    assert permits.asked == 100
