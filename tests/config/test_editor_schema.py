"""The JSON Schema of the configuration agrees with the reader of the configuration."""

import re
from typing import Any

import pytest
from config_support import FILES, SINK_SCHEMAS
from expected_faults import EXPECTED
from jsonschema import Draft202012Validator
from marshmallow import fields

from hookrouter.config.editor_schema import editor_schema
from hookrouter.config.starter import starter_text
from hookrouter.config.yaml_text import read_yaml
from hookrouter.sinks.registry import load_sink_types
from hookrouter.wire.config.field_shapes import UnknownField
from hookrouter.wire.config.sink_schema import SinkSchema
from hookrouter.wire.rules.operators import READERS
from hookrouter.wire.rules.words import OPERATORS

REAL_SCHEMAS = {name: kind.schema for name, kind in load_sink_types().items()}
GOOD = sorted((FILES / "good").glob("*.yaml"))
BAD = sorted((FILES / "bad").glob("*.yaml"))

BEYOND_A_SCHEMA = {
    "report-faults",
    "broken-variable",
    "crm-old-address",
    "crm-subscribed-on-start-nowhere",
    "crm-old-version-at-the-new-address",
    "crm-reconcile-of-no-source",
    "crm-reconcile-of-several-sources",
    "slack-claim-alone",
    "crm-timezone-of-v1-2",
    "crm-unknown-timezone",
    "crm-v1-without-a-timezone",
    "dollar-before-template",
    "email-without-smtp",
    "override-in-conflict",
    "route-from-unknown-source",
    "route-match-timeline-without-crm",
    "route-names-twice",
    "route-to-a-sink-twice",
    "secret-not-repeated",
    "sizes-and-times-out-of-range",
    "slack-override-in-conflict",
    "token-of-the-example",
    "unset-variable",
    "variable-not-repeated",
}
"""What only `check` finds: it knows the environment, compares places of the file with each other, and calculates."""

HEAD = "version: 1\nreceiver: {sources: {crm: {token: a-token-only-for-tests}}}\n"


def faults_of(text: str, schemas: dict[str, type[SinkSchema]] = REAL_SCHEMAS) -> list[str]:
    validator = Draft202012Validator(editor_schema(schemas))
    return [error.message for error in validator.iter_errors(read_yaml("f.yaml", text.encode()).value)]


def match_faults(match: str) -> list[str]:
    return faults_of(f"{HEAD}routes: [{{name: a, match: {match}, stop: true}}]\n")


@pytest.mark.parametrize("schemas", [REAL_SCHEMAS, SINK_SCHEMAS], ids=["real", "small"])
def test_it_is_a_schema_of_2020(schemas):
    schema = editor_schema(schemas)

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_it_takes_every_good_file(path):
    assert faults_of(path.read_text("utf-8-sig"), SINK_SCHEMAS) == []


def test_it_takes_the_starter_and_what_that_comments_out():
    head, body = starter_text().split("version: 1")
    whole = f"{head}version: 1" + re.sub(r"(?m)^( *)#(?! [^ ]|$)", r"\1", body)

    assert faults_of(starter_text()) == []
    assert faults_of(whole) == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_it_refuses_bad_files_but_for_what_only_check_can_know(path):
    try:
        value = read_yaml(path.name, path.read_bytes()).value
    except Exception:  # noqa: BLE001 - it is no YAML, or none of ours
        assert path.stem in EXPECTED
        return

    refused = not Draft202012Validator(editor_schema(SINK_SCHEMAS)).is_valid(value)

    assert refused == (path.stem not in BEYOND_A_SCHEMA)


@pytest.mark.parametrize(
    "match",
    [
        "{}",
        "{zipcode: 02134, state: NO, leadScore: {gte: 80, lt: '90'}}",
        "[{state: CA}, {country: {in: [Canada, Mexico]}}]",
        "{event: created, favorite_color_5a0dd86e6e290: red, address.city: Ulm}",
        "{emailAddress: {not: {suffix: '@example.com'}}, companyName: {exists: true}}",
        "{any: [{all: [{state: CA}]}, {none: [{state: NY}]}, {not: {state: {not: [a, {like: 'b*'}]}}}]}",
        "{changed: leadStatus, crossed: {leadScore: {above: 80}}}",
        "{changed: [leadStatus, leadScore]}",
        "{changed: {leadStatus: {from: open, to: [qualified, {prefix: c}]}}}",
        "{createTimestamp: {within: 30d, after: '2026-01-01'}, firstName: {like: [a*], ignore_case: true}}",
        "{leadScore: {gte: '${LEAST}', between: ['${LOW:-1}', 9]}, createTimestamp: {within: '${SPAN}'}}",
    ],
)
def test_it_takes_all_that_match_may_say(match):
    assert match_faults(match) == []


@pytest.mark.parametrize(
    "match",
    [
        "{leadScore: {gte: high}}",
        "{leadScore: {greater: 80}}",
        "{leadScore: {between: [1, 2, 3]}}",
        "{leadScore: {ignore_case: true}}",
        "{leadScore: {}}",
        "{leadScore: []}",
        "{leadScore: null}",
        "{gte: 80}",
        "{or: [{state: CA}]}",
        "{$and: [{state: CA}]}",
        "{any: {state: CA}}",
        "{any: []}",
        "{not: [{state: CA}]}",
        "{all: [{}]}",
        "{event: removed}",
        "{changed: []}",
        "{changed: {leadStatus: {form: open}}}",
        "{crossed: {leadScore: 80}}",
        "{crossed: {leadScore: {above: 80, below: 10}}}",
        "{companyName: {exists: maybe}}",
        "{createTimestamp: {within: 30}}",
        "{createTimestamp: {not: {within: 30d}}}",
        "any text",
        "{all: name}",
    ],
)
def test_it_refuses_what_match_does_not_know(match):
    assert match_faults(match) != []


@pytest.mark.parametrize(
    ("asked", "is_sound"),
    [
        ("{formSubmit: {count: {gte: 1}, last: 10, within: 30d}}", True),
        ("[{formSubmit: {count: 1}}, {emailOpened: {within: 7d}}]", True),
        ("{formSubmit: {count: {not: {in: [1, 2]}}}}", True),
        ("{formSubmitted: {count: 1}}", False),
        ("{formSubmit: {gte: 1}}", False),
        ("{formSubmit: {count: {prefix: a}}}", False),
        ("{formSubmit: {}}", False),
        ("{}", False),
    ],
)
def test_it_knows_match_timeline(asked, is_sound):
    text = f"{HEAD}crm: {{account_id: a, secret_key: b}}\nroutes: [{{name: a, match_timeline: {asked}, stop: true}}]\n"

    assert (faults_of(text) == []) is is_sound


@pytest.mark.parametrize(
    ("written", "is_sound"),
    [
        ("{concurrency: 8, timeout: 10s, rate_limit: 50/s, order: latest}", True),
        ("{concurrency: '${MANY}', timeout: '${T:-3s}', rate_limit: '${R}', order: '${O}'}", True),
        ("{timeout: {total: 10s, connect: 2s}}", True),
        ("{concurrency: 0}", False),
        ("{timeout: 10}", False),
        ("{timeout: {conect: 2s}}", False),
        ("{rate_limit: 50}", False),
        ("{order: newest}", False),
        ("{channel: '#deals'}", False),
    ],
)
def test_a_sink_is_judged_by_its_type(written, is_sound):
    sink = written.replace("{", "{type: http, url: 'https://h.example/', ", 1)
    text = f"{HEAD}sinks: {{a: {sink}}}\nroutes: [{{name: a, to: [a]}}]\n"

    assert (faults_of(text) == []) is is_sound


def test_what_a_sink_must_have_may_come_from_the_defaults_of_the_main_file():
    routes = "routes: [{name: a, to: [a]}]\n"
    sinks = "sinks: {a: {type: http}}\n"

    assert faults_of(HEAD + sinks + routes) == ["'url' is a required property"]
    assert faults_of(f"{HEAD}defaults: {{http: {{url: 'https://h/'}}}}\n{sinks}{routes}") == []
    assert faults_of(sinks + routes) == []


def test_a_sink_of_a_plug_in_is_described_by_its_schema():
    class ChatField(fields.Field):
        pass

    class ChatSchema(SinkSchema):
        """A chat of ours."""

        room = fields.Integer(required=True, metadata={"description": "its number"})
        mood = ChatField()

    schema = editor_schema({"chat": ChatSchema})
    chat, [whole] = schema["$defs"]["sink-chat"], schema["$defs"]["whole-sink"]["allOf"]

    assert (chat["description"], whole["then"]) == ("A chat of ours.", {"required": ["type", "room"]})
    assert chat["properties"]["room"]["description"] == "its number"
    assert chat["properties"]["mood"] == {}


def test_a_field_of_ours_that_does_not_say_what_it_takes_is_a_fault():
    class OwnField(fields.Field):
        __module__ = "hookrouter.wire.somewhere"

    class OwnSchema(SinkSchema):
        own = OwnField()

    with pytest.raises(UnknownField, match="json_schema"):
        editor_schema({"own": OwnSchema})


def test_every_key_tells_what_it_is_for():
    assert [place for place, shape in properties_in(editor_schema(REAL_SCHEMAS), "") if not tells(shape)] == []


def properties_in(shape: Any, place: str) -> list[tuple[str, dict[str, Any]]]:
    if isinstance(shape, list):
        return [each for number, part in enumerate(shape) for each in properties_in(part, f"{place}/{number}")]
    if not isinstance(shape, dict):
        return []
    own = shape.get("properties")
    found = [(f"{place}/{name}", said) for name, said in own.items()] if isinstance(own, dict) else []
    return found + [each for name, part in shape.items() for each in properties_in(part, f"{place}/{name}")]


def tells(shape: dict[str, Any]) -> bool:
    said = (
        "description" in shape
        or "const" in shape
        or "additionalProperties" in shape
        or shape.get("$ref") in {"#/$defs/events", "#/$defs/test"}
    )
    return said or "pattern" in shape or any("description" in part for part in shape.get("anyOf", ()))


def test_the_operators_that_are_read_are_those_that_are_known():
    assert sorted(READERS) == sorted(OPERATORS)
