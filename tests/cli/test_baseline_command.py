"""`hookrouter baseline`, against a simulated CRM."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cli_support import KEY, Shell
from warm import WarmProcess

LEADS = 700


@pytest.fixture
def crm(shell_at_work: Shell, simulator_of: Callable[[Shell, int], WarmProcess]) -> WarmProcess:
    return simulator_of(shell_at_work, LEADS)


def test_all_leads_are_read_once_and_known_the_next_time(shell_at_work: Shell, crm: WarmProcess) -> None:
    first, again = (shell_at_work.run("baseline", "--json") for _ in range(2))

    assert (first.code, again.code) == (0, 0)
    assert (first.json["read"], first.json["whole"]) == (LEADS, True)
    assert first.json["new"] + first.json["recent"] == LEADS
    assert first.json["new"] > LEADS / 2
    assert again.json["known"] == first.json["new"]
    assert KEY not in first.out + first.err


def test_people_are_told_in_a_line_and_see_it_go_on(shell_at_work: Shell, crm: WarmProcess) -> None:
    plain = shell_at_work.run("baseline")

    shown = shell_at_work.on_terminal("baseline", "--from-start")

    assert plain.code == 0
    assert plain.out.startswith(f"{LEADS} leads read: ")
    assert plain.err == ""
    assert f"{LEADS} leads read: 0 new, 0 newer" in shown


def test_of_several_sources_one_must_be_named(shell_at_work: Shell, crm: WarmProcess) -> None:
    configuration = (shell_at_work.folder / "hookrouter.yaml").read_text()
    shell_at_work.configure(
        configuration.replace("    crm: {", "    forms: {token: another-token-for-tests}\n    crm: {")
    )

    unnamed, unknown, named = (
        shell_at_work.run("baseline", *choice) for choice in ((), ("--source", "web"), ("--source", "forms"))
    )

    assert (unnamed.code, unnamed.err) == (2, "there are several sources: say --source with one of crm, forms\n")
    assert (unknown.code, unknown.err) == (1, "there is no source web; the configuration has crm, forms\n")
    assert (named.code, named.out.split(" ")[0]) == (0, str(LEADS))


def test_without_a_crm_in_the_configuration_it_says_so(shell_at_work: Shell) -> None:
    ended = shell_at_work.run("baseline")

    assert ended.code == 2
    assert ended.err == "the configuration has no `crm` section: give its account_id and secret_key there\n"


def test_credentials_that_the_crm_does_not_know_are_one_line_and_1(shell_at_work: Shell, crm: WarmProcess) -> None:
    configuration = (shell_at_work.folder / "hookrouter.yaml").read_text()
    shell_at_work.configure(configuration.replace(KEY, "another-key"))

    ended = shell_at_work.run("baseline")

    assert (ended.code, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert "another-key" not in ended.err
