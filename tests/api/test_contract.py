"""The API is as described: every call, asked anything that its description allows, answers as that says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import pytest
from api_support import PUSH_TOKEN, Caller
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.web.api.table import CALLS

Shape = Mapping[str, Any]
OUTSIDE = "/console"
TIMES = ["2h", "1d", "2026-11-25T08:00"]
SENDS = {"send_test"}
"""What would leave this machine."""
NEEDS_MORE = {"replay_push", "replay_rejected", "tell_story"}
"""A push that was refused, a repair that helps, a lead with nothing that contradicts it; other tests have them."""
SAME = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def described(api: Caller) -> dict[str, Any]:
    answer = api.ask("GET", "/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json
    return document


def operations(document: Shape) -> Iterator[tuple[str, str, Shape]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_the_description_is_sound(api):
    validate(described(api))


def test_the_description_needs_no_token(api):
    api.token = ""

    assert described(api)["openapi"] == "3.1.0"


def test_every_address_is_described_and_no_other(api):
    rules = [rule for rule in api.client.application.url_map.iter_rules() if not rule.rule.startswith(OUTSIDE)]
    served = {(method, rule.rule) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}}
    told = {(method, re.sub(r"\{(\w+)\}", r"<\1>", path)) for method, path, _ in operations(described(api))}

    assert told == served


def test_every_call_says_what_it_does_and_who_may(api):
    for _, path, operation in operations(described(api)):
        if path.startswith("/api/"):
            assert operation["summary"].endswith(".")
            assert re.search(r"For (?:operators|readers, too)\.$", operation["description"])
            assert operation["security"] == [{"token": []}]
    assert len({call.name for call in CALLS}) == len(CALLS)


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/api/v1/nothing", 404, "there is no such call: GET /openapi.json describes those there are"),
        ("POST", "/api/v1/sinks", 405, "this address takes "),
        ("GET", "/nothing", 404, "The requested URL"),
    ],
)
def test_an_address_or_a_method_that_there_is_not_is_told_with_what_there_is(api, method, path, status, detail):
    answer = api.ask(method, path)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["detail"].startswith(detail)
    assert status != 405 or "GET" in answer.headers["Allow"]


def test_every_part_every_name_in_a_path_and_every_body_is_described(api):
    document = described(api)
    told = {tag["name"]: tag["description"] for tag in document["tags"]}

    for _, _, operation in operations(document):
        assert told.keys() >= set(operation["tags"])
        assert all(parameter["description"].endswith(".") for parameter in operation["parameters"])
        assert "default" in operation["responses"]
    for call in CALLS:
        if call.body is not None:
            shown = document["paths"][re.sub(r"<(\w+)>", r"{\1}", call.rule)][call.method.lower()]["requestBody"]
            [content] = shown["content"].values()
            assert call.body().load(content["example"]), call.name


def values_of(shape: Shape, document: Shape, known: list[str]) -> st.SearchStrategy[Any]:
    """Anything that a shape allows."""
    if "$ref" in shape:
        return values_of(document["components"]["schemas"][shape["$ref"].rpartition("/")[2]], document, known)
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    made: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "boolean": st.booleans,
        "integer": lambda: st.integers(shape.get("minimum"), shape.get("maximum")),
        "array": lambda: st.lists(
            values_of(shape["items"], document, known), min_size=shape.get("minItems", 0), max_size=3
        ),
        "object": lambda: objects_of(shape, document, known),
        "string": lambda: texts_of(shape, known),
        "": lambda: st.none() | st.integers() | st.text(max_size=20) | st.lists(st.dictionaries(st.text(), st.text())),
    }
    return made[shape.get("type", "")]()


def texts_of(shape: Shape, known: list[str]) -> st.SearchStrategy[str]:
    if "pattern" in shape:
        return st.from_regex(shape["pattern"].replace("$", r"\Z"), alphabet=st.characters(codec="ascii"))
    if shape.get("format") == "date":
        return st.dates().map(str)
    size = {"min_size": shape.get("minLength", 0), "max_size": min(shape.get("maxLength", 40), 40)}
    words = st.sampled_from([*TIMES, *known])
    return words | st.text(st.characters(codec="utf-8"), **size)


def objects_of(shape: Shape, document: Shape, known: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    taken = {name: values_of(inner, document, known) for name, inner in shape.get("properties", {}).items()}
    required = {name: taken.pop(name) for name in shape.get("required", ())}
    named = st.fixed_dictionaries(required, optional=taken)
    if shape.get("additionalProperties") in (False, None):
        return named
    extra = st.dictionaries(
        st.sampled_from(["leadScore", "firstName", "leadStatus"]), st.integers() | st.text(max_size=9)
    )
    return st.builds(lambda one, other: {**other, **one}, named, extra)


@st.composite
def questions(draw: st.DrawFn, operation: Shape, document: Shape, known: list[str]) -> tuple[dict[str, str], Any, Any]:
    """What a path, a query and a body may say."""
    names = st.sampled_from(known) | st.text(
        st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=20
    )
    path, query = {}, {}
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            path[parameter["name"]] = draw(names)
        elif draw(st.booleans()):
            value = draw(values_of(parameter["schema"], document, known))
            query[parameter["name"]] = json.dumps(value) if isinstance(value, bool) else str(value)
    taken = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if taken is None:
        return path, query, None
    # Among random bodies one that does something may be missed for long; the one that is shown does.
    shown = draw(st.integers(0, 9)) == 0
    return path, query, taken["example"] if shown else draw(values_of(taken["schema"], document, known))


def ask_all(api: Caller, bury: Any, part: str, examples: int) -> set[str]:
    """Ask each call of a part whatever may be asked; those that did something."""
    document = described(api)
    letters = [bury(a_delivery(change=a_change(lead=a_lead(id=str(number))), sink="billing")).id for number in range(2)]
    push = api.push({"id": "1", "leadScore": 91, "emailAddress": "ada@example.com"}, {"firstName": "Nobody"})
    api.route()
    silence = api.post("silences", {"match": {}, "until": "1h"}).json["id"]
    known = ["log", "billing", "hot-lead", "east", "1", "ada@example.com", push, f"{push}-1", silence, *letters]
    done = set()

    for method, path, operation in sorted(operations(document), key=lambda each: takes_away(*each)):
        if part in operation["tags"] and operation["operationId"] not in SENDS:
            statuses = ask_one(api, (method, path, operation), document, (known, examples))
            done |= {operation["operationId"]} if HTTPStatus.OK in statuses else set()
    return done


def takes_away(method: str, path: str, operation: Shape) -> tuple[bool, bool, bool, str]:
    """By which what takes something away is asked behind what shows it."""
    name = operation["operationId"]
    return method != "GET", method == "DELETE" or name.startswith(("forget", "pause")), "{" not in path, name


def ask_one(api: Caller, call: tuple[str, str, Shape], document: Shape, asked: tuple[list[str], int]) -> set[int]:
    (method, path, operation), (known, examples) = call, asked
    statuses = set()

    @settings(max_examples=examples, suppress_health_check=SAME, deadline=None)
    @given(questions(operation, document, known))
    def ask(question: tuple[dict[str, str], Any, Any]) -> None:
        names, query, body = question
        where = re.sub(r"\{(\w+)\}", lambda found: quote(names[found[1]], safe=""), path)
        answer = api.ask(method, where, query_string=query, **({} if body is None else {"json": body}))
        assert_described(answer, operation, document)
        statuses.add(answer.status_code)

    ask()
    return statuses


@pytest.mark.parametrize("part", sorted({call.part for call in CALLS}))
def test_whatever_may_be_asked_is_answered_as_described(api, bury, part):
    ask_all(api, bury, part, examples=10)


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize("part", sorted({call.part for call in CALLS}))
def test_whatever_may_be_asked_at_length_is_answered_as_described(api, bury, part):
    done = ask_all(api, bury, part, examples=300)

    # What did nothing in so many questions was not tested.
    assert {call.name for call in CALLS if call.part == part} - done <= SENDS | NEEDS_MORE


def test_the_story_of_a_lead_that_was_routed_is_as_described(api):
    document = described(api)
    for score in (12, 91):
        push = api.push({"id": "1", "leadScore": score, "leadStatus": "customer"})
        api.route()

    for body in ({"lead": "1"}, {"push": push, "place": 0}):
        answer = api.post("leads/story", body, unmask="true")

        assert [len(story["chapters"]) for story in answer.json["found"]] == [2]
        assert_described(answer, document["paths"]["/api/v1/leads/story"]["post"], document)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/healthz", None),
        ("GET", "/readyz", None),
        ("GET", "/health", None),
        ("GET", "/metrics", None),
        ("GET", f"/hooks/crm/{PUSH_TOKEN}", None),
        ("GET", "/hooks/crm/guessed", None),
        ("POST", f"/hooks/crm/{PUSH_TOKEN}", [{"id": "1"}]),
        ("POST", f"/hooks/crm/{PUSH_TOKEN}", 7),
        ("POST", f"/hooks/crm/{PUSH_TOKEN}", "no lead"),
    ],
)
def test_the_receivers_own_calls_are_answered_as_described(api, method, path, body):
    document = described(api)
    where = re.sub(r"/hooks/.*", "/hooks/{source}/{token}", path)
    operation = document["paths"][where][method.lower()]

    for token in (api.token, ""):
        api.token = token
        answer = api.ask(method, path, **({} if body is None else {"json": body}))
        assert_described(answer, operation, document)


def assert_described(answer: Any, operation: Shape, document: Shape) -> None:
    known = operation["responses"].get(str(answer.status_code))
    assert known is not None, f"{answer.status_code} is not described: {answer.text}"
    kind = answer.content_type.partition(";")[0]
    if not answer.data:
        assert "content" not in known
        return
    shape = known["content"][kind]["schema"]
    if kind.endswith("json"):
        faults = Draft202012Validator({**shape, "components": document["components"]}).iter_errors(answer.json)
        assert [fault.message for fault in faults] == []
