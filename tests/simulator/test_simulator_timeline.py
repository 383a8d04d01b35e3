"""The simulated CRM's memory of what leads did."""

from __future__ import annotations

from hookrouter.simulator.leads import FIRST_ID

FIRST = str(FIRST_ID)
CALL = {
    "userID": "313499604",
    "leadID": FIRST,
    "direction": "outgoing",
    "createTimestamp": "2026-03-04 15:20:11",
}


async def timeline(wire, **where):
    return (await wire.call("getLeadTimeline", {"where": {"whoID": FIRST, **where}}))["leadTimeline"]


def test_events_have_no_id_and_are_grouped_by_source(ask):
    async def question(wire):
        return [await wire.call("getLeadTimeline", {"where": {"whoID": FIRST_ID + n * 1024}}) for n in range(20)]

    timelines = [each["leadTimeline"] for each in ask(question, leads=20)]

    for events in timelines:
        sources = [event["eventSource"] for event in events]
        assert len(set(sources)) == sum(1 for one, two in zip(sources, ["", *sources], strict=False) if one != two)
    keys = {key for events in timelines for event in events for key in event}
    assert keys == {"whoID", "createTimestamp", "whatType", "eventSource", "eventName", "__createTimestamp"}
    assert {"formSubmit", "importantPageVisit", "emailOpened"} <= {e["eventSource"] for t in timelines for e in t}


def test_the_past_is_the_same_at_every_asking(ask):
    async def question(wire):
        return await timeline(wire), await timeline(wire)

    one, two = ask(question)

    assert one == two


def test_conditions_and_pages_narrow_it(ask):
    async def question(wire):
        whole = await timeline(wire)
        some = await timeline(wire, eventSource="emailSent,emailOpened")
        kind = await timeline(wire, whatType="email")
        page = await wire.call("getLeadTimeline", {"where": {"whoID": FIRST}, "limit": 2, "offset": 1})
        return whole, some, kind, page["leadTimeline"]

    whole, some, kind, page = ask(question, seed=3)

    assert some == [event for event in whole if event["eventSource"] in ("emailSent", "emailOpened")]
    assert kind == [event for event in whole if event["whatType"] == "email"]
    assert page == whole[1:3]


def test_a_logged_call_becomes_an_event(ask):
    async def question(wire):
        logged = await wire.call("logCalls", {"objects": [CALL, CALL]})
        return logged["creates"], await timeline(wire, eventSource="outgoingCall")

    creates, events = ask(question)

    assert [each["success"] for each in creates] == [True, True]
    assert len({each["id"] for each in creates}) == 2
    assert [event["createTimestamp"] for event in events] == [CALL["createTimestamp"]] * 2


def test_a_call_that_lacks_something_is_not_logged(ask):
    objects = [{**CALL, "leadID": "999"}, {**CALL, "direction": ""}]

    envelope = ask(lambda wire: wire.envelope("logCalls", {"objects": objects}))

    assert [error["code"] for error in envelope["error"]] == [303, 206]


def test_events_with_ids_are_told_of_one_lead_or_of_all(ask):
    async def question(wire):
        everyone = (await wire.call("getEvents", {"where": []}))["event"]
        one = (await wire.call("getEvents", {"where": {"leadID": FIRST_ID}}))["event"]
        nobody = (await wire.call("getEvents", {"where": {"leadID": "999"}}))["event"]
        late = (await wire.call("getEvents", {"where": {"createTimestamp": "2999-01-01"}}))["event"]
        return everyone, one, nobody, late

    everyone, one, nobody, late = ask(question)

    assert {event["leadID"] for event in one} == {FIRST}
    assert len({event["id"] for event in everyone}) == len(everyone) > len(one)
    assert nobody == late == []
