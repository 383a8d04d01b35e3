"""Calls that look over the whole: a lead's story, the flow, the rules, the CRM; and to forget somebody."""

from __future__ import annotations

import json

import pytest
from api_support import CONFIGURATION

from hookrouter.domain.audit import Act
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import INTAKE, Layout, Spread, outbox_of
from hookrouter.runtime.desk import Desk
from hookrouter.runtime.stories import Stories
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.wire.kept.layout import write_layout

ADDRESS = "ada@example.com"
PHONE = "+1 555 010 2030"
SECRET = "a-secret-that-nobody-prints"


def test_a_leads_story_is_told_and_masked(api, reader):
    push = api.push({"id": "1", "leadScore": 91, "emailAddress": ADDRESS, "mobilePhoneNumber": PHONE})

    api.route()

    for body in ({"lead": ADDRESS}, {"lead": "1"}, {"lead": "1", "push": push}, {"push": push, "place": 0}):
        answer = reader.post("leads/story", body)
        [story] = answer.json["found"]
        [chapter] = story["chapters"]
        assert (story["lead"], chapter["push"], chapter["pending"]) == ("1", push, [])
        assert {each["sink"] for each in chapter["deliveries"]} == {"log", "billing"}
        assert [clock["route"] for clock in story["clocks"]] == ["hot-lead"]
        assert ADDRESS not in answer.text
        assert PHONE not in answer.text
    open_ = api.post("leads/story", {"push": push, "place": 0}, unmask="true")
    assert open_.json["found"][0]["chapters"][0]["pushed"]["emailAddress"] == ADDRESS
    assert [(deed.act, deed.of) for deed in api.deeds()] == [(Act.UNMASK, "/api/v1/leads/story")]


@pytest.mark.parametrize(
    "body", [{}, {"push": "p_1"}, {"place": 0}, {"lead": "1", "push": "p_1", "place": 0}, {"lead": "1", "place": 0}]
)
def test_a_story_of_nobody_is_no_question(api, body):
    assert api.post("leads/story", body).status_code == 422


def test_a_lead_is_forgotten_and_the_audit_log_does_not_say_who(api, bury):
    bury(a_delivery(change=a_change(lead=a_lead(id="7", emailAddress=ADDRESS)), sink="billing"))
    api.push({"id": "7", "emailAddress": ADDRESS})

    looked = api.post("leads/forget", {"lead": ADDRESS, "only_look": True}).json
    assert (looked["ids"], looked["erased"]["dead"]) == (["7"], 1)
    assert len(api.get("dead").json["found"]) == 1
    erased = api.post("leads/forget", {"lead": ADDRESS}).json
    assert erased["total"] == looked["total"]
    assert api.get("dead").json["found"] == []
    assert api.post("leads/forget", {"lead": ADDRESS}).json["total"] == 0
    deeds = [deed for deed in api.deeds() if deed.act == Act.FORGET]
    assert [deed.of for deed in deeds] == ["a lead", "a lead"]
    assert ADDRESS not in str(deeds)


def test_the_flow_is_shown_with_its_course(reader):
    flow = reader.get("flow", last="1h").json

    assert (flow["headline"], [source["name"] for source in flow["sources"]]) == ("Nothing was counted yet", ["crm"])
    assert {(link["route"], link["sink"]) for link in flow["links"]} >= {("closed", "log")}
    assert len(flow["course"]) == 60
    assert reader.get("flow", last="27h").status_code == 422


def test_partitions_and_shards_in_force_are_shown(reader):
    runtime, log = reader.runtime, SinkName("log")
    runtime.backlog.know_sinks([log, SinkName("billing")])
    layout = Layout({INTAKE: Spread(8), outbox_of(log): Spread(4, 1)})
    runtime.server.call("SET", runtime.keys.layout(), write_layout(layout))

    flow, status = reader.get("flow").json, reader.get("status").json

    split = {part["name"]: part["streams"] for part in status["parts"] if part["streams"] is not None}
    assert split == {"stream:route": 8, "sink:log": 4}
    assert (flow["partitions"], {sink["name"]: sink["shards"] for sink in flow["sinks"]}) == (
        8,
        {"log": 4, "billing": 1},
    )
    assert (reader.get("sinks/log").json["shards"], reader.get("sinks/billing").json["shards"]) == (4, 1)


def test_the_rules_are_shown_without_their_secrets(open_api):
    api = open_api(text=f"{CONFIGURATION}crm: {{account_id: an-account, secret_key: {SECRET}}}\n")

    rules = api.get("rules").json

    [file] = rules["files"]
    assert "hot-lead" in file["routes"].values()
    assert SECRET not in json.dumps(rules)
    assert rules["refused"] == ""


def test_what_is_known_of_the_crm_is_shown(open_api):
    api = open_api(text=f"{CONFIGURATION}crm: {{account_id: an-account, secret_key: {SECRET}, daily_limit: 500}}\n")

    crm = api.get("crm").json

    assert (crm["is_configured"], crm["quota"]["limit"], crm["trust"]) == (True, 500, None)
    assert {part["name"] for part in crm["parts"]} >= {"crm"}


def test_many_rejected_leads_are_replayed_or_dropped(api):
    api.push({"firstName": "One"}, {"firstName": "Two"}, {"firstName": "Three"})
    names = [row["id"] for row in api.get("rejected", source="crm").json["found"]]
    assert api.get("rejected", until="1h").json["found"] == []

    replayed = api.post("rejected/replay", {"all": True}).json
    assert (sorted(replayed["still_rejected"]), replayed["done"], replayed["next"]) == (sorted(names), [], None)
    assert api.delete(f"rejected/{names[0]}").json["done"] == [names[0]]
    assert api.post("rejected/drop", {"ids": names}).json["gone"] == [names[0]]
    assert api.get("rejected").json["found"] == []
    assert api.post("rejected/drop", {}).status_code == 422


def test_no_secret_of_a_sink_is_shown_in_what_it_would_be_sent(open_api, bury, monkeypatch):
    body = "body: {key_of_ours: '${BILLING_KEY}', name: '{{ lead.firstName }}'}"
    text = CONFIGURATION.replace(
        'url: "http://127.0.0.1:9/leads",', f"url: 'http://127.0.0.1:9/${{BILLING_KEY}}', {body},"
    )
    monkeypatch.setenv("BILLING_KEY", SECRET)
    api = open_api(text=text)
    letter = bury(a_delivery(sink="billing")).id
    push = api.push({"id": "1", "leadScore": 91, "firstName": "Ada"})

    told = [
        api.post("explain", {"leads": {"id": "1", "leadScore": 91, "firstName": "Ada"}}),
        api.post("explain", {"push": push}, unmask="true"),
        api.post(f"dead/{letter}/preview", unmask="true"),
    ]

    for answer in told:
        assert answer.status_code == 200
        assert "${BILLING_KEY}" in answer.text
        assert SECRET not in answer.text


def test_what_stands_in_a_body_under_the_name_of_a_secret_is_not_shown(open_api, bury):
    body = f"body: {{apiKey: {SECRET}, by: [{{pwd: {SECRET}}}], name: '{{{{ lead.firstName }}}}'}}"
    url = 'url: "http://127.0.0.1:9/leads",'
    api = open_api(text=CONFIGURATION.replace(url, f"{url} {body},"))
    letter = bury(a_delivery(sink="billing")).id

    for answer in (
        api.post("explain", {"leads": {"id": "1", "leadScore": 91, "firstName": "Ada"}}),
        api.post(f"dead/{letter}/preview"),
    ):
        assert answer.status_code == 200
        assert "(secret)" in answer.text
        assert SECRET not in answer.text
        assert '"name":"Ada"' in answer.text


def test_what_waits_is_listed_with_what_holds_it_up(api, bury):
    letter = bury(a_delivery(sink="billing")).id
    api.put("sinks/billing/pause", {"reason": "it is being moved"})
    api.post(f"dead/{letter}/replay")

    [at] = api.get("deliveries/waiting", sink="billing").json["found"]

    assert (at["sink"], at["total"], [each["id"] for each in at["found"]]) == ("billing", 1, [letter])
    assert "it is being moved" in at["held_up"]
    assert api.get("deliveries/waiting", sink="log").json["found"] == []


def test_nothing_that_is_known_is_left_out_of_an_answer(api, bury):
    letter = bury(a_delivery(sink="billing")).id
    push = api.push({"id": "1", "leadScore": 91}, {"firstName": "Nobody"})
    api.route()
    desk, rejected = Desk(api.runtime), f"{push}-1"
    [story] = Stories(api.runtime).of_leads().tell("1")
    [told] = api.post("leads/story", {"lead": "1"}).json["found"]
    known = {
        f"dead/{letter}": desk.dead_letters().show(letter).whole(),
        f"rejected/{rejected}": desk.rejected().show(rejected).whole(),
        f"pushes/{push}": desk.pushes().show(push).whole(),
        f"deliveries/{letter}": desk.deliveries().show(letter).whole(),
        "teams/east": desk.teams().list("east")[0].as_json(),
    }

    left_out = {path: set(values) - set(api.get(path).json) for path, values in known.items()}
    assert [path for path, names in left_out.items() if names] == []
    whole = story.as_json()
    assert set(whole) == set(told)
    assert set(whole["chapters"][0]) == set(told["chapters"][0])
    assert set(whole["chapters"][0]["deliveries"][0]) == set(told["chapters"][0]["deliveries"][0])
