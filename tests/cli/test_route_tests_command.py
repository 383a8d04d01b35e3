"""`hookrouter test`: the route tests of a configuration, run without Redis."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest
from cli_support import CONFIGURATION, Shell
from click import unstyle

RIGHT = """\
tests:
  - name: a hot lead reaches us
    lead: {id: 1, leadScore: 91}
    expect: {hot-lead: [billing, log]}
"""
WRONG = """\
  - name: a customer is told to billing
    lead: {id: 1, leadScore: 60, leadStatus: customer}
    previous: {leadStatus: open}
    expect: {hot-lead: [billing, log]}
"""
WRONG_LINE = CONFIGURATION.count("\n") + RIGHT.count("\n") + 1


def test_tests_that_pass_are_ticked_and_the_exit_code_is_0(shell: Shell) -> None:
    shell.configure(CONFIGURATION + RIGHT)

    ended = shell.run("test")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == ["✓ a hot lead reaches us", "1 passed"]


def test_a_test_that_fails_says_where_it_stands_and_what_each_route_did_instead(shell: Shell) -> None:
    shell.configure(CONFIGURATION + RIGHT + WRONG)

    ended = shell.run("test")

    assert ended.code == 1
    assert ended.out.splitlines() == [
        "✓ a hot lead reaches us",
        f"✗ a customer is told to billing  hookrouter.yaml:{WRONG_LINE}",
        "  the lead is updated (leadStatus)",
        "  hot-lead: expected billing, log, but it does not take the lead",
        "    ✓ event created or updated (was updated)",
        "    ✗ leadScore gte 80 (was 60)",
        "    would have matched hot-lead if leadScore gte 80 (was 60)",
        "  closed: not expected, but it goes to log",
        "    ✓ event created or updated (was updated)",
        "    ✓ leadStatus is customer (was customer)",
        "    if that is right, add `closed: [log]` to `expect`",
        "1 passed, 1 failed",
    ]


def test_a_route_that_holds_is_said_to_hold(shell: Shell) -> None:
    held = "    during: {days: sat, timezone: UTC}\n"
    wednesday = "lead: {id: 1, leadScore: 91}, at: 2026-11-18T12:00:00"
    shell.configure(
        f"{CONFIGURATION}{held}    match: {{}}\ntests:\n".replace("    match: {leadStatus: customer}\n", "")
        + f"  - {{name: a, {wednesday}, expect: {{hot-lead: held, closed: [log]}}}}\n"
    )

    lines = shell.run("test").out.splitlines()

    assert (
        "  hot-lead: expected to take the lead and hold it until its time opens, but it goes to billing, log" in lines
    )
    assert "  closed: expected log, but it takes the lead, held until Sat 2026-11-21 00:00 UTC" in lines


def test_programs_get_a_list(shell: Shell) -> None:
    shell.configure(CONFIGURATION + RIGHT + WRONG)

    ended = shell.run("test", "--json")

    assert ended.code == 1
    passed, failed = ended.json
    assert passed == {
        "test": "a hot lead reaches us",
        "where": f"hookrouter.yaml:{WRONG_LINE - 3}",
        "passed": True,
        "event": "updated",
        "changed": [],
        "disagreements": [],
    }
    assert [(each["route"], each["expected"], each["actual"]) for each in failed["disagreements"]] == [
        ("hot-lead", ["billing", "log"], "none"),
        ("closed", "none", ["log"]),
    ]
    assert failed["disagreements"][0]["would_match_if"] == ["leadScore gte 80 (was 60)"]


def test_a_name_or_a_part_of_it_chooses(shell: Shell) -> None:
    shell.configure(CONFIGURATION + RIGHT + WRONG)

    assert shell.run("test", "a hot lead reaches us").code == 0
    assert [test["test"] for test in shell.run("test", "BILLING", "--json").json] == ["a customer is told to billing"]


@pytest.mark.parametrize(
    ("configuration", "arguments", "said"),
    [
        (CONFIGURATION, (), "the configuration has no tests; they stand at its end, such as\ntests:\n"),
        (CONFIGURATION + RIGHT, ("a hot leed reaches us",), "(did you mean a hot lead reaches us?)"),
        (
            CONFIGURATION + RIGHT.replace("hot-lead", "hot-laed"),
            (),
            "hookrouter.yaml:21:14: there is no route `hot-laed`",
        ),
        (CONFIGURATION + RIGHT, ("--watch", "--json"), "give one of them"),
    ],
    ids=["no tests", "no such test", "faulty", "watch for programs"],
)
def test_what_cannot_be_run_is_said_and_2(
    shell: Shell, configuration: str, arguments: tuple[str, ...], said: str
) -> None:
    shell.configure(configuration)

    ended = shell.run("test", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_the_test_that_is_shown_to_those_who_have_none_passes(shell: Shell) -> None:
    shown = shell.run("test").err

    shell.configure(CONFIGURATION + shown.split("such as\n")[1])

    assert shell.run("test").code == 0


def test_what_init_writes_passes_its_tests(shell: Shell) -> None:
    (shell.folder / "hookrouter.yaml").unlink()
    shell.environment |= dict.fromkeys(("CRM_PUSH_TOKEN", "CRM_ACCOUNT_ID", "CRM_SECRET_KEY"), "m8xkT2vQ-sWz7_pLr9")
    shell.environment["SLACK_WEBHOOK_URL"] = "https://hooks.slack.com/services/T0/B0/x1y2z3"
    assert shell.run("init").code == 0

    assert shell.run("test").out.splitlines()[-1] == "2 passed"


def test_the_documentation_shows_what_its_example_says(shell: Shell) -> None:
    text = (Path(__file__).parents[2] / "docs/testing-rules.md").read_text()
    example, said = re.findall(r"^```(?:yaml|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[:2]
    shell.configure(example)
    shell.environment |= {"CRM_PUSH_TOKEN": "m8xkT2vQ-sWz7_pLr9"}
    shell.environment |= {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x1y2z3"}

    ended = shell.run("test")

    assert ended.out.splitlines() == said.splitlines()


@contextmanager
def watching(shell: Shell) -> Iterator[Popen[str]]:
    with shell.start("test", "--watch") as process:
        try:
            yield process
        finally:
            process.kill()


def until(process: Popen[str], said: str) -> str:
    """What it prints up to the line that says it."""
    assert process.stdout is not None
    shown = ""
    for line in process.stdout:
        shown += line
        if said in line:
            return shown
    raise AssertionError(f"{said} was never said, but: {shown}")


def test_a_watch_runs_them_again_after_each_edit_also_a_broken_one(shell: Shell) -> None:
    shell.configure(CONFIGURATION + RIGHT)
    with watching(shell) as process:
        until(process, "1 passed")

        shell.configure(CONFIGURATION + RIGHT + WRONG)
        until(process, "1 passed, 1 failed")
        shell.configure(CONFIGURATION + RIGHT.replace("expect", "expekt"))
        until(process, "`expekt` is not known here (did you mean expect?)")
        shell.configure(CONFIGURATION + RIGHT)
        until(process, "1 passed")

        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_a_watch_outlives_a_file_that_is_gone_for_a_while(shell: Shell) -> None:
    shell.configure(CONFIGURATION + RIGHT)
    path: Path = shell.folder / "hookrouter.yaml"
    with watching(shell) as process:
        until(process, "1 passed")

        path.rename(shell.folder / "elsewhere.yaml")
        until(process, "there is no such file")
        (shell.folder / "elsewhere.yaml").rename(path)
        until(process, "1 passed")


def test_a_watch_follows_included_files_too(shell: Shell) -> None:
    shell.configure("include: [more/*.yaml]\n" + CONFIGURATION)
    (shell.folder / "more").mkdir()
    included = shell.folder / "more/tests.yaml"
    included.write_text(RIGHT.replace("expect", "expekt"))
    with watching(shell) as process:
        until(process, "more/tests.yaml:4:5: `expekt` is not known here")

        included.write_text(RIGHT)
        until(process, "1 passed")
        (shell.folder / "more/tests-of-others.yaml").write_text("tests:\n" + WRONG)
        until(process, "1 passed, 1 failed")


def test_a_narrow_terminal_shows_it_all_behind_its_margins(shell: Shell) -> None:
    shell.configure(CONFIGURATION + RIGHT + WRONG)

    shown = shell.on_terminal("test", columns=40)

    lines = [line.rstrip() for line in unstyle(shown).splitlines()]
    assert max(map(len, lines)) <= 40
    assert "    would have matched hot-lead if" in lines
    assert "    leadScore gte 80 (was 60)" in lines
    assert "\x1b[31m" in shown
    shell.environment["NO_COLOR"] = "1"
    assert "\x1b[31m" not in shell.on_terminal("test", columns=40)
