"""What route tests find, by the code of the running router."""

from datetime import UTC, datetime

import pytest

from hookrouter.clock import SystemClock
from hookrouter.config.load import load_config
from hookrouter.domain.routing import RouteTable
from hookrouter.runtime.sink_side import configured_sinks
from hookrouter.sinks.registry import load_sink_types
from hookrouter.usecases.explaining.explain import Explain
from hookrouter.usecases.explaining.prove import prove

NOW = datetime(2026, 11, 18, 17, tzinfo=UTC)
CONFIGURATION = """\
version: 1
receiver: {sources: {crm: {token: m8xkT2vQ-sWz7_pLr9}, forms: {token: m8xkT2vQ-sWz7_pLr8}}}
crm: {account_id: a, secret_key: some-key}
sinks:
  log: {type: stdout}
  billing: {type: http, url: "https://billing.example/{{ lead.companyName }}"}
routes:
  - name: ours
    match: {emailAddress: {suffix: "@example.com"}}
    stop: true
  - name: hot
    match: {crossed: {leadScore: {above: 80}}}
    to: [log, billing]
  - name: new
    match: {event: created}
    to: [log]
  - name: from-forms
    source: forms
    to: [log]
  - name: clicked
    match: {createTimestamp: {within: 2d}}
    match_timeline: {formSubmit: {count: {gte: 2}}}
    to: [log]
  - name: same-again
    match: {event: unchanged}
    to: [log]
  - name: trial
    match: {title: cto}
    shadow: true
    to: [log]
tests:
"""


def proof_of(tmp_path, test, configuration=CONFIGURATION):
    """What a test comes to."""
    path = tmp_path / "hookrouter.yaml"
    path.write_text(f"{configuration}  - {{name: it, {test}}}\n")
    config = load_config(path, {}, {name: kind.schema for name, kind in load_sink_types().items()})
    sinks = configured_sinks(config, SystemClock(), lambda: pytest.fail("nothing is sent"))
    return prove(config.tests[0], Explain(table=RouteTable(config.routes), sinks=sinks), NOW)


def run(tmp_path, test, configuration=CONFIGURATION):
    """The routes that do otherwise than expected, with what they do."""
    proof = proof_of(tmp_path, test, configuration)
    return {each["route"]: (each["actual"], each["advice"]) for each in proof.as_json()["disagreements"]}


LEAD = "lead: {id: 1, leadScore: 91, companyName: acme}"
FRESH = 'lead: {id: 1, createTimestamp: "2026-11-18 11:00:00"}'
STAMPED = 'createTimestamp: "2026-11-01 12:00:00", updateTimestamp: "2026-11-18 12:00:00"'
FORM = '{eventSource: formSubmit, createTimestamp: "2026-11-18 11:58:00"}'


@pytest.mark.parametrize(
    "test",
    [
        f"{LEAD}, previous: {{leadScore: 40}}, expect: {{hot: [log, billing]}}",
        f"{LEAD}, previous: {{leadScore: 40}}, expect: {{hot: [billing, log], new: none, from-forms: []}}",
        f"{LEAD}, previous: {{leadScore: 81}}, expect: {{}}",
        f"{LEAD}, expect: {{}}",
        f"{LEAD}, previous: {{}}, expect: {{same-again: [log]}}",
        f"{LEAD}, previous: none, expect: {{hot: [log, billing], new: [log]}}",
        f"lead: {{id: 1, {STAMPED}}}, expect: {{}}",
        "lead: {id: 1, title: cto}, expect: {}",
        "lead: {id: 1, title: cto}, expect: {trial: shadow}",
        "lead: {id: 1, leadScore: 91}, source: forms, expect: {from-forms: [log]}",
        "lead: {id: 1, emailAddress: ada@example.com}, source: forms, expect: {}",
        "lead: {id: 1, emailAddress: ada@example.com}, source: forms, expect: {ours: stop}",
        f"{FRESH}, timeline: [{FORM}, {FORM}], expect: {{clicked: [log]}}",
        f"{FRESH}, timeline: [{FORM}], expect: {{}}",
        f"{FRESH}, timeline: [{FORM}, {FORM}], at: 2026-11-20T11:00:01, expect: {{}}",
    ],
    ids=[
        "what changed",
        "routes that do not take it may be named",
        "the rest was the same before",
        "nothing is known of before",
        "nothing changed",
        "a new lead",
        "an old lead",
        "a shadow need not be named",
        "a shadow may be named",
        "a source",
        "a route without sinks need not be named",
        "a route without sinks may be named",
        "a history",
        "too short a history",
        "a moment",
    ],
)
def test_a_test_passes_when_each_route_does_as_expected(tmp_path, test):
    assert run(tmp_path, test) == {}


@pytest.mark.parametrize(
    ("test", "otherwise"),
    [
        (f"{LEAD}, previous: {{leadScore: 40}}, expect: {{hot: [log]}}", {"hot": (["billing", "log"], "")}),
        (
            f"{LEAD}, previous: {{leadScore: 40}}, expect: {{}}",
            {"hot": (["billing", "log"], "if that is right, add `hot: [billing, log]` to `expect`")},
        ),
        (f"{LEAD}, previous: none, expect: {{hot: [log, billing], new: none}}", {"new": (["log"], "")}),
        (f"{LEAD}, expect: {{hot: [log, billing]}}", {"hot": ("none", "")}),
        (f"{LEAD}, expect: {{trial: shadow}}", {"trial": ("none", "")}),
        ("lead: {id: 1, title: cto}, expect: {trial: [log]}", {"trial": ("shadow", "")}),
        (f"{LEAD}, expect: {{ours: stop}}", {"ours": ("none", "")}),
        ("lead: {id: 1, emailAddress: ada@example.com}, expect: {ours: none}", {"ours": ("stop", "")}),
        (f"{LEAD}, previous: {{leadScore: 40}}, expect: {{hot: stop}}", {"hot": (["billing", "log"], "")}),
    ],
)
def test_a_test_fails_by_each_route_that_does_otherwise(tmp_path, test, otherwise):
    assert run(tmp_path, test) == otherwise


def test_only_routes_that_matter_are_asked_why(tmp_path):
    """With ten thousand routes and some hundred tests, all their reasons would take gigabytes."""
    proof = proof_of(tmp_path, f"{LEAD}, previous: {{leadScore: 40}}, expect: {{clicked: [log]}}")

    assert [route.route for route in proof.explanation.routes] == ["hot", "clicked"]


def test_a_message_that_cannot_be_made_fails_the_test(tmp_path):
    broken = CONFIGURATION.replace("log: {type: stdout}", "log: {type: http, url: 'https://a.example/{{ 1 / 0 }}'}")
    test = "lead: {id: 1, leadScore: 91}, source: forms, expect: {from-forms: [log]}"

    [(route, (actual, advice))] = run(tmp_path, test, broken).items()

    assert (route, actual) == ("from-forms", ["log"])
    assert advice.startswith("the message for log cannot be made: ")


def test_what_takes_the_unmatched_is_named_like_a_route(tmp_path):
    with_unmatched = CONFIGURATION.replace("tests:\n", "unmatched: {to: [billing]}\ntests:\n")

    assert run(tmp_path, f"{LEAD}, expect: {{unmatched: [billing]}}", with_unmatched) == {}
    assert [*run(tmp_path, f"{LEAD}, expect: {{}}", with_unmatched)] == ["unmatched"]


DESK = """  - name: desk
    match: {state: CA}
    during: {days: mon-fri, hours: "08:00-18:00", timezone: America/New_York}
    to: [log]
tests:
"""


@pytest.mark.parametrize(
    ("at", "expect", "found"),
    [
        ("2026-11-18T12:00:00-05:00", "{desk: [log]}", {}),
        ("2026-11-21T12:00:00-05:00", "{desk: held}", {}),
        ("2026-11-21T12:00:00-05:00", "{desk: [log]}", {"desk": ("held", "")}),
        (
            "2026-11-21T12:00:00-05:00",
            "{}",
            {"desk": ("held", "if that is right, add `desk: held` to `expect`")},
        ),
    ],
)
def test_a_route_holds_outside_of_its_time(tmp_path, at, expect, found):
    configuration = CONFIGURATION.replace("tests:\n", DESK)
    test = f"lead: {{id: 1, state: CA}}, previous: {{state: NY}}, at: {at}, expect: {expect}"

    assert run(tmp_path, test, configuration) == found
