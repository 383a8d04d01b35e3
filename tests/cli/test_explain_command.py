"""`hookrouter explain`, without Redis and without sending anything."""

from __future__ import annotations

import json

import pytest
from cli_support import CONFIGURATION, Shell

LEAD = {"id": "1", "leadStatus": "qualified", "leadScore": "91", "firstName": "Ada"}
TIMELINE = """\
crm: {account_id: a, secret_key: some-key}
"""


def test_routes_tell_why_and_sinks_what(shell: Shell) -> None:
    ended = shell.run("explain", "--lead", shell.write("lead.json", LEAD), "--at", "2026-03-04T15:20:11Z", "--json")

    assert ended.code == 0
    [told] = ended.json["leads"]
    assert (told["lead"], told["event"], told["changed"]) == ("1", "updated", [])
    promised = ("route", "matched", "failed")
    assert [{name: route[name] for name in promised} for route in told["routes"]] == [
        {"route": "hot-lead", "matched": True, "failed": None},
        {"route": "closed", "matched": False, "failed": "leadStatus is customer (was qualified)"},
    ]
    assert [route["would_match_if"] for route in told["routes"]] == [[], ["leadStatus is customer (was qualified)"]]
    assert [part["held"] for part in told["routes"][1]["tree"]["parts"]] == [True, False]
    assert [(each["route"], each["sink"]) for each in told["deliveries"]] == [
        ("hot-lead", "log"),
        ("hot-lead", "billing"),
    ]
    assert told["deliveries"][1]["content"]["body"]["timestamp"] == "2026-03-04T15:20:11Z"


def test_the_earlier_state_tells_what_changed(shell: Shell) -> None:
    lead = shell.write("lead.json", LEAD)
    previous = shell.write("previous.json", [{**LEAD, "leadScore": "40"}])

    ended = shell.run("explain", "--lead", lead, "--previous", previous, "--json")

    assert ended.json["leads"][0]["changed"] == ["leadScore"]


def test_a_lead_that_comes_twice_is_compared_with_its_first_coming(shell: Shell) -> None:
    leads = shell.write("leads.json", {"leads": [LEAD, {"id": 1, "leadStatus": "customer"}, {"id": "1"}]})

    ended = shell.run("explain", "--lead", leads, "--json")

    assert [(told["event"], told["changed"]) for told in ended.json["leads"]] == [
        ("updated", []),
        ("updated", ["leadStatus"]),
        ("unchanged", []),
    ]


def test_people_read_it_too(shell: Shell) -> None:
    ended = shell.run("explain", "--lead", "-", given=json.dumps([LEAD, {"firstName": "\x1b[31mEve"}]))

    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[:8] == [
        "lead 1 is updated",
        "  ✓ hot-lead → log, billing",
        "    ✓ event created or updated (was updated)",
        "    ✓ leadScore gte 80 (was 91)",
        "  ✗ closed: leadStatus is customer (was qualified)",
        "    ✓ event created or updated (was updated)",
        "    ✗ leadStatus is customer (was qualified)",
        "    would have matched closed if leadStatus is customer (was qualified)",
    ]
    assert lines[-1].startswith("lead number 2 would be rejected: ")
    assert "\x1b" not in ended.out


def test_no_line_is_broken_where_nobody_looks(shell: Shell) -> None:
    long = "looms " * 4000

    ended = shell.run("explain", "--lead", shell.write("lead.json", {**LEAD, "leadScore": 91, "description": long}))

    assert f'"description": "{long}"' in ended.out


def test_what_people_read_of_a_new_lead_leaves_its_bookkeeping_out(shell: Shell) -> None:
    moments = dict.fromkeys(("createTimestamp", "updateTimestamp"), "2026-11-18 11:58:00")
    lead = shell.write("lead.json", {"id": "1", "firstName": "Ada", "accountID": "7", **moments})

    told = shell.run("explain", "--lead", lead).out
    [kept] = shell.run("explain", "--lead", lead, "--json").json["leads"]

    assert told.splitlines()[0] == "lead 1 is created (firstName)"
    assert kept["changed"] == ["id", "firstName", "accountID", "createTimestamp"]


def test_rejected_leads_are_told_apart(shell: Shell) -> None:
    ended = shell.run("explain", "--lead", shell.write("lead.json", [{"firstName": "Ada"}]), "--json")

    assert ended.code == 0
    assert ended.json["leads"] == []
    assert [rejected["place"] for rejected in ended.json["rejected"]] == [0]


def test_a_file_without_a_lead_is_said_to_have_none(shell: Shell) -> None:
    ended = shell.run("explain", "--lead", shell.write("lead.json", []))

    assert (ended.code, ended.out, ended.err) == (0, "", "no leads in the file\n")


def test_a_history_reaches_the_routes_that_ask_for_one(shell: Shell) -> None:
    shell.configure(
        TIMELINE + CONFIGURATION.replace("    match: {leadScore: {gte: 80}}\n", "    enrich: {timeline: {last: 30d}}\n")
    )
    event = {"eventSource": "formSubmit", "createTimestamp": "2026-03-04 15:00:00"}
    events = [{"whoID": "1", **event}, {"whoID": "2", **event}, {**event, "createTimestamp": "2025-01-01 00:00:00"}]
    history = shell.write("history.json", {"result": {"leadTimeline": events}, "error": None})
    lead = shell.write("lead.json", LEAD)

    ended = shell.run("explain", "--lead", lead, "--timeline", history, "--at", "2026-03-04 15:20:11", "--json")

    [told] = ended.json["leads"]
    billing = next(each for each in told["deliveries"] if each["sink"] == "billing")
    assert billing["content"]["body"]["data"]["timeline"] == events[:1]


def test_times_of_an_account_of_the_old_version_are_in_its_timezone(shell: Shell) -> None:
    rules = "    match: {createTimestamp: {within: 1h, after: 2026-03-04 09:59:59}}\n"
    rules += "    match_timeline: {formSubmit: {within: 1h}}\n"
    configuration = CONFIGURATION.replace("    match: {leadScore: {gte: 80}}\n", rules)
    crm = "crm: {account_id: a, secret_key: some-key, version: v1, timezone: America/New_York}\n"
    lead = shell.write("lead.json", {"id": "1", "createTimestamp": "2026-03-04 10:00:00"})
    history = shell.write("history.json", [{"eventSource": "formSubmit", "createTimestamp": "2026-03-04 10:05:00"}])
    asked = ("explain", "--lead", lead, "--timeline", history, "--at", "2026-03-04 15:20:11", "--json")

    matched = {}
    for name, section in (("v1", crm), ("v1.2", TIMELINE)):
        shell.configure(section + configuration)
        [told] = shell.run(*asked).json["leads"]
        matched[name] = told["routes"][0]["matched"]

    assert matched == {"v1": True, "v1.2": False}


def test_a_route_that_asks_what_happened_is_judged_by_the_history_given(shell: Shell) -> None:
    asked = "    match_timeline: {formSubmit: {count: {gte: 2}, within: 30d}}\n"
    shell.configure(TIMELINE + CONFIGURATION.replace("    match: {leadScore: {gte: 80}}\n", asked))
    lead = shell.write("lead.json", LEAD)
    moments = ("2026-03-04 15:00:00", "2026-03-01 15:00:00", "2025-03-01 15:00:00")
    events = [{"whoID": "1", "eventSource": "formSubmit", "createTimestamp": moment} for moment in moments]

    told = {
        name: shell.run("explain", "--lead", lead, "--at", "2026-03-04 15:20:11", *more, "--json").json["leads"][0]
        for name, more in {
            "whole": ("--timeline", shell.write("whole.json", events)),
            "part": ("--timeline", shell.write("part.json", events[1:])),
            "none": (),
        }.items()
    }

    assert {name: each["routes"][0]["failed"] for name, each in told.items()} == {
        "whole": None,
        "part": "formSubmit count gte 2 within 30d (was 1)",
        "none": "formSubmit count gte 2 within 30d (the lead's history is not known)",
    }
    assert {name: len(each["deliveries"]) for name, each in told.items()} == {"whole": 2, "part": 0, "none": 0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--lead", "none.json"), "'none.json': No such file or directory"),
        (("--lead", "broken.json"), "broken.json: the file is not JSON in UTF-8 (line 1, column 2)"),
        (("--lead", "empty.json"), "empty.json: the file is empty"),
        (("--lead", "lead.json", "--at", "noon"), "give a time such as 2026-11-18T12:00:00-05:00"),
        (("--lead", "lead.json", "--at", "0001-01-01T00:00+14:00"), "give a time such as 2026-11-18T12:00:00-05:00"),
        (("--lead", "lead.json", "--at", "9999-12-31T23:59"), "give a time such as 2026-11-18T12:00:00-05:00"),
        (("--lead", "lead.json", "--timeline", "lead.json"), "give a list of events"),
        (("--lead", "lead.json", "--source", "forms"), "there is no source forms; the configuration has crm"),
    ],
    ids=["missing", "broken", "empty", "moment", "too early", "too late", "history", "source"],
)
def test_what_cannot_be_read_is_one_clear_line_and_2(shell: Shell, arguments: tuple[str, ...], said: str) -> None:
    shell.write("lead.json", LEAD)
    (shell.folder / "broken.json").write_text("{")
    (shell.folder / "empty.json").write_text("")

    ended = shell.run("explain", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
