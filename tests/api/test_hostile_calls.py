"""The operator API answers who may, as far as they may, and takes no rubbish."""

from __future__ import annotations

import re

import pytest
from api_support import ADMIN, ELSEWHERE, HERE, READER

from hookrouter.domain.operator import Role
from hookrouter.web.api.calls import Call
from hookrouter.web.api.table import CALLS
from hookrouter.web.operators import MOST_OF_ONE

LISTS = ("pushes", "deliveries", "dead", "rejected", "audit")
CHANGES = [call for call in CALLS if call.role is Role.OPERATE]


def path_of(call: Call) -> str:
    return re.sub(r"<\w+>", "unknown", call.rule)


def session_of(api) -> str:
    signed_in = api.client.post("/console/sign-in", data={"token": ADMIN}, base_url=HERE)
    return signed_in.headers["Set-Cookie"].partition(";")[0]


def ids(calls: list[Call]) -> list[str]:
    return [call.name for call in calls]


@pytest.mark.parametrize("token", [pytest.param("", id="none"), pytest.param("guessed", id="a wrong one")])
def test_no_call_answers_who_has_no_token(api, token):
    answered = []
    for number, call in enumerate(CALLS):
        api.address, api.token = f"203.0.{number}.9", token
        answer = api.ask(call.method, path_of(call), json={})
        if (answer.status_code, answer.content_type) != (401, "application/problem+json"):
            answered.append((call.name, answer.status_code))

    assert answered == []


def test_who_has_no_token_is_told_how_to_have_one(api):
    api.token = ""
    answer = api.get("dead")

    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "HOOKROUTER_ADMIN_TOKEN" in answer.json["detail"]


def test_the_read_token_changes_nothing(reader):
    answered = [
        (call.name, answer.status_code)
        for call in CHANGES
        if (answer := reader.ask(call.method, path_of(call), json={})).status_code != 403
    ]

    assert CHANGES
    assert answered == []


def test_every_call_that_is_no_question_is_for_operators():
    questions = {"explain", "preview_dead", "tell_story"}  # they change nothing

    assert {call.name for call in CALLS if call.method != "GET" and call.role is Role.READ} == questions


def test_who_guesses_is_locked_out_with_the_right_token_too(api):
    for number in range(MOST_OF_ONE):
        api.token = f"guess-{number}"
        assert api.get("dead").status_code == 401

    api.token = ADMIN
    answer = api.get("dead")

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    api.address = "203.0.113.10"
    assert api.get("dead").status_code == 200


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        pytest.param("127.0.0.1", {}, 200, id="at this machine"),
        pytest.param(ELSEWHERE, {}, 401, id="from elsewhere"),
        pytest.param("127.0.0.1", {"X-Forwarded-For": ELSEWHERE}, 401, id="by a proxy"),
        pytest.param("127.0.0.1", {"Host": "rebound.example:8080"}, 401, id="by another name"),
        pytest.param("127.0.0.1", {"Origin": "https://evil.example"}, 403, id="by a page from elsewhere"),
        pytest.param("127.0.0.1", {"Sec-Fetch-Site": "cross-site"}, 403, id="by a form on one"),
    ],
)
def test_without_an_admin_token_only_this_machine_is_answered(open_api, address, headers, status):
    api = open_api(admin="", read="")
    api.token, api.address, api.headers = "", address, headers

    assert api.put("sinks/log/pause", {}).status_code == status


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("limit", ["0", "201", "-1", "1e9", "99999999999999999999", "two", "", "1;2"])
def test_a_list_is_bounded(api, name, limit):
    answer = api.get(name, limit=limit)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["limit"])


@pytest.mark.parametrize("name", ["deliveries", "audit"])
@pytest.mark.parametrize("after", ["0-0", "99999999999999999999-0", "1-99999999999999999999"])
def test_a_place_that_no_entry_has_is_not_asked_of_redis(api, name, after):
    assert api.get(name, after=after).status_code == 422
    page = api.client.get(
        f"/console/{name}", query_string={"after": after}, base_url=HERE, headers={"Cookie": session_of(api)}
    )
    assert page.status_code == 200


def test_nothing_was_attempted_before_there_were_clocks(api):
    assert api.get("deliveries", until="0001-01-01").json["found"] == []


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "after", ["x", "-", "1-", "nan:d", "1-0 ", "1-0\n", "0-0-0", "\u0661-\u0660", ":", "inf:d_1", "9" * 400]
)
def test_a_place_that_no_page_named_is_refused(api, name, after):
    answer = api.get(name, after=after)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["after"])


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"colour": "red"}, id="an unknown word"),
        pytest.param({"since": "yesterday"}, id="no time"),
        pytest.param({"since": "1h", "until": "2h"}, id="a span that ends before it begins"),
        pytest.param({"since": "9999999999d"}, id="longer than time"),
        pytest.param({"since": "0001-01-01T00:00+14:00"}, id="before time"),
        pytest.param({"unmask": "perhaps"}, id="perhaps"),
        pytest.param({"sink": "x" * 201}, id="a long name"),
        pytest.param([("sink", "log"), ("sink", "billing")], id="twice"),
    ],
)
def test_a_question_that_means_nothing_is_refused(api, query):
    answer = api.ask("GET", "dead", query_string=query)

    assert answer.status_code == 422
    assert answer.json["errors"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        pytest.param(b"{", "application/json", 400, id="half JSON"),
        pytest.param(b"\xff\xfe", "application/json", 400, id="no UTF-8"),
        pytest.param(b"[" * 5000, "application/json", 400, id="nested without end"),
        pytest.param(b'{"set": ' + b"[" * 200 + b"]" * 200 + b"}", "application/json", 400, id="nested deeply"),
        pytest.param(b"[]", "application/json", 422, id="a list"),
        pytest.param(b"null", "application/json", 422, id="null"),
        pytest.param(b'{"set": []}', "application/json", 422, id="no map"),
        pytest.param(b'{"sett": {}}', "application/json", 422, id="an unknown word"),
        pytest.param(b'{"__class__": {}}', "application/json", 422, id="a word of Python's"),
        pytest.param(b"set=1", "application/x-www-form-urlencoded", 415, id="a form"),
        pytest.param(b"{}", "text/plain", 415, id="what a page elsewhere could send"),
        pytest.param(b" " * (1024 * 1024 + 1), "application/json", 413, id="too large"),
        pytest.param(b'{"set": {"a": [' + b"[]," * 60_000 + b"[]]}}", "application/json", 413, id="countless values"),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused(api, body, kind, status):
    answer = api.ask("POST", "dead/d_unknown/replay", data=body, content_type=kind)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_of_countless_unknown_words_not_each_is_told(api):
    answer = api.post("explain", {f"word{number}": 1 for number in range(5_000)})

    assert answer.status_code == 422
    assert len(answer.data) < 1_000


@pytest.mark.parametrize("call", [call for call in CALLS if "<" in call.path], ids=lambda call: call.name)
def test_what_is_not_there_is_not_found(api, call):
    body = {"json": {"until": "2h"}} if call.name.startswith("pause") else {}
    answer = api.ask(call.method, path_of(call), query_string={"unmask": "true"} if "body" in call.path else {}, **body)

    if call.name in {"drop_dead", "drop_rejected"}:
        assert answer.json["gone"] == ["unknown"]
    else:
        assert answer.status_code == 404
        assert "unknown" in answer.json["detail"]
        assert "hookrouter " not in answer.json["detail"]  # what to type is of no use here


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1",
        "/api/v1/",
        "/api/v2/dead",
        "/api/v1/dead/..%2f..%2fetc%2fpasswd",
        "/api/v1/dead/../../metrics/x",
        "/api/v1/dead/a/b/c",
        "/api/v1/pushes/%00",
        "/api/v1/pushes/%ff%fe",
        "/api/v1/deliveries/" + "x" * 3000,
        "/api/v1/pushes/*",
        "/api/v1/teams/__proto__",
        "/API/V1/dead",
    ],
)
def test_a_path_that_leads_nowhere_is_not_found(api, path):
    answer = api.ask("GET", path)

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_no_page_from_elsewhere_may_ask(api):
    origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    asked = [api.ask(method, "dead", headers=origin) for method in ("OPTIONS", "GET", "HEAD")]

    assert [answer.status_code for answer in asked] == [405, 200, 200]
    assert [name for answer in asked for name, _ in answer.headers if name.startswith("Access-Control")] == []


def test_head_says_nothing_and_other_methods_are_refused(api):
    assert api.ask("HEAD", "dead").data == b""
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        answer = api.ask(method, "dead")
        assert (answer.status_code, "GET" in answer.headers["Allow"]) == (405, True)


def test_answers_are_kept_by_nobody_and_taken_for_nothing_else(api):
    for answer in (api.get("dead"), api.get("dead/d_unknown"), api.get("/openapi.json")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_no_token_stands_in_any_answer(api, reader):
    told = [api.get("status"), api.get("operator"), api.get("audit"), reader.get("sinks"), api.get("/openapi.json")]

    assert [token for answer in told for token in (ADMIN, READER) if token in answer.text] == []


def test_redis_away_is_told_as_such(api):
    api.runtime.server.client.connection_pool.connection_kwargs["port"] = 1
    api.runtime.server.client.connection_pool.connection_kwargs.pop("path", None)

    answer = api.get("dead")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
