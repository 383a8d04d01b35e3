"""Lists read page by page, while the CRM changes under the reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from crm_line import Mishap, a_line

from hookrouter.crm.events import events, events_by_type
from hookrouter.crm.leads import all_leads
from hookrouter.crm.paging import Rows, rows_of
from hookrouter.crm.spans import leads_in_span
from hookrouter.crm.timeline import whole_timeline
from hookrouter.domain.errors import CrmAway, CrmQuotaSpent, CrmThrottled
from hookrouter.domain.reconciling import Kind
from hookrouter.simulator.faults import FaultMode
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.quirks import Quirks

FIRST = str(FIRST_ID)
EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def ids(start: int, stop: int) -> list[str]:
    return [str(FIRST_ID + 1024 * number) for number in range(start, stop)]


async def test_every_lead_is_read_once_however_many_pages_they_are():
    async with a_line(leads=1001) as (crm, line, _):
        read = [lead["id"] async for lead in all_leads(crm)]

        assert read == ids(0, 1001)
        assert [params["offset"] for _, params in line.asked] == [
            0,
            499,
            998,
            1000,
        ]  # the last tells the end


@pytest.mark.parametrize("leads", [100, 101, 450])
@pytest.mark.parametrize("pages", [True, False])
async def test_a_crm_that_gives_fewer_than_asked_for_is_read_to_its_end_all_the_same(leads, pages):
    async with a_line(leads=leads, quirks=Quirks(largest_page=100, range_pages=pages)) as (crm, _, simulator):
        active = {lead["id"] for lead in simulator.book if lead["active"] == "1"}
        all_of_them = [lead["id"] async for lead in all_leads(crm)]
        in_span = [lead["id"] async for lead in leads_in_span(crm, *EVER)]

    assert (len(all_of_them), set(all_of_them)) == (len(active), active)
    assert (len(in_span), set(in_span)) == (len(active), active)


@pytest.mark.parametrize("vanished", [(0, 1), (0, 100), (0, 400), (150, 320), (0, 450)])
async def test_nor_is_anybody_left_out_there_when_others_vanish(vanished):
    async with a_line(leads=450, quirks=Quirks(largest_page=100)) as (crm, line, simulator):
        line.meanwhile[3] = lambda: [simulator.book.delete(each) for each in ids(*vanished)]
        read = [lead["id"] async for lead in all_leads(crm)]

    assert len(read) == len(set(read))
    assert set(read) >= set(ids(0, 450)) - set(ids(*vanished))


@pytest.mark.parametrize("vanished", [(0, 1), (0, 300), (200, 500), (0, 500), (499, 500), (0, 1001)])
async def test_nobody_is_left_out_when_others_vanish_between_two_pages(vanished):
    async with a_line(leads=1200) as (crm, line, simulator):
        line.meanwhile[2] = lambda: [simulator.book.delete(each) for each in ids(*vanished)]
        read = [lead["id"] async for lead in all_leads(crm)]

    assert len(read) == len(set(read))
    assert set(read) >= set(ids(0, 1200)) - set(ids(*vanished))


async def test_all_may_vanish():
    async with a_line(leads=501) as (crm, line, simulator):
        line.meanwhile[2] = lambda: [simulator.book.delete(each) for each in ids(0, 501)]

        assert len([lead async for lead in all_leads(crm)]) == 500


async def test_who_is_updated_while_a_span_is_read_comes_again_and_hides_nobody():
    async with a_line(leads=700) as (crm, line, simulator):
        line.meanwhile[2] = lambda: [simulator.book.update({"id": each, "title": "Weaver"}) for each in ids(0, 3)]
        read = [(lead["id"], lead["title"]) async for lead in leads_in_span(crm, *EVER)]

    assert {lead for lead, _ in read} == set(ids(0, 700))
    assert {lead for lead, title in read if title == "Weaver"} >= set(ids(0, 3))


async def test_a_span_is_read_whole_also_where_the_crm_minds_no_offset():
    async with a_line(leads=1200, quirks=Quirks(range_pages=False, range_above_500=False)) as (crm, _, simulator):
        active = {lead["id"] for lead in simulator.book if lead["active"] == "1"}
        read = [lead["id"] async for lead in leads_in_span(crm, *EVER)]

    assert (len(read), set(read)) == (len(active), active)


async def test_more_leads_of_one_second_than_such_a_crm_gives_are_not_taken_for_all():
    async with a_line(leads=0, quirks=Quirks(range_pages=False, range_above_500=False)) as (crm, _, simulator):
        for number in range(501):
            simulator.book.create({"emailAddress": f"{number}@example.com"}, at="2026-01-31 12:00:00")
        with pytest.raises(CrmAway, match="gives only 500"):
            [lead async for lead in leads_in_span(crm, *EVER)]


async def test_a_span_is_of_what_was_created_or_of_what_was_updated_too():
    async with a_line(leads=3) as (crm, _, simulator):
        now = datetime.now(UTC)
        span = now - timedelta(seconds=50), now + timedelta(seconds=50)
        simulator.book.update({"id": FIRST, "title": "Weaver"})
        created = int(simulator.book.create({"emailAddress": "marta.quill@example.com"}))

        told = {by: [lead["id"] async for lead in leads_in_span(crm, *span, by)] for by in Kind}

    assert told == {Kind.UPDATE: [FIRST, str(created)], Kind.CREATE: [str(created)]}


async def test_only_the_fields_that_are_wanted_are_read_with_those_that_tell_leads_apart():
    async with a_line() as (crm, _, _):
        [one, *_] = [lead async for lead in all_leads(crm, ["city"])]
        [other, *_] = [lead async for lead in leads_in_span(crm, *EVER, fields=["city"])]

    assert one.keys() == {"id", "city"}
    assert other.keys() == {"id", "city", "updateTimestamp"}


async def test_a_page_that_fails_is_asked_for_in_small():
    async with a_line(leads=250) as (crm, line, _):
        line.mishaps = [Mishap.BROKEN]
        read = [lead["id"] async for lead in all_leads(crm)]

        assert read == ids(0, 250)
        assert [(params["limit"], params["offset"]) for _, params in line.asked] == [
            (500, 0),
            (100, 0),
            (100, 99),
            (100, 198),
            (100, 249),
        ]


@pytest.mark.parametrize(
    ("mishaps", "kind", "calls"), [([Mishap.BROKEN] * 2, CrmAway, 2), ([Mishap.BUSY], CrmThrottled, 1)]
)
async def test_a_crm_that_stays_away_is_away(mishaps, kind, calls):
    async with a_line() as (crm, line, _):
        line.mishaps = mishaps
        with pytest.raises(kind):
            [lead async for lead in all_leads(crm)]

        assert len(line.asked) == calls


class Told:
    """A client that minds no offset, or answers what it is told to."""

    def __init__(self, result):
        self.result, self.asked = result, 0

    async def call(self, method, params):
        self.asked += 1
        return self.result


async def test_a_crm_that_minds_no_offset_is_not_asked_for_ever():
    client = Told({"lead": [{"id": str(number)} for number in range(500)]})
    for told in (None, lambda row: row["id"]):
        rows = Rows(client=client, method="getLeads", params={}, keys=("lead",), told=told)

        assert len([row async for row in rows.each()]) == 500
    assert client.asked == 4


async def test_silence_is_not_taken_for_nothing():
    rows = Rows(client=Told({}), method="getLeads", params={}, keys=("lead",))

    with pytest.raises(CrmAway, match="has no lead"):
        [row async for row in rows.each()]


async def test_a_long_timeline_is_read_whole_with_its_duplicates():
    async with a_line(leads=1) as (crm, _, _):
        call = {"userID": "1", "leadID": FIRST, "direction": "incoming", "createTimestamp": "2026-03-04 15:20:11"}
        for count in (500, 101):
            await crm.call("logCalls", {"objects": [call] * count})

        timeline = [event async for event in whole_timeline(crm, FIRST, "incomingCall")]
        told = [event async for event in events(crm, FIRST)]
        of_type = [event["id"] async for event in _calls_of_lead(crm)]

    assert len(timeline) == 601
    assert len({event["id"] for event in told}) == len(told) > 601
    assert len(set(of_type)) == 601


def _calls_of_lead(crm):
    return events_by_type(crm, ["incomingCall"], lead=FIRST, after=None)


EVENTS = [{"id": "2", "leadID": FIRST, "eventSource": "formSubmit"}, {"id": "1", "leadID": FIRST}]


@pytest.mark.parametrize(
    "result",
    [
        {"event": EVENTS},
        {"events": EVENTS},
        {"getEventsByType": EVENTS},
        {"event": {"formSubmit": EVENTS[:1], "emailSent": EVENTS[1:]}},
        {"formSubmit": EVENTS[:1], "emailSent": EVENTS[1:]},
    ],
    ids=["a list", "another key", "a bare list", "groups under a key", "groups"],
)
async def test_events_by_type_are_read_in_whatever_shape_they_come(result):
    async with a_line() as (crm, _, _):
        client = Told(result)
        client.times, client.now = crm.times, crm.now

        assert [event async for event in events_by_type(client, ["formSubmit"], lead=FIRST)] == EVENTS


async def test_events_by_type_are_of_a_lead_or_after_a_moment():
    async with a_line() as (crm, _, _):
        with pytest.raises(ValueError, match="which lead"):
            [event async for event in events_by_type(crm, ["formSubmit"])]


async def test_an_id_that_is_none_stops_no_list():
    async with a_line(leads=3) as (crm, _, simulator):
        simulator.book.by_id(ids(1, 2)[0])["id"] = [1]
        read = [lead["id"] async for lead in all_leads(crm)]

    assert read[0::2] == [*ids(0, 1), *ids(2, 3)]


@pytest.mark.parametrize(
    ("found", "ids_of"),
    [
        ([{"id": "1"}, None, "x", {"id": "2"}], ["1", "2"]),
        ({"0": {"id": "1"}, "2": {"id": "2"}}, ["1", "2"]),
        ({"id": "1", "title": None}, ["1"]),
        ({}, []),
        (None, []),
        ("none", []),
    ],
)
def test_rows_are_read_of_a_list_a_map_of_places_and_one_alone(found, ids_of):
    assert [row["id"] for row in rows_of(found)] == ids_of


async def test_a_day_whose_calls_are_used_up_is_not_asked_for_more():
    async with a_line(leads=10) as (crm, line, simulator):
        simulator.faults.switch(FaultMode.QUOTA, 60)
        with pytest.raises(CrmQuotaSpent):
            [lead async for lead in leads_in_span(crm, *EVER)]

    assert len(line.asked) == 1
