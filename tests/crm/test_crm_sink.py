"""The sink that writes to the CRM: many leads a call, each with its own outcome, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from crm_line import Mishap
from crm_stage import CrmStage, crm_stage

from hookrouter.domain.crm_write import Action
from hookrouter.domain.events import DeliveryAttempted
from hookrouter.simulator.faults import FaultMode
from hookrouter.simulator.leads import FIRST_ID, ID_STEP

StageOf = Callable[..., AbstractAsyncContextManager[CrmStage]]
WRITES = """
sinks: {{writeback: {{type: crm, {options}}}}}
routes: [{{name: all, match: {{event: [created, updated, unchanged]}}, to: [writeback]}}]
"""
TITLED = WRITES.format(options='action: update, fields: {title: "Buyer of {{ lead.companyName }}"}')
CALLED = WRITES.format(
    options='action: log_call, fields: {userID: "7", direction: outgoing, callNotes: "{{ lead.city }}"}'
)


@pytest.fixture
def stage_of(tmp_path: Path, valkey: Any) -> StageOf:
    return partial(crm_stage, tmp_path, valkey.url, subscribed=False)


def crm_id(number: int) -> str:
    return str(FIRST_ID + number * ID_STEP)


def lead(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": crm_id(number), "companyName": f"Firm {number}", "leadStatus": "open", **fields}


def outcomes(stage: CrmStage) -> list[tuple[str, str, int | None]]:
    return [(each.outcome, str(each.reason), each.status) for each in stage.heard.of(DeliveryAttempted)]


async def test_what_waits_is_written_by_few_calls(stage_of: StageOf) -> None:
    async with stage_of(TITLED, leads=1200) as stage:
        await stage.push(*(lead(number) for number in range(1200)))
        await stage.route()
        await stage.deliver()

        assert [len(objects) for objects in stage.calls("updateLeadsV2")] == [500, 500, 200]
        titles = [stage.simulator.book.by_id(crm_id(number))["title"] for number in range(1200)]
        assert titles == [f"Buyer of Firm {number}" for number in range(1200)]
        assert set(outcomes(stage)) == {("delivered", "", None)}


async def test_each_lead_of_a_call_has_its_own_outcome(stage_of: StageOf) -> None:
    fields = '{title: "{{ lead.title }}", ownerID: "{{ lead.wanted_owner }}"}'
    async with stage_of(WRITES.format(options=f"action: update, fields: {fields}"), leads=3) as stage:
        there = {"id": crm_id(1), "title": "Tester", "ownerID": "313499605"}
        stage.simulator.book.update(there)
        await stage.push(
            lead(0, title="Buyer", wanted_owner="313499604"),
            lead(1, title=there["title"], wanted_owner=there["ownerID"]),
            lead(2, title="Buyer", wanted_owner="Ada Brown"),
            lead(999, title="Buyer", wanted_owner="313499604"),
        )
        await stage.settle()

        assert len(stage.calls("updateLeadsV2")) == 1
        assert stage.simulator.book.by_id(crm_id(0))["title"] == "Buyer"
        assert sorted(outcomes(stage), key=str) == [
            ("dead", "refused", 205),
            ("dead", "refused", 404),
            ("delivered", "", 302),
            ("delivered", "", None),
        ]
        dead = await stage.dead()
        assert {key: letter.status for key, letter in dead.items()} == {crm_id(2): 205, crm_id(999): 404}
        assert "ownerID" in dead[crm_id(2)].answer
        assert "title" not in dead[crm_id(2)].answer


async def test_a_lead_that_is_created_twice_is_there_once(stage_of: StageOf) -> None:
    options = 'action: create, fields: {firstName: "{{ lead.firstName }}", leadStatus: open}'
    async with stage_of(WRITES.format(options=options), leads=0) as stage:
        await stage.push({"emailAddress": "Marta@example.com", "firstName": "Marta"}, source="form")
        await stage.push({"emailAddress": "marta@Example.com", "firstName": "Marta Q"}, source="form")
        await stage.push({"id": "77", "firstName": "No Address"}, source="form")
        await stage.settle()

        assert [(each["emailAddress"], each["firstName"]) for each in stage.simulator.book] == [
            ("Marta@example.com", "Marta")
        ]
        assert sorted(outcomes(stage), key=str) == [
            ("dead", "rendering", None),
            ("delivered", "", 301),
            ("delivered", "", None),
        ]


async def test_a_lead_that_is_gone_is_deleted_already(stage_of: StageOf) -> None:
    async with stage_of(WRITES.format(options="action: delete"), leads=2) as stage:
        await stage.push(lead(0), lead(999))
        await stage.settle()

        assert [each["id"] for each in stage.simulator.book] == [crm_id(1)]
        assert [outcome for outcome, _, _ in outcomes(stage)] == ["delivered", "delivered"]


@pytest.mark.parametrize("fault", [FaultMode.QUOTA, FaultMode.HTML_503], ids=str)
async def test_all_of_a_call_wait_while_the_crm_is_away(stage_of: StageOf, fault: FaultMode) -> None:
    async with stage_of(TITLED) as stage:
        stage.simulator.faults.mode = fault
        await stage.push(lead(0), lead(1), lead(2))
        await stage.settle()
        assert [outcome for outcome, _, _ in outcomes(stage)] == ["retry"] * 3

        stage.simulator.faults.mode = FaultMode.NONE
        for _ in range(2):  # the first tells the others that the day's calls are spent
            await stage.let_retries_come_due()
            await stage.deliver()
            await stage.forget_the_day()

        assert {each["title"] for each in stage.simulator.book} == {f"Buyer of Firm {number}" for number in range(3)}
        assert await stage.dead() == {}


async def test_no_call_is_made_when_the_days_calls_are_used_up(stage_of: StageOf) -> None:
    async with stage_of(TITLED) as stage:
        await stage.use_up_the_day()
        await stage.push(lead(0), lead(1))
        await stage.settle()

        assert stage.line.asked == []
        assert outcomes(stage) == [("retry", "throttled", None)] * 2


async def test_a_lost_answer_is_read_back_and_nothing_is_written_twice(stage_of: StageOf) -> None:
    async with stage_of(TITLED) as stage:
        stage.line.mishaps = [Mishap.LOST]
        await stage.push(lead(0), lead(1))
        await stage.settle()

        assert stage.line.methods() == ["updateLeadsV2", "getLeads"]
        assert outcomes(stage) == [("delivered", "", None)] * 2


async def test_a_call_whose_answer_was_lost_is_looked_up(stage_of: StageOf) -> None:
    async with stage_of(CALLED) as stage:
        stage.line.mishaps = [Mishap.LOST]
        await stage.push(lead(0), lead(1))
        await stage.settle()

        assert outcomes(stage) == [("delivered", "", None)] * 2
        assert stage.line.methods() == ["logCalls", "getEvents", "getEvents"]


async def test_a_call_that_may_be_logged_is_never_logged_again_by_itself(stage_of: StageOf) -> None:
    async with stage_of(CALLED) as stage:
        stage.line.mishaps = [Mishap.LOST, Mishap.BROKEN]  # and its events cannot be read
        await stage.push(lead(0))
        await stage.settle()

        [letter] = (await stage.dead()).values()
        assert letter.reason == "in_doubt"
        assert "nobody knows" in letter.answer
        await stage.replay_all()
        await stage.settle()
        assert stage.line.methods().count("logCalls") == 2  # the operator said so


async def test_a_worker_that_died_while_it_logged_a_call_does_not_log_it_twice(stage_of: StageOf) -> None:
    async with stage_of(CALLED) as stage:
        await stage.push(lead(0))
        await stage.route()
        [delivery] = await stage.deliveries("writeback")
        sink = stage.side.deliver.sinks.find(delivery.sink, delivery.route)
        assert sink is not None
        attempt = delivery.with_attempt(stage.runtime.clock.now())
        await sink.send(attempt, sink.render(attempt))  # and is killed before it writes what came of it
        await stage.settle()

        assert stage.line.methods() == ["logCalls", "getEvents"]
        assert outcomes(stage) == [("delivered", "", None)]


async def test_a_lead_that_changes_while_the_crm_is_away_never_gets_its_older_state(stage_of: StageOf) -> None:
    options = 'action: update, fields: {city: "{{ lead.city }}"}'
    async with stage_of(WRITES.format(options=options)) as stage:
        stage.line.mishaps = [Mishap.BUSY]
        await stage.push(lead(0, city="Ulm", updateTimestamp="2026-03-04 15:00:00"))
        await stage.settle()
        await stage.push(lead(0, city="Bonn", updateTimestamp="2026-03-04 15:00:01"))
        await stage.let_retries_come_due()
        await stage.settle()

        assert [objects[0]["city"] for objects in stage.calls("updateLeadsV2")] == ["Ulm", "Bonn"]
        assert stage.simulator.book.by_id(crm_id(0))["city"] == "Bonn"


async def test_what_two_routes_write_to_one_lead_is_written_once_each(stage_of: StageOf) -> None:
    routing = """
sinks:
  first: {type: crm, action: update, fields: {title: First}}
  second: {type: crm, action: update, fields: {title: Second, city: Ulm}}
routes: [{name: a, to: [first]}, {name: b, to: [second]}]
"""
    async with stage_of(routing) as stage:
        await stage.push(lead(0))
        await stage.settle()

        written = [one["title"] for call in stage.calls("updateLeadsV2") for one in call]  # in one call, if in time
        assert sorted(written) == ["First", "Second"]
        assert stage.simulator.book.by_id(crm_id(0))["city"] == "Ulm"


async def test_a_lead_known_by_its_address_is_updated_by_it(stage_of: StageOf) -> None:
    options = 'action: update, fields: {favorite_color: "{{ lead.firstName }}"}'
    async with stage_of(WRITES.format(options=options)) as stage:
        there = stage.simulator.book.by_id(crm_id(0))
        given = {"emailAddress": there["emailAddress"], "firstName": "blue", "favorite_color_5a0dd86e6e290": "red"}
        await stage.push(given, source="form")
        await stage.settle()

        assert stage.calls("updateLeadsV2") == [
            [{"emailAddress": there["emailAddress"], "favorite_color_5a0dd86e6e290": "blue"}]
        ]


async def test_a_sink_that_may_not_see_the_address_still_names_the_lead_by_it(stage_of: StageOf) -> None:
    options = "action: update, only: [firstName], fields: {title: Buyer}"
    async with stage_of(WRITES.format(options=options)) as stage:
        there = stage.simulator.book.by_id(crm_id(0))
        await stage.push({"emailAddress": there["emailAddress"].upper(), "firstName": "x"}, source="form")
        await stage.settle()

        assert stage.simulator.book.by_id(crm_id(0))["title"] == "Buyer"


async def test_nothing_secret_is_kept_of_what_goes_wrong(stage_of: StageOf) -> None:
    async with stage_of(TITLED) as stage:
        stage.line.mishaps = [Mishap.BROKEN]
        await stage.push(lead(0))
        await stage.settle()

        kept = repr(stage.heard.events) + repr(await stage.everything_kept())
        assert "SECRET0KEY" not in kept
        assert Action.UPDATE in repr(stage.side.deliver.sinks)
        assert "SECRET0KEY" not in repr(stage.side.deliver.sinks)


OWNED = """
sinks: {writeback: {type: crm, action: update, fields: {FIELDS}}}
teams: {east: {members: [{owner: 313499604, name: Ada Brown}], limit: {leads: 1, per: day}}}
routes: [{name: all, assign: east, to: [writeback]}]
"""


@pytest.mark.parametrize(
    ("fields", "second"),
    [('ownerID: "{{ assigned.owner }}"', "Tester"), ('ownerID: "{{ assigned.owner }}", title: Buyer', "Buyer")],
    ids=["owner alone", "owner and title"],
)
async def test_whom_a_lead_is_given_to_becomes_its_owner_and_nobody_empties_none(
    stage_of: StageOf, fields: str, second: str
) -> None:
    async with stage_of(OWNED.replace("FIELDS", fields), leads=2) as stage:
        for number in range(2):
            stage.simulator.book.update({"id": crm_id(number), "ownerID": "313499609", "title": "Tester"})
        await stage.push(lead(0))
        await stage.push(lead(1))
        await stage.route()
        await stage.assign()

        await stage.deliver()

        first, other = (stage.simulator.book.by_id(crm_id(number)) for number in range(2))
        assert (first["ownerID"], other["ownerID"]) == ("313499604", "313499609")
        assert other["title"] == second
        assert {each.outcome for each in stage.heard.of(DeliveryAttempted)} == {"delivered"}
