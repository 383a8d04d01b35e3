"""What each call of the operator API does."""

from __future__ import annotations

import json

import pytest
from api_support import ELSEWHERE

from hookrouter.domain.audit import Act
from hookrouter.testing.builders import a_change, a_delivery, a_lead

BAD_LEAD = {"firstName": "Nobody"}
PHONE = "+1 555 010 2030"


def a_letter(bury, number: int = 1, **fields):
    lead = a_lead(id=str(number), mobilePhoneNumber=PHONE, **fields)
    return bury(a_delivery(change=a_change(lead=lead), sink="billing"))


def test_it_tells_who_asks(api, reader):
    assert api.get("operator").json == {"name": "admin token", "role": "operate"}
    assert reader.get("operator").json == {"name": "read token", "role": "read"}


def test_status_tells_every_part_as_the_command_does(api):
    told = api.get("status").json

    assert told["status"] == "fail"  # no worker lives
    assert {"redis", "workers", "spool", "last_push"} <= {part["name"] for part in told["parts"]}


def test_a_push_is_listed_shown_and_its_body_only_on_purpose(api):
    name = api.push({"id": "1", "emailAddress": "ada@example.com"}, BAD_LEAD)

    [row] = api.get("pushes").json["found"]
    assert (row["id"], row["leads"], row["accepted"], row["rejected"]) == (name, 2, 1, 1)
    assert api.get(f"pushes/{name}").json["headers"]["Host"] == "localhost:8080"
    assert api.get(f"pushes/{name}/body").status_code == 422
    body = api.get(f"pushes/{name}/body", unmask="true")
    assert (body.content_type, json.loads(body.data)[0]["emailAddress"]) == (
        "application/octet-stream",
        "ada@example.com",
    )
    assert [(deed.act, deed.of) for deed in api.deeds()] == [(Act.UNMASK, f"/api/v1/pushes/{name}/body")]
    assert api.post(f"pushes/{name}/replay").status_code == 409


def test_pages_follow_each_other_to_the_end(api):
    names = [api.push({"id": str(number)}) for number in range(5)]

    found, after = [], {}
    for _ in range(3):
        page = api.get("pushes", limit="2", **after).json
        found += [row["id"] for row in page["found"]]
        after = {"after": page["next"]}

    assert page["next"] is None
    assert sorted(found) == sorted(names)


def test_dead_letters_are_masked_until_that_is_asked_for(api, reader, bury):
    letter = a_letter(bury, nickName="Addy").id

    shown = reader.get(f"dead/{letter}").json
    assert shown["fields"]["emailAddress"] == "a***@acme.example"
    assert shown["fields"]["mobilePhoneNumber"] == "***30"
    assert shown["fields"]["nickName"] == "***"
    assert reader.get(f"dead/{letter}", unmask="true").status_code == 403
    open_ = api.get(f"dead/{letter}", unmask="true").json
    assert open_["fields"]["emailAddress"] == "ada.brown@acme.example"
    [deed] = api.deeds()
    assert (deed.act, deed.of, deed.by.name, deed.by.address) == (
        Act.UNMASK,
        f"/api/v1/dead/{letter}",
        "admin token",
        ELSEWHERE,
    )


def test_a_number_in_a_note_is_as_personal_as_in_its_own_field(api, reader, bury):
    number = "0171 2345678"
    letter = bury(a_delivery(change=a_change(lead=a_lead(phoneNumber=number, note=f"call {number}")), sink="billing"))
    push = api.push({"id": ["none"], "phoneNumber": number, "note": f"call {number}", "firstName": "Ada"})

    [rejected] = reader.get("rejected").json["found"]
    for path in (f"dead/{letter.id}", f"deliveries/{letter.id}", f"rejected/{rejected['id']}"):
        answer = reader.get(path)
        assert answer.status_code == 200, path
        assert number not in answer.text, path
        assert number in api.get(path, unmask="true").text or path.startswith("deliveries/"), path
    assert rejected["push"] == push
    assert reader.get(f"rejected/{rejected['id']}").json["errors"]


def test_a_dead_letter_is_mended_and_sent_again_once(api, bury):
    letter = a_letter(bury, leadScore="0").id

    broken = api.post(f"dead/{letter}/preview").json
    assert broken["content"] is None
    assert broken["fault"]
    mended = api.post(f"dead/{letter}/preview", {"set": {"leadScore": "50"}}, unmask="true").json
    assert (mended["fault"], mended["content"]["headers"]["X-Score"]) == ("", "2")
    assert api.post(f"dead/{letter}/replay", {"set": {"leadScore": "50"}}).json["done"] == [letter]

    again = api.post(f"dead/{letter}/replay")
    assert again.status_code == 404
    assert "GET /api/v1/dead lists" in again.json["detail"]
    waiting = api.get(f"deliveries/{letter}").json
    assert waiting["now"] == "waiting"
    assert Act.REPAIR_DEAD in [deed.act for deed in api.deeds()]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        pytest.param({"all": True}, 3, id="all"),
        pytest.param({"sink": "billing"}, 3, id="of a sink"),
        pytest.param({"route": "another"}, 0, id="of a route without any"),
        pytest.param({"since": "2026-03-04T00:00"}, 3, id="of a time"),
        pytest.param({"reason": "refused"}, 3, id="of a reason"),
        pytest.param({"sink": "billing", "reason": "tls"}, 0, id="of a reason for which none died"),
    ],
)
def test_many_dead_letters_are_replayed_by_what_they_have_in_common(api, bury, body, count):
    letters = {a_letter(bury, number).id for number in range(3)}

    tended = api.post("dead/replay", body).json

    assert tended == {"done": tended["done"], "gone": [], "no_such_sink": [], "next": None, "left": 0}
    assert len(tended["done"]) == count
    assert set(tended["done"]) <= letters
    assert len(api.get("dead").json["found"]) == 3 - count


def test_dead_letters_are_listed_by_reason_and_a_word_that_is_none_is_refused(api, bury):
    letter = a_letter(bury).id

    assert [found["id"] for found in api.get("dead", reason="refused").json["found"]] == [letter]
    assert api.get("dead", reason="tls").json["found"] == []
    assert api.get("dead", reason="refusal").status_code == 422


def test_deeds_are_listed_by_time(api):
    api.put("sinks/billing/pause", {"reason": "a move"})

    assert [deed["act"] for deed in api.get("audit", since="1h").json["found"]] == ["pause"]
    assert api.get("audit", until="1h").json["found"] == []
    assert api.get("audit", since="1h", until="2h").status_code == 422


def test_dead_letters_are_dropped_by_id(api, bury):
    one, other = a_letter(bury, 1).id, a_letter(bury, 2).id

    assert api.post("dead/drop", {"ids": [one, "d_unknown"]}).json["gone"] == ["d_unknown"]
    assert api.delete(f"dead/{other}").json["done"] == [other]
    assert api.delete(f"dead/{other}").json["gone"] == [other]
    assert api.get("dead").json["found"] == []


def test_to_name_no_letter_at_all_is_no_way_to_mean_all(api, bury):
    a_letter(bury)

    for body in ({}, {"all": False}, {"all": True, "sink": "billing"}, {"ids": []}):
        assert api.post("dead/drop", body).status_code == 422, body
    assert len(api.get("dead").json["found"]) == 1


def test_a_rejected_lead_is_mended_and_routed_once(api):
    push = api.push(BAD_LEAD)
    [row] = api.get("rejected").json["found"]
    assert (row["push"], row["place"]) == (push, 0)
    name = row["id"]
    assert api.get(f"rejected/{name}").json["lead"]["firstName"] == "Nobody"

    refused = api.post(f"rejected/{name}/replay")
    assert refused.status_code == 409
    receipt = api.post(f"rejected/{name}/replay", {"set": {"emailAddress": "ada@example.com"}}).json
    assert (receipt["leads"], receipt["accepted"]) == (1, 1)
    assert api.post(f"rejected/{name}/replay").status_code == 404


@pytest.mark.parametrize(("part", "name"), [("sinks", "billing"), ("routes", "hot-lead")])
def test_pausing_and_resuming_twice_is_the_same_as_once(api, part, name):
    for _ in range(2):
        paused = api.put(f"{part}/{name}/pause", {"until": "2h", "reason": "Slack is down"})
        assert paused.status_code == 200
        assert (paused.json["paused"]["by"], paused.json["paused"]["reason"]) == ("admin token", "Slack is down")
    assert api.get(f"{part}/{name}").json["paused"]["reason"] == "Slack is down"
    for _ in range(2):
        assert api.delete(f"{part}/{name}/pause").json == {"name": f"{part[:-1]}:{name}", "paused": None}
    assert api.get(f"{part}/{name}").json["paused"] is None
    assert [deed.act for deed in api.deeds()] == [Act.RESUME, Act.PAUSE, Act.PAUSE]


def test_a_sink_is_asked_at_once_unless_somebody_paused_it(api):
    asked = api.post("sinks/billing/retry")
    assert asked.json == {
        "name": "sink:billing",
        "says": "nothing waits for sink:billing; its next message asks it at once",
    }
    api.put("sinks/billing/pause", {})
    assert api.post("sinks/billing/retry").status_code == 409
    assert api.post("sinks/biling/retry").status_code == 404
    assert [deed.act for deed in api.deeds()] == [Act.RETRY, Act.PAUSE, Act.RETRY]


def test_sinks_and_routes_tell_how_they_stand(api, bury):
    letter = a_letter(bury).id
    api.post(f"dead/{letter}/replay")

    sinks = {each["sink"]: each for each in api.get("sinks").json["found"]}
    assert set(sinks) == {"log", "billing"}
    assert (sinks["billing"]["type"], sinks["billing"]["waiting"], sinks["billing"]["standing"]) == (
        "http",
        1,
        "closed",
    )
    assert [each["route"] for each in api.get("routes").json["found"]] == ["hot-lead", "closed"]


def test_the_same_silence_begun_twice_is_one(api):
    wish = {"match": {"leadSource": "import"}, "until": "2h", "sinks": ["log"], "reason": "a list"}

    first, second = api.post("silences", wish).json, api.post("silences", {**wish, "until": "4h"}).json

    assert first["id"] == second["id"]
    assert second["until"] > first["until"]
    [held] = api.get("silences").json["found"]
    assert (held["holds"], held["by"], held["match"]) == (True, "admin token", {"leadSource": "import"})
    assert api.delete(f"silences/{first['id']}").json["holds"] is False
    assert api.delete(f"silences/{first['id']}").json["holds"] is False


def test_whom_a_silence_names_is_personal_and_its_reason_names_nobody(api, reader):
    wish = {
        "match": {"emailAddress": "ada@acme.example"},
        "until": "2h",
        "sinks": ["log"],
        "reason": "ada@acme.example asked",
    }
    begun = api.post("silences", wish)
    api.put("sinks/log/pause", {"until": "2h", "reason": "ada@acme.example asked"})

    told = [begun, *(each.get(path) for each in (api, reader) for path in ("silences", "sinks", "status", "audit"))]

    assert [answer.status_code for answer in told] == [200] * 9
    assert [answer.text for answer in told if "ada@" in answer.text] == []
    [held] = api.get("silences", unmask="true").json["found"]
    assert (held["match"], held["reason"]) == (wish["match"], "a***@acme.example asked")
    assert reader.get("silences", unmask="true").status_code == 403


def test_a_silence_with_a_condition_without_end_is_refused(api):
    answer = api.post("silences", {"match": {"any": [{"note": "x" * 100}] * 200}, "until": "2h"})

    assert answer.status_code == 422
    assert api.get("silences").json["found"] == []


def test_a_silence_with_a_wrong_condition_is_refused_with_its_place(api):
    answer = api.post("silences", {"match": {"leadScore": {"$gte": 80}}, "until": "2h"})

    assert answer.status_code == 422
    assert "leadScore" in str(answer.json["errors"]["match"])


def test_teams_decisions_follow_ups_report_and_audit_are_shown(api):
    assert [member["name"] for member in api.get("teams/east").json["members"]] == ["Ada Brown", "Ben Cole"]
    assert api.get("teams").json["found"][0]["next"] == "313499604"
    assert api.get("decisions", team="east").json == {"found": [], "next": None}
    assert api.get("follow-ups").json == {"found": [], "next": None}
    assert len(api.get("report").json["days"]) == 7
    assert len(api.get("report", week="last").json["days"]) == 7
    assert api.get("audit").json == {"found": [], "next": None}


def test_the_playground_explains_what_is_pasted(api, reader):
    lead = {"id": "1", "leadScore": 91, "firstName": "Ada"}

    told = reader.post("explain", {"leads": lead, "previous": {"id": "1", "leadScore": 12}}).json

    [one] = told["leads"]
    assert (one["event"], one["changed"]) == ("updated", ["firstName", "leadScore"])
    assert [(route["route"], route["matched"]) for route in one["routes"]] == [("hot-lead", True), ("closed", False)]
    assert one["routes"][1]["failed"]
    assert {each["sink"] for each in one["deliveries"]} == {"log", "billing"}
    assert api.get("pushes").json["found"] == []


def test_the_playground_explains_what_is_stored_and_masks_it(api, reader):
    push = api.push({"id": "1", "leadScore": 91, "emailAddress": "ada@example.com"})

    [one] = reader.post("explain", {"push": push}).json["leads"]
    assert (one["lead"], one["push"], one["doubt"][:10]) == ("1", push, "how it was")
    assert "ada@example.com" not in json.dumps(one)
    assert "ada@example.com" in json.dumps(api.post("explain", {"push": push}, unmask="true").json)
    assert reader.post("explain", {"push": "p_none"}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nobody"),
        pytest.param({"leads": {"id": 1}, "push": "p"}, id="both"),
        pytest.param({"leads": [{"id": number} for number in range(21)]}, id="too many"),
        pytest.param({"leads": 7}, id="no lead at all"),
    ],
)
def test_the_playground_refuses_what_means_nothing(api, body):
    assert api.post("explain", body).status_code == 422
