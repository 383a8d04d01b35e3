"""`hookrouter explain --diff`: what a change of the rules would have done, on a real server."""

from __future__ import annotations

import re

import pytest
from cli_support import CONFIGURATION, Shell
from click import unstyle
from routed_support import Router

LEAD = {"id": "7", "firstName": "Ada", "leadScore": "40", "emailAddress": "ada@acme.example"}
OLD = CONFIGURATION.replace("billing: {type: http,", 'billing: {type: http, body: {who: "{{ lead.firstName }}"},')
NEW = (
    OLD.replace("{leadScore: {gte: 80}}", "{crossed: {leadScore: {above: 50}}}")
    .replace('"{{ lead.firstName }}"}', '"{{ lead.emailAddress }}"}')
    .replace("name: closed", "name: customer")
)


@pytest.fixture
def router(shell_at_work: Shell) -> Router:
    """Four pushes by the old rules, which stand in old.yaml, and the new ones in force."""
    (shell_at_work.folder / "old.yaml").write_text(OLD)
    shell_at_work.configure(OLD)
    router = Router(shell_at_work)
    router.push(LEAD)
    router.push({**LEAD, "leadScore": "60"})
    router.push({**LEAD, "leadScore": "85"}, {"id": "8", "leadScore": "20"}, {"id": "9", "leadStatus": "customer"})
    router.push({**LEAD, "leadScore": "45"})
    router.push({**LEAD, "leadScore": "90"})
    shell_at_work.configure(NEW)
    return router


def test_it_tells_what_comes_goes_and_changes_and_why(shell_at_work: Shell, router: Router) -> None:
    ended = shell_at_work.run("explain", "--diff", "old.yaml", "--json")

    assert (ended.code, ended.err) == (0, "")
    told = ended.json
    assert {name: told[name] for name in ("pushes", "leads", "doubtful", "comes", "goes", "changes", "stays")} == {
        "pushes": 5,
        "leads": 7,
        "doubtful": 0,
        "comes": 3,
        "goes": 3,
        "changes": 1,
        "stays": 1,
    }
    assert told["routes"]["hot-lead"] == {"comes": 2, "goes": 2, "changes": 1, "stays": 1}
    assert [(each["turn"], each["lead"], each["route"], each["sink"], each["why"]) for each in told["differences"]] == [
        ("changes", "7", "hot-lead", "billing", ""),
        ("goes", "7", "hot-lead", "log", "now it needs crossed leadScore above 50"),
        ("goes", "7", "hot-lead", "billing", "now it needs crossed leadScore above 50"),
        ("goes", "9", "closed", "log", "there is no such route now"),
        ("comes", "9", "customer", "log", "there was no such route before"),
        ("comes", "7", "hot-lead", "log", "before it needed leadScore gte 80"),
        ("comes", "7", "hot-lead", "billing", "before it needed leadScore gte 80"),
    ]
    [change] = told["differences"][0]["changes"]
    assert change == {"path": "body.who", "before": "Ada", "after": "a***@acme.example"}


def test_people_read_it_too(shell_at_work: Shell, router: Router) -> None:
    ended = shell_at_work.run("explain", "--diff", "old.yaml", "--last", "2", "--limit", "1", "--reveal")

    lines = [line.rstrip() for line in ended.out.splitlines()]
    assert re.fullmatch(r"~ lead 7 by hot-lead to billing  p_[0-9a-f]+", lines[0])
    assert lines[1:] == [
        '    body.who: "Ada" → "ada@acme.example"',
        "",
        "ROUTE     COMES  GOES  CHANGES  STAYS",
        "hot-lead  0      0     1        1",
        "",
        "2 pushes, 2 leads; of their deliveries 0 come, 0 go, 1 change, 1 stay as they are",
    ]


def test_what_others_take_instead_is_told(shell_at_work: Shell, router: Router) -> None:
    (shell_at_work.folder / "old.yaml").write_text(f"{OLD}unmatched: {{to: [log]}}\n")
    shell_at_work.configure(
        OLD.replace("  - name: closed", "  - name: eight\n    match: {id: 8}\n    to: [billing]\n  - name: closed")
        + "unmatched: {to: [log]}\n"
    )

    told = shell_at_work.run("explain", "--diff", "old.yaml", "--json").json["differences"]

    assert ("goes", "8", "unmatched", "now eight took it") in [
        (each["turn"], each["lead"], each["route"], each["why"]) for each in told
    ]


def test_how_far_it_is_shows_on_a_terminal_and_goes_when_it_is_done(shell_at_work: Shell, router: Router) -> None:
    shown = shell_at_work.on_terminal("explain", "--diff", "old.yaml", "--last", "5", columns=80, stream="stderr")

    assert "0/5" in shown
    assert shown.rstrip().endswith("\x1b[2K")


def test_rules_that_do_the_same_make_no_difference(shell_at_work: Shell, router: Router) -> None:
    shell_at_work.configure("# the same, with a word more\n" + OLD)

    ended = shell_at_work.run("explain", "--diff", "old.yaml", "--last", "2")

    assert ended.out.splitlines()[-1].endswith("0 come, 0 go, 0 change, 2 stay as they are")


def test_without_pushes_there_is_nothing_to_compare(shell_at_work: Shell) -> None:
    (shell_at_work.folder / "old.yaml").write_text(OLD)

    ended = shell_at_work.run("explain", "--diff", "old.yaml")

    assert (ended.code, ended.out.splitlines()) == (
        0,
        ["0 pushes, 0 leads; of their deliveries 0 come, 0 go, 0 change, 0 stay as they are"],
    )


def test_a_delivery_that_would_be_held_by_now_changes(shell_at_work: Shell, router: Router) -> None:
    during = "    during: {days: mon, hours: '00:00-00:01', timezone: UTC}\n"
    never = OLD.replace("    to: [log, billing]", f"{during}    to: [log, billing]")
    shell_at_work.configure(never)

    told = shell_at_work.run("explain", "--diff", "old.yaml", "--last", "1", "--json").json

    assert [each["changes"][0]["path"] for each in told["differences"]] == ["held", "held"]


def test_a_narrow_terminal_shows_it_all(shell_at_work: Shell, router: Router) -> None:
    shown = unstyle(shell_at_work.on_terminal("explain", "--diff", "old.yaml", "--last", "2", columns=60))

    assert max(len(line) for line in shown.replace("\r", "\n").splitlines()) <= 60
    assert "stay as they are" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--diff", "none.yaml"), "'none.yaml' does not exist"),
        (("--diff", "broken.yaml"), "broken.yaml:1:1: "),
        (("--diff", "hookrouter.yaml", "--lead", "7"), "--diff looks at the newest pushes"),
        (("--lead", "7", "--last", "7"), "--last, --limit and --reveal belong to --diff"),
    ],
)
def test_what_cannot_be_compared_is_said_and_2(shell_at_work: Shell, arguments: tuple[str, ...], said: str) -> None:
    (shell_at_work.folder / "broken.yaml").write_text("version: 1\n")

    ended = shell_at_work.run("explain", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
