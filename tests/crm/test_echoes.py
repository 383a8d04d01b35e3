"""What we wrote comes back by a push: it is recognised as an echo, and loops end; the CRM pushes all it is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from crm_line import Mishap
from crm_stage import CrmStage, crm_stage

from hookrouter.domain.crm_events import LoopBroken
from hookrouter.domain.routing_events import LeadRouted
from hookrouter.runtime.desk import Desk
from hookrouter.simulator.leads import FIRST_ID, ID_STEP

StageOf = Callable[..., AbstractAsyncContextManager[CrmStage]]
FIRST = str(FIRST_ID)
SECOND = str(FIRST_ID + ID_STEP)

QUALIFY = """
sinks:
  status: {type: crm, action: update, fields: {leadStatus: qualified, title: "Ms. & Sons"}}
  told: {type: stdout}
routes:
  - {name: hot, match: {leadScore: {gte: 80}}, to: [status]}
  - {name: tell, to: [told]}
"""


@pytest.fixture
def stage_of(tmp_path: Path, valkey: Any) -> StageOf:
    return partial(crm_stage, tmp_path, valkey.url)


async def seen(stage: CrmStage) -> None:
    """Have every lead seen once, so that changes are known from then on."""
    await stage.push(*(dict(lead) for lead in stage.simulator.book))
    await stage.settle()
    stage.heard.events.clear()
    stage.line.asked.clear()


def happened(stage: CrmStage) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.happened, each.routes) for each in stage.heard.of(LeadRouted)]


async def test_an_echo_takes_no_route_and_is_the_lead_as_last_seen(stage_of: StageOf) -> None:
    async with stage_of(QUALIFY) as stage:
        stage.simulator.book.update({"id": FIRST, "leadScore": "10", "leadStatus": "open"})
        await seen(stage)
        stage.simulator.book.update({"id": FIRST, "leadScore": "90"})
        await stage.settle()

        assert happened(stage) == [("updated", ("hot", "tell")), ("echo", ())]
        assert stage.line.methods() == ["updateLeadsV2"]
        stage.simulator.book.update({"id": FIRST, "leadStatus": "customer"})
        await stage.settle()
        assert happened(stage)[2] == ("updated", ("hot", "tell"))


async def test_explain_tells_of_an_echo_what_the_router_did(stage_of: StageOf) -> None:
    async with stage_of(QUALIFY, leads=1) as stage:
        stage.simulator.book.update({"id": FIRST, "leadScore": "10", "leadStatus": "open"})
        await seen(stage)
        stage.simulator.book.update({"id": FIRST, "leadScore": "90"})
        await stage.settle()

        [recalled] = Desk(stage.runtime).recall().last(FIRST)
        told = stage.runtime.explain().lead(recalled.lead, recalled.snapshot, recalled.occasion, own=recalled.own)
        assert (told.event, told.deliveries) == ("echo", ())
        assert "leadStatus" in told.changed


async def test_what_a_person_changed_meanwhile_counts_alone(stage_of: StageOf) -> None:
    routing = QUALIFY + "  - {name: status-changed, match: {changed: [leadStatus]}, to: [told]}\n"
    async with stage_of(routing, leads=1) as stage:
        stage.simulator.book.update({"id": FIRST, "leadScore": "10", "leadStatus": "open", "city": "Ulm"})
        await seen(stage)
        stage.simulator.dials.turn({"pushing": {"batch_delay": 2.0}})
        await stage.push({**stage.simulator.book.by_id(FIRST), "leadScore": "90"})
        await stage.route()
        await stage.deliver()
        stage.simulator.book.update({"id": FIRST, "city": "Bonn"})  # in one push with what was written
        stage.simulator.dials.turn({"pushing": {"batch_delay": 0.01}})
        await stage.settle_after_pushes(1)

        assert happened(stage)[1] == ("updated", ("tell",))


async def test_a_later_change_to_the_same_value_is_none_of_ours(stage_of: StageOf) -> None:
    async with stage_of(QUALIFY, leads=1) as stage:
        stage.simulator.book.update({"id": FIRST, "leadScore": "90", "leadStatus": "open"})
        await seen(stage)
        stage.simulator.book.update({"id": FIRST, "leadScore": "70", "leadStatus": "open"})
        await stage.settle()
        stage.heard.events.clear()
        stage.simulator.book.update({"id": FIRST, "leadStatus": "qualified"})
        await stage.settle()

        assert happened(stage) == [("updated", ("tell",))]


async def test_a_value_that_the_crm_had_already_leaves_nothing_to_recognise(stage_of: StageOf) -> None:
    async with stage_of(QUALIFY, leads=1) as stage:
        stage.simulator.book.update({"id": FIRST, "leadStatus": "open", "title": "x", "leadScore": "10"})
        await seen(stage)
        before = dict(stage.simulator.book.by_id(FIRST) or {})
        stage.simulator.dials.turn({"pushing": {"batch_delay": 0.3}})
        by_a_person = {"leadStatus": "qualified", "title": "Ms. & Sons", "leadScore": "90"}
        stage.simulator.book.update({"id": FIRST, **by_a_person})
        await stage.push({**before, "leadScore": "90"})
        await stage.route()
        await stage.deliver()  # 302: it is so already
        await stage.settle_after_pushes(1)

        assert happened(stage) == [("updated", ("hot", "tell"))] * 2


async def test_what_is_written_once_more_before_it_came_back_is_known_all_the_same(stage_of: StageOf) -> None:
    async with stage_of(QUALIFY, leads=1) as stage:
        stage.simulator.book.update({"id": FIRST, "leadStatus": "open", "leadScore": "10"})
        await seen(stage)
        stage.simulator.dials.turn({"pushing": {"lost": 1.0}})
        stage.simulator.book.update({"id": FIRST, "leadScore": "90"})
        stage.simulator.dials.turn({"pushing": {"lost": 0.0, "batch_delay": 0.3}})
        now, taken = dict(stage.simulator.book.by_id(FIRST) or {}), stage.taken
        for note in ("once", "once more"):
            await stage.push({**now, "a_note_of_ours": note})
            await stage.route()
            await stage.deliver()  # the second changes nothing: 302
        await stage.settle_after_pushes(1, since=taken)  # where cores are scarce it has come by now

        assert happened(stage) == [("updated", ("hot", "tell"))] * 2 + [("echo", ())]


async def test_an_echo_is_routed_where_a_route_asks_for_it(stage_of: StageOf) -> None:
    routing = QUALIFY + "  - {name: audit, match: {event: echo}, to: [told]}\n"
    async with stage_of(routing, leads=1) as stage:
        stage.simulator.book.update({"id": FIRST, "leadScore": "10", "leadStatus": "open"})
        await seen(stage)
        stage.simulator.book.update({"id": FIRST, "leadScore": "90"})
        await stage.settle()

        assert happened(stage) == [("updated", ("hot", "tell")), ("echo", ("audit",))]


async def test_a_lead_that_we_created_comes_back_as_an_echo(stage_of: StageOf) -> None:
    routing = """
sinks:
  book: {type: crm, action: create, fields: {firstName: "{{ lead.firstName }}"}}
  told: {type: stdout}
routes:
  - {name: from-a-form, source: form, to: [book]}
  - {name: tell, source: crm, to: [told]}
"""
    async with stage_of(routing, leads=0) as stage:
        await stage.push({"emailAddress": "Marta@example.com", "firstName": "Marta"}, source="form")
        await stage.settle()
        assert happened(stage) == [("updated", ("from-a-form",)), ("echo", ())]

        [made] = stage.simulator.book
        stage.simulator.book.update({"id": made["id"], "city": "Ulm"})
        await stage.settle()
        assert happened(stage)[2:] == [("updated", ("tell",))]


BACK_AND_FORTH = """
sinks:
  up: {type: crm, action: update, fields: {leadStatus: qualified}, loop: {rounds: 3, within: 1h}}
  down: {type: crm, action: update, fields: {leadStatus: open}, loop: {rounds: 3, within: 1h}}
routes:
  - {name: a, match: {event: [updated, echo], leadStatus: open}, to: [up]}
  - {name: b, match: {event: [updated, echo], leadStatus: qualified}, to: [down]}
"""


async def test_two_routes_that_undo_each_other_are_stopped_after_some_rounds(stage_of: StageOf) -> None:
    async with stage_of(BACK_AND_FORTH, leads=2) as stage:
        for lead in (FIRST, SECOND):
            stage.simulator.book.update({"id": lead, "leadStatus": "customer"})
        await seen(stage)
        stage.simulator.book.update({"id": FIRST, "leadStatus": "open"})
        await stage.settle()

        assert len(stage.line.methods()) == 6  # three rounds
        [broken] = stage.heard.of(LoopBroken)
        assert (broken.route, broken.sink) == ("a", "up")
        [letter] = (await stage.dead()).values()
        assert (letter.reason, letter.delivery.lead_key) == ("loop", FIRST)
        assert "3 times" in letter.answer
        [part] = [part for part in stage.runtime.examine().all() if part.name == "crm_loops"]
        assert part.status == "warn"
        assert re.fullmatch(r"up:a \d+ s ago", str(part.value))

        stage.line.asked.clear()
        stage.simulator.book.update({"id": SECOND, "leadStatus": "open"})  # each lead has rounds of its own
        await stage.settle()
        assert len(stage.line.methods()) == 6


async def test_a_loop_through_the_crms_own_automation_is_stopped(stage_of: StageOf) -> None:
    routing = QUALIFY.replace('title: "Ms. & Sons"}', "title: x}, loop: {rounds: 2}")
    async with stage_of(routing, leads=1) as stage:
        lead = stage.simulator.book.by_id(FIRST)
        assert lead is not None
        stage.simulator.book.update({"id": FIRST, "leadScore": "10", "leadStatus": "open"})
        await seen(stage)
        stage.simulator.book.update({"id": FIRST, "leadScore": "90"})
        await stage.settle()
        for _ in range(4):  # a workflow in the CRM sets it back each time
            if lead["leadStatus"] == "qualified":
                stage.simulator.book.update({"id": FIRST, "leadStatus": "open"})
                await stage.settle()

        assert len(stage.line.methods()) == 2
        assert {letter.reason for letter in (await stage.dead()).values()} == {"loop"}


async def test_a_route_that_writes_the_same_at_every_push_is_no_loop(stage_of: StageOf) -> None:
    async with stage_of(QUALIFY, leads=1) as stage:
        stage.simulator.book.update({"id": FIRST, "leadScore": "90"})
        await seen(stage)
        for number in range(12):
            stage.simulator.book.update({"id": FIRST, "city": f"City {number}"})
            await stage.settle()

        assert stage.heard.of(LoopBroken) == []
        assert await stage.dead() == {}
        assert [event for event, _ in happened(stage)] == ["updated"] * 12


@pytest.mark.parametrize("fate", ["doubled", "delayed"])
async def test_an_echo_that_comes_twice_or_late_takes_no_route_either(stage_of: StageOf, fate: str) -> None:
    async with stage_of(QUALIFY, leads=1, held=0.1) as stage:
        stage.simulator.book.update({"id": FIRST, "leadScore": "10", "leadStatus": "open"})
        await seen(stage)
        stage.simulator.dials.turn({"pushing": {fate: 1.0}})
        stage.simulator.book.update({"id": FIRST, "leadScore": "90"})
        await stage.settle_after_pushes(2)
        await stage.settle()

        assert happened(stage)[:2] == [("updated", ("hot", "tell")), ("echo", ())]
        assert {event for event, _ in happened(stage)[2:]} <= {"unchanged"}
        assert len(stage.line.methods()) == 1


async def test_an_echo_is_known_though_the_answer_to_the_write_was_lost(stage_of: StageOf) -> None:
    async with stage_of(QUALIFY, leads=1) as stage:
        stage.simulator.book.update({"id": FIRST, "leadScore": "10", "leadStatus": "open"})
        await seen(stage)
        stage.line.mishaps = [Mishap.LOST, Mishap.BROKEN]
        stage.simulator.book.update({"id": FIRST, "leadScore": "90"})
        await stage.settle()

        assert happened(stage) == [("updated", ("hot", "tell")), ("echo", ())]
