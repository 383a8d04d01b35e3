"""`hookrouter follow-ups`, and what `explain` says of steps."""

from __future__ import annotations

from cli_support import CONFIGURATION, Shell
from routed_support import Router

STEPS = """    follow_up:
      - {after: 15m, unless: {changed: [leadStatus]}, to: [log]}
      - {after: 2h, unless: {changed: [leadStatus]}, to: [log, billing]}
"""
FOLLOWED = CONFIGURATION.replace("    to: [log, billing]\n", "    to: [log, billing]\n" + STEPS)


def test_the_leads_that_nobody_reacted_to_are_listed_with_what_comes_next(shell_at_work: Shell) -> None:
    shell_at_work.configure(FOLLOWED)
    router = Router(shell_at_work)
    router.push({"id": "1", "leadScore": "90"}, {"emailAddress": "ada@acme.example", "leadScore": "95"})

    everybody = shell_at_work.run("follow-ups", "list", "--json").json
    one = shell_at_work.run("follow-ups", "list", "--lead", "Ada@acme.example", "--json", "--reveal").json
    shown = shell_at_work.run("follow-ups", "list", "--lead", "1").out
    router.push({"id": "1", "leadStatus": "contact"})
    left = shell_at_work.run("follow-ups", "list", "--route", "hot-lead", "--json").json

    assert [each["route"] for each in everybody] == ["hot-lead", "hot-lead"]
    assert "ada@acme.example" not in str(everybody)
    assert [(each["lead"], each["next"]["step"]) for each in one] == [("email:ada@acme.example", "15m")]
    assert [(step["step"], step["state"], step["to"]) for step in one[0]["steps"]] == [
        ("15m", "to come", ["log"]),
        ("2h", "to come", ["log", "billing"]),
    ]
    assert shown.split()[:6] == ["LEAD", "ROUTE", "SINCE", "NEXT", "DUE", "TO"]
    assert "hot-lead" in shown
    assert shown.count(" UTC") == 2
    assert [each["lead"] == "1" for each in left] == [False]


def test_a_route_that_there_is_not_is_refused(shell_at_work: Shell) -> None:
    shell_at_work.configure(FOLLOWED)

    ended = shell_at_work.run("follow-ups", "list", "--route", "hot-leed")

    assert ended.code == 2
    assert "did you mean hot-lead?" in ended.err


def test_explain_tells_when_each_step_would_be_due(shell: Shell) -> None:
    shell.configure(FOLLOWED)
    lead = shell.write("lead.json", {"id": "1", "leadScore": "90"})

    told = shell.run("explain", "--lead", lead, "--at", "2027-03-04T15:20:00Z", "--json").json
    shown = shell.run("explain", "--lead", lead, "--at", "2027-03-04T15:20:00Z").out

    [steps] = [route["follow_up"] for route in told["leads"][0]["routes"] if route["matched"]]
    assert [(step["step"], step["due"]) for step in steps] == [
        ("15m", "2027-03-04T15:35:00+00:00"),
        ("2h", "2027-03-04T17:20:00+00:00"),
    ]
    assert "after 15m, on 2027-03-04 15:35 UTC: log reminded, unless changed [leadStatus]" in shown
