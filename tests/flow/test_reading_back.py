"""Leads are read back from the CRM by real processes: completed, proven, held back while it is away, never lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from flow_crm import ACCOUNT, SECRET, Crm, crm_id
from flow_stack import PATIENCE, TOKEN, HttpRecorder, Stack, configuration, eventually

from hookrouter.store.crm_calls import SPENT_FOR

StackOf = Callable[..., Stack]
PUSHES, SIZE = 40, 25


@pytest.fixture
def large_crm() -> Iterator[Crm]:
    made = Crm(leads=PUSHES * SIZE)
    yield made
    made.close()


def reading_back(recorder: HttpRecorder, crm: Crm, read_back: str) -> str:
    more = f'crm: {{account_id: {ACCOUNT}, secret_key: "{SECRET}", url: "{crm.api}", rate_limit: 50/s}}'
    sink = f'  api: {{type: http, url: "{recorder.url}/api", retry: {{for: 1h}}}}'
    text = configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}", more=more)
    return text.replace(
        f"{{token: {TOKEN}}}", f"{{token: {TOKEN}, read_back: {read_back}}}\n    bare: {{token: {TOKEN}}}"
    )


def arrived(recorder: HttpRecorder) -> dict[str, dict[str, object]]:
    return {arrival.json["data"]["lead"]["id"]: arrival.json["data"]["lead"] for arrival in recorder.at("/api")}


def lead_of(crm: Crm, number: int) -> dict[str, object]:
    [lead] = crm.call("getLeads", {"where": {"id": crm_id(number)}, "limit": 1, "offset": 0})["lead"]
    return dict(lead)


def test_a_part_of_a_lead_arrives_as_the_whole_lead(stack_of: StackOf, recorder: HttpRecorder, crm: Crm) -> None:
    stack = stack_of(reading_back(recorder, crm, "auto"))

    stack.push([{"id": crm_id(0), "field_9": "blue"}, {"emailAddress": str(lead_of(crm, 1)["emailAddress"]).upper()}])

    eventually(lambda: len(arrived(recorder)) == 2, "both leads")
    assert arrived(recorder) == {crm_id(0): {**lead_of(crm, 0), "field_9": "blue"}, crm_id(1): lead_of(crm, 1)}


def test_what_is_forged_is_rejected_and_what_is_true_goes_through(
    stack_of: StackOf, recorder: HttpRecorder, crm: Crm
) -> None:
    stack = stack_of(reading_back(recorder, crm, "always"))

    stack.push([{**lead_of(crm, 0), "leadScore": "100"}, {**lead_of(crm, 1), "id": "999999"}])

    eventually(lambda: json.loads(stack.run("rejected", "list", "--json")), "the forged lead among the rejected")
    assert arrived(recorder) == {crm_id(0): lead_of(crm, 0)}
    [rejected] = json.loads(stack.run("rejected", "list", "--json"))
    assert "the CRM does not know this lead" in rejected["errors"]["id"]
    stack.run("rejected", "replay", rejected["id"], "--set", f"id={crm_id(2)}")
    eventually(lambda: arrived(recorder).get(crm_id(2)) == lead_of(crm, 2), "the replayed lead as the CRM has it")


@pytest.mark.parametrize(
    ("fault", "told"), [("html503", "HTTP 503"), pytest.param("quota", "daily", marks=pytest.mark.long)]
)
def test_a_crm_that_is_away_delays_what_needs_it_and_nothing_else(
    stack_of: StackOf, recorder: HttpRecorder, crm: Crm, fault: str, told: str
) -> None:
    stack = stack_of(reading_back(recorder, crm, "always"))
    bare = stack.hook.replace("/crm/", "/bare/")
    whole = {number: lead_of(crm, number) for number in range(10)}

    crm.switch(fault)
    stack.push([{"id": crm_id(0)}, {"id": "999999"}])
    stack.post(json.dumps([{"id": crm_id(1)}, whole[2], whole[3]]).encode(), bare)
    eventually(lambda: b"hookrouter_crm_up 0.0" in stack.get("/metrics")[1], "the CRM is known to be away")
    stack.post(json.dumps([whole[4]]).encode(), bare)

    eventually(lambda: set(arrived(recorder)) == {crm_id(2), crm_id(3), crm_id(4)}, "the whole leads")
    checks = json.loads(stack.get("/health")[1])["checks"]
    assert checks["crm"][0]["status"] == "warn"
    assert told in checks["crm"][0]["observedValue"]
    assert checks["stream:hydrate"][0]["observedValue"] == 2
    assert "stream:hydrate" in stack.run("status")
    crm.switch("none")
    patience = PATIENCE + SPENT_FOR.total_seconds()  # a CRM whose day is spent is asked again after that
    eventually(lambda: set(arrived(recorder)) == {crm_id(number) for number in range(5)}, "all that is true", patience)
    eventually(lambda: b"hookrouter_crm_up 1.0" in stack.get("/metrics")[1], "the CRM is known to be back")


@pytest.mark.long
def test_a_worker_killed_while_it_reads_back_loses_nothing(
    stack_of: StackOf, recorder: HttpRecorder, large_crm: Crm
) -> None:
    stack = stack_of(reading_back(recorder, large_crm, "always"))
    pushed = {}

    for push in range(PUSHES):
        numbers = range(push * SIZE, (push + 1) * SIZE)
        answer = stack.push([{"id": crm_id(number)} for number in numbers])
        pushed |= {crm_id(number): answer["push"] for number in numbers}
        if push % 10 == 5:
            stack.kill("worker")
            stack.start("worker")

    eventually(lambda: arrived(recorder).keys() == pushed.keys(), "every pushed lead", patience=60)
    names: dict[str, set[str]] = {}
    for arrival in recorder.at("/api"):
        names.setdefault(arrival.json["data"]["lead"]["id"], set()).add(arrival.headers["webhook-id"])
        assert arrival.json["data"]["push"] == pushed[arrival.json["data"]["lead"]["id"]]
    assert {len(ids) for ids in names.values()} == {1}
    assert json.loads(stack.run("rejected", "list", "--json")) == []


@pytest.mark.timeout(180)
def test_routes_that_the_history_must_tell_outlast_the_crm_and_a_killed_worker(
    stack_of: StackOf, recorder: HttpRecorder, crm: Crm
) -> None:
    text = reading_back(recorder, crm, "never").replace(
        "  - {name: every-lead, to: [api]}",
        "  - name: called\n    match_timeline: {outgoingCall: {count: {gte: 1}}}\n"
        "    to: [{sink: api, headers: {x-by: called}}]\n"
        "  - {name: plain, to: [{sink: api, headers: {x-by: plain}}]}",
    )
    stack = stack_of(text)
    call = {"userID": "1", "leadID": crm_id(1), "direction": "outgoing", "createTimestamp": "2026-03-04 15:20:11"}
    crm.call("logCalls", {"objects": [call]})

    def by(route: str) -> list[str]:
        return [each.json["data"]["lead"]["id"] for each in recorder.at("/api") if each.headers["x-by"] == route]

    crm.switch("html503")
    stack.push([lead_of_the_push(number) for number in range(3)])
    eventually(lambda: len(by("plain")) == 3, "what needs no history")
    eventually(lambda: b"hookrouter_crm_up 0.0" in stack.get("/metrics")[1], "the CRM is known to be away")
    stack.kill("worker")
    stack.start("worker")
    assert by("called") == []
    crm.switch("none")

    eventually(lambda: by("called") == [crm_id(1)], "what the history tells")
    eventually(lambda: json.loads(stack.get("/health")[1])["checks"]["stream:enrich"][0]["observedValue"] == 0, "all")
    assert sorted(by("plain")) == [crm_id(number) for number in range(3)]


def lead_of_the_push(number: int) -> dict[str, object]:
    return {"id": crm_id(number), "firstName": "Ada"}
