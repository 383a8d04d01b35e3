"""Messages that want the history while the CRM is away wait as long as their routes say, and hold up no others."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from enrich_support import Desk, alike, crm_id, desk_at

from hookrouter.clock import SystemClock
from hookrouter.domain.events import Event
from hookrouter.domain.history_events import HistoriesWithheld
from hookrouter.domain.ids import EntryId
from hookrouter.domain.layout import ENRICHING
from hookrouter.domain.quota import SPENT
from hookrouter.ports.streams import EnrichEntry
from hookrouter.ports.turns import Turns
from hookrouter.simulator.faults import FaultMode
from hookrouter.store.enriching import RedisEnricher
from hookrouter.usecases.enriching import asking as asking_module
from hookrouter.usecases.enriching import enrich as enrich_module
from hookrouter.usecases.enriching import known as known_module

PATIENT = "  - {name: patient, enrich: {timeline: {}, lists: true}, to: [all]}\n"
HASTY = (
    "  - {name: hasty, match: {leadScore: 1}, enrich: {timeline: {}, lists: true, on_failure: deliver}, to: [all]}\n"
)
ASKING = "  - {name: asking, match_timeline: {outgoingCall: {count: {gte: 1}}}, to: [some]}\n"
FOR_A_SECOND = HASTY.replace("hasty", "short").replace("on_failure: deliver", "on_failure: {deliver_after: 1s}")


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


@dataclass
class Heard:
    """Keeps what is reported."""

    events: list[Event] = field(default_factory=list)

    def report(self, event: Event) -> None:
        self.events.append(event)

    def flush(self) -> None:
        """Nothing waits."""


class EverySecondTime:
    """Permits of which there is one every second time that somebody asks."""

    def __init__(self) -> None:
        self.asked = 0

    async def take(self) -> timedelta:
        self.asked += 1
        return timedelta(milliseconds=self.asked % 2)


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many entries each read of what waits brought, as they come."""
    counts, read = list[int](), RedisEnricher.read

    async def counted(self: RedisEnricher, count: int, after: EntryId | None) -> Sequence[EnrichEntry]:
        found = await read(self, count, after)
        counts.append(len(found))
        return found

    monkeypatch.setattr(RedisEnricher, "read", counted)
    return counts


async def let_crm_come_back(desk: Desk) -> None:
    desk.simulator.faults.switch("none")
    await desk.enrich()  # one question finds out, and all go on


@pytest.mark.parametrize("mode", [FaultMode.HTML_503, FaultMode.RESET])
async def test_who_waits_is_told_with_the_history_when_the_crm_is_back(
    desk: Desk, mode: FaultMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.configure(PATIENT)
    desk.simulator.faults.switch(mode)
    await push(desk, {"id": crm_id(1), "leadScore": "1"})
    with monkeypatch.context() as minute_is_over:
        minute_is_over.setattr(enrich_module, "TURN_WITHIN", timedelta())
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


async def test_nor_one_that_comes_while_the_others_are_known_to_wait(desk: Desk) -> None:
    desk.configure(PATIENT.replace("enrich:", "match: {leadScore: 2}, enrich:") + HASTY)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    await push(desk, {"id": crm_id(1), "leadScore": "2"})
    await desk.enrich()

    await push(desk, {"id": crm_id(1), "leadScore": "1"}, {"id": crm_id(2), "leadScore": "1"})
    await desk.enrich()
    assert [each.lead_key for each in await desk.deliveries("all")] == [crm_id(2)]

    await let_crm_come_back(desk)

    assert await told(desk) == [("hasty", "1", False), ("patient", "2", True), ("hasty", "1", True)]


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
    first, *others = alike(41)
    await push(desk, {"id": crm_id(first), "leadScore": "1"})
    await desk.enrich()
    calls = desk.simulator.status()["calls"]
    desk.simulator.faults.switch(FaultMode.SLOW, 0.3)  # so that all would be under way at the same time

    await push(desk, *[{"id": crm_id(number), "leadScore": "1"} for number in others])
    await desk.enrich()

    assert len(await told(desk)) == 41
    assert desk.simulator.status()["calls"] == calls + 1


async def test_who_is_to_wait_for_a_while_does_so_and_then_goes_out_without(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_module, "LOOK_AGAIN", timedelta())
    desk.configure(FOR_A_SECOND)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    await push(desk, {"id": crm_id(1), "leadScore": "1"})
    await desk.enrich()
    left_at_first = desk.waiting()

    async with asyncio.timeout(20):
        while desk.waiting():
            await desk.enrich()

    assert left_at_first == 1
    assert await told(desk) == [("short", "1", False)]


async def test_who_waits_for_the_crm_is_told_with_why_and_since_when(desk: Desk) -> None:
    heard = desk.runtime.observer = Heard()
    desk.configure(PATIENT + ASKING)
    desk.simulator.faults.switch(FaultMode.QUOTA)
    await push(desk, *[{"id": crm_id(number), "leadScore": "1"} for number in alike(2)])
    await desk.enrich()
    await desk.enrich()  # it is told once in a while
    await desk.decide()

    [crm, histories] = [part for part in desk.runtime.examine().all() if part.name in {"crm", "histories"}]
    assert (crm.status, crm.value) == ("warn", SPENT)
    assert re.fullmatch(r"4 wait since \d{4}-\d\d-\d\d \d\d:\d\d UTC \(\d+ s ago\)", str(histories.value))
    assert histories.advice.startswith(SPENT)
    assert "on_failure: deliver" in histories.advice
    told = [event for event in heard.events if isinstance(event, HistoriesWithheld)]
    assert [(event.stream, event.waiting) for event in told] == [("enrich:0", 2), ("pending:0", 2)]
    assert told[0].reason == SPENT

    await desk.let_patience_return()
    await let_crm_come_back(desk)
    await desk.decide()
    assert desk.waiting() == 0
    assert [part.value for part in desk.runtime.examine().all() if part.name in {"crm", "histories"}] == ["configured"]


async def test_a_spent_day_holds_up_no_drain(desk: Desk) -> None:
    desk.configure(PATIENT.replace("[all]", "[some]") + HASTY)
    desk.runtime.server.call("HSET", desk.runtime.keys.crm_calls(), "spent", 2**53)
    await push(desk, {"id": crm_id(1), "leadScore": "1"})

    await desk.enrich()

    assert [each.timeline_missing for each in await desk.deliveries("all")] == [SPENT]
    assert desk.waiting() == 1
    assert desk.simulator.status()["calls"] == 0


async def test_what_is_known_to_wait_is_not_read_again_until_the_crm_is_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, kicks = 1500, 20
    listed = PATIENT.replace("timeline: {}, ", "").replace("enrich:", "match: {leadScore: 2}, enrich:")
    desk.configure(listed + HASTY)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    for first in range(0, waiting, 500):
        await push(desk, *[{"id": crm_id(number), "leadScore": "2"} for number in range(first, first + 500)])
    read = count_reads(monkeypatch)
    await desk.enrich()
    read_at_first, calls_at_first = sum(read), desk.simulator.status()["calls"]

    for kick in range(kicks):
        await push(desk, {"id": crm_id(waiting + kick), "leadScore": "1"})
        await desk.enrich()

    assert read_at_first == waiting
    assert sum(read) - read_at_first <= (1 + ENRICHING) * kicks  # its own lead, and what finds out in each stream
    assert desk.simulator.status()["calls"] <= calls_at_first + kicks
    assert await told(desk) == [("hasty", "1", False)] * kicks
    assert desk.waiting() == waiting

    desk.simulator.faults.switch("none")
    await desk.enrich()
    assert desk.waiting() == 0


async def test_the_crm_is_left_alone_for_longer_each_time_until_it_answers(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking_module, "PAUSE_WHEN_AWAY", timedelta(seconds=5))
    desk.configure(PATIENT)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    await push(desk, {"id": crm_id(1), "leadScore": "1"})
    asking, pauses = desk.side.enrich.asking, list[timedelta]()
    for _ in range(5):
        await desk.enrich()
        pauses.append(asking._pause)
        asking._leave_alone_until = SystemClock().now()  # as if it had been left alone long enough

    assert [pause.total_seconds() for pause in pauses] == [5, 10, 20, 30, 30]


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
