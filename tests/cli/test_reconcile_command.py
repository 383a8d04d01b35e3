"""`hookrouter reconcile`, against a simulated CRM."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cli_support import KEY, Shell
from warm import WarmProcess

LEADS = 300


@pytest.fixture
def crm(shell_at_work: Shell, simulator_of: Callable[[Shell, int], WarmProcess]) -> WarmProcess:
    return simulator_of(shell_at_work, LEADS)


def test_without_a_crm_in_the_configuration_it_says_so(shell_at_work: Shell) -> None:
    ended = shell_at_work.run("reconcile")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "the configuration has no `crm` section: give its account_id and secret_key there\n"


@pytest.mark.timeout(180)
def test_it_tells_what_it_found_and_brings_that_once(shell_at_work: Shell, crm: WarmProcess) -> None:
    dry = shell_at_work.run("reconcile", "--since", "90d", "--dry-run")
    brought = shell_at_work.run("reconcile", "--since", "90d", "--json")
    pushes = shell_at_work.run("pushes", "list", "--json")

    assert (dry.code, dry.err) == (0, "")
    assert " leads changed since 20" in dry.out
    assert "would be brought now)" in dry.out
    assert (brought.json["whole"], brought.json["dry_run"], brought.json["known"]) == (True, False, 0)
    assert brought.json["missed"] > LEADS / 2
    assert sum(push["leads"] for push in pushes.json) == brought.json["missed"]
    assert {push["via"] for push in pushes.json} == {"reconcile"}
    assert KEY not in dry.out + dry.err + brought.out + brought.err


@pytest.mark.timeout(180)
def test_a_crm_that_is_away_is_one_line_and_1(shell_at_work: Shell, crm: WarmProcess) -> None:
    crm.terminate()
    crm.wait(20)

    ended = shell_at_work.run("reconcile")

    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "the CRM cannot be reached for getLeadsDateRange" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "invalid value for '--since'"),
        (["--since", "2100-01-01"], "invalid value for --since: this moment is yet to come"),
        (["--source", "web"], "there is no source web; the configuration has crm"),
    ],
)
def test_what_it_cannot_do_it_says_in_a_line(
    shell_at_work: Shell, crm: WarmProcess, arguments: list[str], said: str
) -> None:
    ended = shell_at_work.run("reconcile", *arguments)

    assert ended.code in {1, 2}
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_status_tells_whether_the_pushes_can_be_trusted(shell_at_work: Shell, crm: WarmProcess) -> None:
    path = shell_at_work.folder / "hookrouter.yaml"
    path.write_text(path.read_text().replace("url: '", "reconcile: {every: 5m}, url: '"))
    before = _pushes_part(shell_at_work)
    shell_at_work.run("reconcile", "--since", "90d")
    after = _pushes_part(shell_at_work)

    assert (before["status"], before["value"]) == ("pass", "not yet held against the CRM")
    assert after["status"] == "warn"
    assert after["value"].startswith("missed ")
    assert after["advice"].startswith("reconcile brings what they miss")


def _pushes_part(shell: Shell) -> dict[str, str]:
    parts = json.loads(shell.run("status", "--json").out)["parts"]
    return next(part for part in parts if part["name"] == "pushes")
