"""The CRM's quirks as they are, and switched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hookrouter.simulator.lead_fields import CONTACT_TIME
from hookrouter.simulator.leads import FIRST_ID, TIME_FORMAT
from hookrouter.simulator.quirks import EventDetail, MembershipShape, Quirks, switched_quirks
from hookrouter.simulator.written import Hand

FIRST, SECOND = str(FIRST_ID), str(FIRST_ID + 1024)
EVER = {"startDate": "2000-01-01", "endDate": "2999-12-31", "timestamp": "update"}


async def codes(wire, method, *objects):
    """What each object's result is, and what stands at the top."""
    envelope = await wire.envelope(method, {"objects": list(objects)})
    results = next(iter(envelope["result"].values()), []) if envelope["result"] else [{"error": envelope["error"]}]
    return [each["error"]["code"] if each["error"] else None for each in results]


async def an_update_without_lead(wire):
    return await codes(wire, "updateLeads", {"id": "999", "title": "x"})


async def a_clash(wire):
    second = (await wire.lead(SECOND))["emailAddress"]
    return await codes(wire, "updateLeads", {"id": FIRST, "emailAddress": second})


async def a_no_op(wire):
    return await codes(wire, "updateLeads", {"id": FIRST, "faxNumber": ""})


async def a_locked_status(wire):
    await codes(wire, "updateLeads", {"id": FIRST, "leadStatus": "contactWithOpp"}, {"id": FIRST, "leadStatus": "open"})
    return (await wire.lead(FIRST))["leadStatus"]


async def a_known_address_in_capitals(wire):
    objects = [{"emailAddress": "known@example.com"}, {"emailAddress": "KNOWN@example.com"}]
    return await codes(wire, "createLeads", *objects)


async def many_rich_leads(wire):
    rich = {f"field_{number}_61a0c3f2b4d5e": "x" for number in range(10)}
    objects = [{"emailAddress": f"{number}@example.com", **rich} for number in range(251)]
    return set(await codes(wire, "createLeads", *objects))


async def a_bare_id(wire):
    return await codes(wire, "deleteLeads", FIRST)


async def a_flat_call(wire):
    call = {"userID": "1", "leadID": FIRST, "direction": "incoming", "createTimestamp": "2026-03-04 15:20:11"}
    return bool((await wire.envelope("logCalls", call))["error"])


async def a_page_too_large(wire):
    return (await wire.envelope("getLeads", {"where": {}, "limit": 501}))["error"]


async def inactive_leads(wire):
    await wire.call("updateLeads", {"objects": [{"id": FIRST, "active": "0"}]})
    found = [await wire.call("getLeads", {"where": {}}), await wire.call("getLeadsDateRange", EVER)]
    return [len(each["lead"]) for each in found]


async def an_unknown_lead(wire):
    return ["id" in lead for lead in (await wire.call("getLead", {"id": "999"}))["lead"]]


async def an_unknown_lead_in_a_list(wire):
    one, some = ({"where": {"id": each}} for each in ("999", ["999"]))
    return [len((await wire.call("getLeads", params))["lead"]) for params in (one, some)]


async def a_page_of_a_range(wire):
    return len((await wire.call("getLeadsDateRange", {**EVER, "limit": 1, "offset": 1}))["lead"])


async def a_large_range(wire):
    await wire.call("createLeads", {"objects": [{"emailAddress": f"{number}@example.com"} for number in range(500)]})
    return len((await wire.call("getLeadsDateRange", {**EVER, "limit": 1000}))["lead"])


async def an_error_at_the_top(wire):
    return (await wire.envelope("updateLeadsV2", {"objects": [{"id": "999"}]}))["error"] is None


async def a_count(wire):
    return "callCount" in await wire.envelope("getLead", {"id": FIRST})


async def keys(wire):
    found = [
        await wire.call("getLead", {"id": FIRST}),
        await wire.call("getLeads", {"where": {}}),
        await wire.call("getLeadsDateRange", EVER),
        await wire.call("getEvents", {"where": {}}),
    ]
    return [key for each in found for key in each]


async def a_timeline_in_order(wire):
    events = (await wire.call("getLeadTimeline", {"where": {"whoID": FIRST}}))["leadTimeline"]
    return [event["createTimestamp"] for event in events] == sorted(event["createTimestamp"] for event in events)


async def twins(wire):
    events = (await wire.call("getLeadTimeline", {"where": {"whoID": FIRST}}))["leadTimeline"]
    return len(events) - len({str(event) for event in events}) > 5


async def mail_sync(wire):
    told = {event["eventSource"] for event in (await wire.call("getEvents", {"where": {}}))["event"]}
    by_type = {"where": {"createTimestamp": "2000-01-01", "eventSource": "mailboxSend"}}
    return "mailboxSend" in told, bool((await wire.call("getEventsByType", by_type))["event"])


async def events(wire):
    envelope = await wire.envelope("getEvents", {"where": {}})
    return envelope["error"] and envelope["error"]["code"]


async def event_detail(wire):
    return type((await wire.call("getEvents", {"where": {}}))["event"][0]["eventData"])


async def memberships(wire):
    return type((await wire.call("getLeadListMemberships", {"memberIDs": [FIRST]}))["getWhereIns"])


async def typed_text(wire):
    given = {"id": FIRST, "title": "A & B's <b>", CONTACT_TIME: "<9 & >8"}
    wire.simulator.book.update(given, hand=Hand.TYPED)
    lead = await wire.lead(FIRST)
    return lead["title"], lead[CONTACT_TIME]


async def a_less_than(wire):
    await wire.call("updateLeads", {"objects": [{"id": FIRST, "title": "a<b & c<"}]})
    return (await wire.lead(FIRST))["title"]


ENCODED = ("A &amp; B&#039;s &amp;lt;b&gt;", "&lt;9 & >8")


@pytest.mark.parametrize(
    ("question", "as_it_is", "switch", "switched"),
    [
        (an_update_without_lead, [None], {"success_without_lead": False}, [404]),
        (a_clash, [None], {"clash_is_success": False}, [301]),
        (a_no_op, [302], {"no_op_is_refused": False}, [None]),
        (a_locked_status, "contactWithOpp", {"status_is_locked": False}, "open"),
        (a_known_address_in_capitals, [None, 301], {"addresses_ignore_case": False}, [None, None]),
        (many_rich_leads, {209}, {"rich_creates_are_few": False}, {None}),
        (a_bare_id, [208], {"bare_ids": True}, [None]),
        (a_flat_call, True, {"flat_calls": True}, False),
        (a_page_too_large, None, {"silent_cap": False}, {"code": 209, "data": []}),
        (inactive_leads, [2, 2], {"inactive_hidden": False}, [3, 3]),
        (an_unknown_lead, [False], {"pseudo_leads": False}, []),
        (an_unknown_lead_in_a_list, [0, 0], {"pseudo_leads_in_lists": True}, [1, 0]),
        (a_page_of_a_range, 1, {"range_pages": False}, 3),
        (a_large_range, 503, {"range_above_500": False}, 500),
        (a_large_range, 503, {"largest_page": 100}, 100),
        (an_error_at_the_top, False, {"errors_on_top": False}, True),
        (a_count, True, {"call_counts": False}, False),
        (keys, ["lead", "lead", "lead", "event"], {"documented_keys": True}, ["leads", "leads", "leads", "fields"]),
        (a_timeline_in_order, False, {"timeline_grouped": False}, True),
        (twins, False, {"timeline_duplicates": 1.0}, True),
        (mail_sync, (False, True), {"mail_sync_hidden": False}, (True, True)),
        (events, None, {"get_events_gone": True}, 204),
        (event_detail, type(None), {"event_detail": "text"}, str),
        (event_detail, type(None), {"event_detail": "object"}, dict),
        (memberships, list, {"memberships": "map"}, dict),
        (typed_text, ENCODED, {"typed_is_encoded": False}, ("A & B's <b>", "<9 & >8")),
        (a_less_than, "a&lt;b & c<", {"less_than_is_encoded": False}, "a<b & c<"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) and "code" not in value else "",
)
def test_a_quirk_is_as_in_the_crm_until_it_is_switched(ask, question, as_it_is, switch, switched):
    async def other_way(wire):
        wire.simulator.dials.turn({"quirks": switch})
        return await question(wire)

    told, told_otherwise = ask(question, seed=3), ask(other_way, seed=3)

    assert told == as_it_is
    if isinstance(told_otherwise, dict):
        told_otherwise.pop("message")
    assert told_otherwise == switched


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_version_1_speaks_in_the_companys_timezone_and_1_2_in_utc(ask, zone):
    async def question(wire):
        [one, two] = [await told_by(wire, path) for path in ("/pubapi/v1", "/pubapi/v1.2/")]
        return one, two

    async def told_by(wire, path):
        url = wire.simulator.url + path
        keys = {"accountID": "2_0A1B2C3D", "secretKey": "SECRET0KEY0OF0TESTS"}
        call = {"method": "getLead", "params": {"id": FIRST}, "id": ""}
        async with wire.session.post(url, params=keys, json=call) as answer:
            stamp = (await answer.json())["result"]["lead"][0]["createTimestamp"]
        span = {"startDate": stamp, "endDate": stamp, "timestamp": "create"}
        call = {"method": "getLeadsDateRange", "params": span, "id": ""}
        async with wire.session.post(url, params=keys, json=call) as answer:
            return stamp, [lead["id"] for lead in (await answer.json())["result"]["lead"]]

    (local, found_by_local), (utc, found_by_utc) = ask(question, quirks=Quirks(zone=zone))

    meant = datetime.strptime(local, TIME_FORMAT).replace(tzinfo=ZoneInfo(zone))
    assert meant == datetime.strptime(utc, TIME_FORMAT).replace(tzinfo=UTC)
    assert found_by_local == found_by_utc == [FIRST]


def test_a_change_may_show_late_in_a_range(ask):
    async def question(wire):
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "title": "Weaver"}]})
        now = datetime.now(UTC) + timedelta(seconds=5)
        span = {"startDate": f"{now - timedelta(seconds=25):%Y-%m-%d %H:%M:%S}", "timestamp": "update"}
        span["endDate"] = f"{now:%Y-%m-%d %H:%M:%S}"
        found = [len((await wire.call("getLeadsDateRange", span))["lead"])]
        wire.simulator.dials.turn({"quirks": {"range_lag": 15}})
        return [*found, len((await wire.call("getLeadsDateRange", span))["lead"])]

    assert ask(question) == [1, 0]


def test_quirks_are_switched_by_words():
    wanted = {"no_op_is_refused": "off", "range_lag": "2.5", "event_detail": "text", "zone": "Europe/Berlin"}

    assert switched_quirks(wanted) == Quirks(
        no_op_is_refused=False, range_lag=2.5, event_detail=EventDetail.TEXT, zone="Europe/Berlin"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no_op_is_refused", "perhaps"),
        ("range_lag", "long"),
        ("range_lag", "-1"),
        ("event_detail", "much"),
        ("memberships", "list"),
        ("timeline_duplicates", "2"),
        ("zone", "Europe/Atlantis"),
        ("zone", "../../etc/passwd"),
    ],
)
def test_a_quirk_that_cannot_be_is_refused(name, text):
    with pytest.raises(ValueError, match=r".+"):
        switched_quirks({name: text})


def test_memberships_have_a_shape_by_name():
    assert switched_quirks({"memberships": "map"}).memberships is MembershipShape.MAP
