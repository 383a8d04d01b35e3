"""Writes, each object with its result, whatever becomes of the calls on the way."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from crm_line import Mishap, a_line

from hookrouter.crm.batches import batches
from hookrouter.crm.doubts import MOST_HISTORIES, UNKNOWN
from hookrouter.crm.patience import Patience
from hookrouter.crm.writes import create_leads, delete_leads, log_calls, update_leads, update_leads_v2
from hookrouter.domain.account_times import AccountTimes
from hookrouter.domain.errors import CrmAway, CrmKeysRefused, CrmQuotaSpent, CrmThrottled
from hookrouter.domain.quota import CallCount
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.quirks import Quirks
from hookrouter.wire.crm.envelope import WriteResult

FIRST = str(FIRST_ID)
MARTA = {"emailAddress": "marta.quill@example.com", "firstName": "Marta"}
DONE = WriteResult(success=True)
PATIENT = Patience(tries=3, first_pause=0.001)


def refused(code: int, message: str) -> WriteResult:
    return WriteResult(success=False, code=code, message=message)


EXISTS = refused(301, "Entry already exists.")
UNCHANGED = refused(302, "No table rows affected.")
MISSING = refused(404, "A record with that ID does not exist.")
OUT_OF_ORDER = refused(999, "Unknown error. Please contact Constant Contact Developer Support.")


async def test_each_object_of_a_write_has_its_result_in_order():
    async with a_line(leads=1) as (crm, _, simulator):
        [first, again, other] = await create_leads(
            crm, [MARTA, {"emailAddress": "MARTA.Quill@example.com"}, {**MARTA, "emailAddress": "teo@example.org"}]
        )
        assert (first.success, again, other.success) == (True, EXISTS, True)

        updates = await update_leads_v2(
            crm,
            [{"id": first.id, "title": "Buyer"}, {"id": "17", "title": "Buyer"}, {"id": first.id, "title": "Buyer"}],
        )
        assert updates == [DONE, MISSING, UNCHANGED]
        assert await update_leads(crm, [{"id": "17", "title": "Buyer"}]) == [DONE]

        assert await delete_leads(crm, [str(first.id), "17"]) == [DONE, UNCHANGED]
        assert [lead["emailAddress"] for lead in simulator.book][1:] == ["teo@example.org"]


async def test_nothing_to_write_is_no_call():
    async with a_line() as (crm, line, _):
        assert await create_leads(crm, []) == []
        assert line.asked == []


def test_a_write_is_cut_where_the_crm_takes_no_more():
    plain = [{"emailAddress": f"{number}@example.com"} for number in range(1001)]
    rich = [{**plain[0], **{f"field_{n}_5a0dd86e6e29{n:x}": "x" for n in range(10)}}]

    assert [len(each) for each in batches(plain)] == [500, 500, 1]
    assert [len(each) for each in batches(plain[:499] + rich)] == [250, 250]
    assert [len(each) for each in batches(plain[:200] + rich)] == [201]
    assert [each for batch in batches(plain) for each in batch] == plain


async def test_more_than_a_call_takes_is_written_by_several():
    async with a_line(leads=0) as (crm, line, simulator):
        results = await create_leads(crm, [{"emailAddress": f"{number}@example.com"} for number in range(501)])

        assert [each.id for each in results] == [lead["id"] for lead in simulator.book]
        assert [len(params["objects"]) for _, params in line.asked] == [500, 1]


LOST_WRITES = pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.EMPTY])


@LOST_WRITES
async def test_what_was_written_though_the_answer_was_lost_is_read_back(mishap):
    async with a_line(leads=1) as (crm, line, _):
        line.mishaps = [mishap, None, mishap, None, mishap, None]
        [created] = await create_leads(crm, [MARTA])
        updated = await update_leads_v2(
            crm, [{"id": created.id, "title": "Smith & <Sons>"}, {"id": "17", "title": "x"}]
        )
        deleted = await delete_leads(crm, [str(created.id), FIRST])

        assert (created.success, updated, deleted) == (True, [DONE, MISSING], [DONE, DONE])
        assert line.methods() == ["createLeads", "getLeads", "updateLeadsV2", "getLeads", "deleteLeads", "getLeads"]


async def test_who_was_there_before_is_told_apart_from_who_was_created():
    async with a_line() as (crm, line, _):
        await create_leads(crm, [MARTA])
        line.mishaps = [Mishap.LOST]
        [result] = await create_leads(crm, [{**MARTA, "firstName": "Another"}])

        assert (result.success, result.code) == (False, 301)


async def test_what_is_not_to_be_found_after_a_lost_answer_is_unknown():
    async with a_line() as (crm, line, _):
        line.mishaps = [Mishap.BROKEN, None, Mishap.BROKEN, None, Mishap.BROKEN]

        assert await create_leads(crm, [MARTA]) == [UNKNOWN]
        assert await update_leads_v2(crm, [{"id": FIRST, "title": "Buyer of tests"}]) == [UNKNOWN]
        assert await delete_leads(crm, [FIRST]) == [UNKNOWN]


async def test_what_cannot_even_be_read_back_is_unknown():
    async with a_line() as (crm, line, _):
        line.mishaps = [Mishap.LOST, Mishap.BROKEN]

        assert await create_leads(crm, [MARTA, {"emailAddress": "teo@example.org"}]) == [UNKNOWN, UNKNOWN]


async def test_an_answer_that_tells_nothing_and_a_write_that_did_nothing_is_an_error_that_may_pass():
    async with a_line() as (crm, line, _):
        line.mishaps = [Mishap.EMPTY]

        # Found by its address, not by what was given: the CRM keeps the title of a lead that it does not know.
        [result] = await update_leads(crm, [{"id": FIRST, "noSuchField": "x"}])

    assert result == OUT_OF_ORDER


@pytest.mark.parametrize(("mishap", "kind"), [(Mishap.BUSY, CrmThrottled), (Mishap.TODAY, CrmQuotaSpent)])
async def test_a_write_that_was_surely_not_made_is_raised(mishap, kind):
    async with a_line() as (crm, line, simulator):
        line.mishaps = [mishap]
        with pytest.raises(kind) as caught:
            await create_leads(crm, [MARTA])

        assert caught.value.did_nothing
        assert len(simulator.book) == 3


async def test_results_so_far_are_kept_when_the_crm_goes_away_between_two_calls():
    async with a_line() as (crm, line, _):
        line.mishaps = [None, Mishap.BUSY]
        results = await create_leads(crm, [{"emailAddress": f"{number}@example.com"} for number in range(502)])

        assert [each.success for each in results[:500]] == [True] * 500
        assert results[500:] == [OUT_OF_ORDER] * 2


async def test_a_call_of_too_many_objects_is_made_in_halves():
    async with a_line(leads=0) as (crm, line, simulator):
        line.mishaps = [Mishap.TOO_MUCH, Mishap.TOO_MUCH]
        results = await create_leads(crm, [{"emailAddress": f"{number}@example.com"} for number in range(8)])

        assert [len(params["objects"]) for _, params in line.asked] == [8, 4, 2, 2, 4]
        assert [each.id for each in results] == [lead["id"] for lead in simulator.book]


async def test_an_object_that_is_refused_alone_as_a_call_is_a_result():
    async with a_line() as (crm, line, _):
        line.mishaps = [Mishap.TOO_MUCH]

        [result] = await create_leads(crm, [MARTA])

    assert (result.success, result.code, result.is_known) == (False, 209, True)


async def test_wrong_keys_are_raised():
    async with a_line(secret_key="WRONG") as (crm, _, _):
        with pytest.raises(CrmKeysRefused):
            await create_leads(crm, [MARTA])


class TestPatience:
    async def test_a_repeat_that_finds_its_own_work_done_is_a_success(self):
        async with a_line(patience=PATIENT) as (crm, line, simulator):
            line.mishaps = [Mishap.LOST]
            [created] = await create_leads(crm, [MARTA])
            line.mishaps = [Mishap.LOST]
            [updated] = await update_leads_v2(crm, [{"id": created.id, "title": "Buyer"}])
            line.mishaps = [Mishap.LOST]
            [deleted] = await delete_leads(crm, [str(created.id)])

            assert (created.success, updated, deleted) == (True, DONE, DONE)
            assert simulator.book.by_id(created.id) is None
            assert line.methods() == [
                method
                for write in ("createLeads", "updateLeadsV2", "deleteLeads")
                for method in (write, write, "getLeads")
            ]

    async def test_a_repeat_that_finds_what_others_did_is_told_so(self):
        async with a_line(patience=PATIENT) as (crm, line, _):
            await create_leads(crm, [MARTA])
            line.mishaps = [Mishap.BROKEN]

            assert await create_leads(crm, [{**MARTA, "firstName": "Another"}]) == [EXISTS]

    async def test_a_call_that_was_logged_perhaps_is_not_logged_again(self):
        async with a_line(patience=PATIENT) as (crm, line, _):
            line.mishaps = [Mishap.BROKEN, None]

            assert await log_calls(crm, [a_call()]) == [UNKNOWN]
            assert line.methods() == ["logCalls", "getEvents"]

    async def test_a_call_that_was_surely_not_logged_is_logged_again(self):
        async with a_line(patience=PATIENT) as (crm, line, _):
            line.mishaps = [Mishap.BUSY]
            [result] = await log_calls(crm, [a_call()])

            assert result.success
            assert line.methods() == ["logCalls", "logCalls"]

    async def test_it_ends(self):
        async with a_line(patience=PATIENT) as (crm, line, _):
            line.mishaps = [Mishap.LOST, Mishap.BROKEN, Mishap.BUSY]
            with pytest.raises(CrmAway) as caught:
                await crm.call("createLeads", {"objects": [MARTA]})

        assert not caught.value.did_nothing, "the first try may have"

    async def test_no_day_is_waited_for(self):
        async with a_line(patience=PATIENT) as (crm, line, _):
            line.mishaps = [Mishap.TODAY]
            with pytest.raises(CrmQuotaSpent):
                await crm.call("getFields", {"where": {}})

            assert len(line.asked) == 1


def a_call(**changes: object) -> dict[str, object]:
    usual = {"userID": "313499604", "leadID": FIRST, "direction": "incoming", "createTimestamp": "2026-03-04 15:20:11"}
    return {**usual, **changes}


@LOST_WRITES
async def test_a_logged_call_is_found_among_the_events_of_its_lead(mishap):
    async with a_line() as (crm, line, _):
        line.mishaps = [mishap]
        results = await log_calls(crm, [a_call(), a_call(direction="outgoing"), a_call(leadID="17")])

    assert results == [DONE, DONE, UNKNOWN]


@LOST_WRITES
async def test_a_logged_call_is_found_by_the_successor_of_get_events_where_that_is_no_more(mishap):
    async with a_line(quirks=Quirks(get_events_gone=True)) as (crm, line, _):
        line.mishaps = [mishap]
        results = await log_calls(crm, [a_call(), a_call(direction="outgoing"), a_call(leadID="17")])

    assert results == [DONE, DONE, UNKNOWN]
    assert {"getEvents", "getEventsByType"} <= set(line.methods())


async def test_a_call_is_found_as_often_as_it_was_logged():
    async with a_line() as (crm, line, _):
        await log_calls(crm, [a_call()])
        line.mishaps = [Mishap.BROKEN]

        assert await log_calls(crm, [a_call(), a_call()]) == [DONE, UNKNOWN]


async def test_no_more_than_a_few_histories_are_read_for_lost_calls():
    async with a_line() as (crm, line, _):
        line.mishaps = [Mishap.LOST]
        calls = [a_call(leadID=str(number)) for number in range(MOST_HISTORIES + 1)]

        assert await log_calls(crm, calls) == [UNKNOWN] * len(calls)
        assert line.methods() == ["logCalls"]


async def test_a_moment_is_written_as_the_account_writes_its_times():
    moment = datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC)
    async with a_line(times=AccountTimes(timezone=ZoneInfo("Europe/Kyiv"))) as (crm, line, _):
        await log_calls(crm, [a_call(createTimestamp=moment)])

    assert line.asked[0][1]["objects"][0]["createTimestamp"] == "2026-03-04 17:20:11"


async def test_each_call_waits_for_its_turn_and_its_answer_tells_of_the_quota():
    told = []

    async def turn() -> None:
        told.append("turn")

    notes = {"on_spent": lambda: told.append("spent"), "on_throttled": lambda: told.append("throttled")}
    async with a_line(turn=turn, on_answer=told.append, **notes) as (crm, line, _):
        line.mishaps = [None, Mishap.TODAY, Mishap.BUSY]
        await update_leads(crm, [{"id": FIRST, "title": "Weaver of tests"}])
        with pytest.raises(CrmQuotaSpent):
            await crm.call("getFields", {"where": {}})

        with pytest.raises(CrmThrottled):
            await crm.call("getFields", {"where": {}})

    assert told == ["turn", CallCount(calls=1, limit=50000), "turn", "spent", "turn", "throttled"]
