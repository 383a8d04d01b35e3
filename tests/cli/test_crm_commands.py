"""`hookrouter crm`, `subscribe` and `simulate-crm`, with each other."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Callable
from urllib.parse import urljoin

import pytest
import yaml
from cli_support import CONFIGURATION, KEY, Ended, Shell
from warm import WarmProcess

from hookrouter.simulator.leads import FIRST_ID
from hookrouter.store.keys import Keys
from hookrouter.store.presence import Presence
from hookrouter.store.server import RedisServer

HOOK = "https://hooks.example.com/in/hooks/crm/(token)"


@pytest.fixture
def simulator(shell: Shell, simulator_of: Callable[[Shell, int], WarmProcess]) -> WarmProcess:
    return simulator_of(shell, 5)


def test_any_method_is_called_and_its_result_printed(shell: Shell, simulator: WarmProcess) -> None:
    listed = shell.run("crm", "getLeads", '{"where": {}, "limit": 2, "offset": 0}')
    [first, _] = listed.json["lead"]

    found = shell.run("crm", "getLead", f'{{"id": "{first["id"]}"}}')

    assert (listed.code, found.code) == (0, 0)
    assert found.json["lead"] == [first]


def test_what_the_crm_refuses_is_one_line_and_1(shell: Shell, simulator: WarmProcess) -> None:
    ended = shell.run("crm", "noSuchMethod")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("the CRM refused noSuchMethod: ")
    assert len(ended.err.splitlines()) == 1
    assert KEY not in ended.err


def test_a_misspelt_method_is_told_with_the_one_that_may_be_meant(shell: Shell, simulator: WarmProcess) -> None:
    ended = shell.run("crm", "getLeeds", '{"where": {}}')

    assert (ended.code, ended.err) == (
        1,
        "the CRM refused getLeeds: Invalid method signature (did you mean getLeads?) (code 204)\n",
    )


def test_a_list_is_read_to_its_end_a_row_a_line(shell: Shell, simulator: WarmProcess) -> None:
    rows, no_list = shell.run("crm", "getLeads", "--all", '{"fields": ["id"]}'), shell.run("crm", "getLead", "--all")

    assert (rows.code, [[*json.loads(row)] for row in rows.out.splitlines()]) == (0, [["id"]] * 5)
    assert (no_list.code, no_list.err.partition(";")[0]) == (
        2,
        "hookrouter crm: --all is for lists, and getLead is none (did you mean getLeads?)",
    )


def test_any_number_of_objects_is_written_each_with_its_result(shell: Shell, simulator: WarmProcess) -> None:
    objects = [{"emailAddress": f"{number}@example.com"} for number in range(501)]
    first = shell.run("crm", "createLeads", "-", given=json.dumps({"objects": objects}))
    second = shell.run("crm", "createLeads", json.dumps({"objects": objects[:1]}))
    id_of_first = first.json["creates"][0]["id"]
    last = shell.run("crm", "deleteLeads", json.dumps({"objects": [{"id": id_of_first}]}))

    assert (first.code, [each["success"] for each in first.json["creates"]]) == (0, [True] * 501)
    refused = {"success": False, "code": 301, "message": "Entry already exists.", "is_known": True}
    assert (second.code, second.json) == (1, {"creates": [refused]})
    assert (last.code, last.json) == (0, {"deletes": [{"success": True}]})


def test_what_may_change_something_stands_in_the_audit_log_without_values(shell_at_work: Shell, simulator_of) -> None:
    simulator_of(shell_at_work, 5)
    lead, address = str(FIRST_ID), "marta.blum@example.com"
    shell_at_work.run("crm", "getLead", json.dumps({"id": lead}))
    shell_at_work.run("crm", "createLeads", json.dumps({"objects": [{"emailAddress": address}] * 2}))
    shell_at_work.run("crm", "mergeLeads", json.dumps({"into": address}))
    shell_at_work.run("crm", address)

    told = shell_at_work.run("audit", "--json")

    assert [(row["act"], row["of"], row["result"]) for row in reversed(told.json)] == [
        ("call crm", "createLeads", "1 written, 1 refused"),
        ("call crm", "mergeLeads", "refused, code 204"),
        ("call crm", "a method", "refused, code 204"),
    ]
    assert "marta" not in told.out
    assert lead not in told.out


def test_what_does_not_answer_is_asked_again_where_that_does_no_harm(shell: Shell, simulator: WarmProcess) -> None:
    let_fail(shell, "html503", calls=2)
    read = shell.run("crm", "getLead", json.dumps({"id": str(FIRST_ID)}))
    let_fail(shell, "rate", calls=2)
    rows = shell.run("crm", "getLeads", "--all", '{"fields": ["id"]}')
    call = {"userID": "7", "leadID": str(FIRST_ID), "direction": "outgoing", "createTimestamp": "2026-03-04 15:20:11"}
    let_fail(shell, "reset_after", calls=1)
    logged = shell.run("crm", "logCalls", json.dumps({"objects": [call]}))
    events = shell.run("crm", "getEvents", "--all", json.dumps({"where": {"leadID": str(FIRST_ID)}}))

    assert (read.code, read.json["lead"][0]["id"]) == (0, str(FIRST_ID))
    assert (rows.code, len(rows.out.splitlines())) == (0, 5)
    assert (logged.code, logged.json["creates"][0]["success"]) == (0, True)  # its answer was lost, and looked up
    assert [json.loads(row)["createTimestamp"] for row in events.out.splitlines()].count(call["createTimestamp"]) == 1


def let_fail(shell: Shell, mode: str, *, calls: int) -> None:
    url = yaml.safe_load((shell.folder / "hookrouter.yaml").read_text())["crm"]["url"]
    body = json.dumps({"mode": mode, "calls": calls}).encode()
    with urllib.request.urlopen(urllib.request.Request(urljoin(url, "/faults"), data=body), timeout=5) as answer:
        assert json.load(answer)["mode"] == mode


def test_a_source_is_subscribed_without_its_token_being_shown(shell: Shell, simulator: WarmProcess) -> None:
    ended = shell.run("subscribe")

    assert ended.code == 0
    assert ended.out == "the CRM will push lead updates to https://hooks.example.com/in/hooks/crm/(token)\n"


def test_of_several_sources_one_must_be_named(shell: Shell, simulator: WarmProcess) -> None:
    configuration = (shell.folder / "hookrouter.yaml").read_text()
    shell.configure(configuration.replace("    crm: {", "    forms: {token: another-token-for-tests}\n    crm: {"))

    unnamed, unknown, named = (
        shell.run("subscribe", *choice) for choice in ((), ("--source", "web"), ("--source", "forms"))
    )

    assert (unnamed.code, unnamed.err) == (2, "there are several sources: say --source with one of crm, forms\n")
    assert (unknown.code, unknown.err) == (1, "there is no source web; the configuration has crm, forms\n")
    assert (named.code, named.out.split("/")[-2]) == (0, "forms")


@pytest.mark.parametrize("command", [("subscribe",), ("crm", "getLead")])
def test_without_a_crm_in_the_configuration_it_says_so(shell: Shell, command: tuple[str, ...]) -> None:
    ended = shell.run(*command)

    assert ended.code == 2
    assert ended.err == "the configuration has no `crm` section: give its account_id and secret_key there\n"


def test_without_a_public_url_nothing_is_subscribed(shell: Shell) -> None:
    without = CONFIGURATION.replace("  public_url: https://hooks.example.com/in/\n", "")
    shell.configure(without + "crm: {account_id: a, secret_key: some-key, url: 'http://127.0.0.1:9/'}\n")

    ended = shell.run("subscribe")

    assert ended.code == 2
    assert ended.err.startswith("receiver.public_url is not set: ")


def test_a_crm_that_is_away_is_one_line_and_1(shell: Shell) -> None:
    shell.configure(CONFIGURATION + f"crm: {{account_id: a, secret_key: {KEY}, url: 'http://127.0.0.1:9/'}}\n")

    ended = shell.run("crm", "getLead")

    assert (ended.code, len(ended.err.splitlines())) == (1, 1)
    assert KEY not in ended.err


@pytest.mark.parametrize("params", ["{", "[1]", '{"objects": [1]}', '{"objects": [{"emailAddress": "a@b.example"}]}'])
def test_params_must_be_objects_that_say_which_lead_is_meant(shell: Shell, params: str) -> None:
    assert shell.run("crm", "deleteLeads", params).code == 2


def test_the_simulator_ends_in_order_on_ctrl_c(shell: Shell) -> None:
    with shell.start("simulate-crm", "--port", "0", "--leads", "0") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")


def test_a_command_shares_the_days_calls_with_all_processes(
    shell_at_work: Shell,
    simulator_of: Callable[[Shell, int], WarmProcess],
    server: RedisServer,
    keys: Keys,
) -> None:
    simulator_of(shell_at_work, 5)
    answered = shell_at_work.run("crm", "getLead", json.dumps({"id": str(FIRST_ID)}))
    used = server.call("HGET", keys.crm_calls(), "used")
    server.call("HSET", keys.crm_calls(), "used", 50_000)
    refused = shell_at_work.run("crm", "getLead", json.dumps({"id": str(FIRST_ID)}))

    assert (answered.code, used) == (0, b"1")
    assert (refused.code, refused.err) == (1, "the CRM's calls of this day are made: none is left for this\n")


def verified(shell: Shell, keys: Keys, server: RedisServer, lead: str, *roles: str) -> Ended:
    """Of a canary, while processes of these roles seem to live."""
    configuration = (shell.folder / "hookrouter.yaml").read_text()
    shell.configure(configuration.replace("crm: {account_id", f"crm: {{canary: {{lead: {lead}}}, account_id"))
    for role in roles:
        Presence(server=server, keys=keys).beat(role, "test")
    ended = shell.run("subscribe", "--verify", "--within", "1")
    shell.configure(configuration)
    return ended


def test_to_verify_it_needs_a_canary_and_somebody_who_would_notice(
    shell_at_work: Shell,
    simulator_of: Callable[[Shell, int], WarmProcess],
    server: RedisServer,
    keys: Keys,
) -> None:
    simulator_of(shell_at_work, 5)
    without = shell_at_work.run("subscribe", "--verify")
    alone = verified(shell_at_work, keys, server, str(FIRST_ID))
    unheard = verified(shell_at_work, keys, server, str(FIRST_ID), "receiver")
    silent = verified(shell_at_work, keys, server, str(FIRST_ID), "receiver", "worker")
    unknown = verified(shell_at_work, keys, server, "4711")

    assert (without.code, without.err.split(":")[0]) == (2, "crm.canary is not configured")
    assert (alone.code, alone.err.split(",")[0]) == (1, "no receiver lives")
    assert (unheard.code, unheard.err.split(",")[0]) == (1, "no worker lives")
    assert (silent.code, silent.out) == (1, f"the CRM will push lead updates to {HOOK}\n")
    assert silent.err.startswith(f"nothing came within 1 s: no push came here: does the CRM reach {HOOK}, and")
    assert (unknown.code, unknown.out) == (1, "")  # it was asked to push before
    assert unknown.err == (
        "the lead could not be changed: the CRM knows no lead 4711: name one of its leads in crm.canary.lead\n"
    )
