"""`hookrouter pause` and `resume` on a real server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cli_support import CONFIGURATION, Shell

from hookrouter.clock import SystemClock
from hookrouter.domain.circuit import Circuit
from hookrouter.domain.ids import SinkName
from hookrouter.ports.stages import Stage
from hookrouter.store.keys import Keys
from hookrouter.store.pauses import RedisPauses
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import circuit_of, keep_circuit


@pytest.fixture
def pauses(server: RedisServer, keys: Keys) -> RedisPauses:
    return RedisPauses(server=server, keys=keys)


@pytest.mark.parametrize("name", ["billing", "hot-lead", "sink:billing", "route:hot-lead"])
def test_what_is_paused_is_shown_with_who_and_why_until_it_is_resumed(
    shell_at_work: Shell, pauses: RedisPauses, name: str
) -> None:
    kind = "sink" if "billing" in name else "route"
    whole = f"{kind}:{name.removeprefix(f'{kind}:')}"

    paused = shell_at_work.run("pause", name, "--by", "ada", "--reason", "a move", "--until", "2h")

    assert (paused.code, paused.err) == (0, "")
    assert paused.out.startswith(f"{whole} is paused until 20")
    [(kept, pause)] = pauses.all().items()
    assert (kept, pause.by, pause.reason) == (whole, "ada", "a move")
    assert shell_at_work.run("resume", name).out == f"{whole} goes on\n"
    assert pauses.all() == {}


def test_a_paused_sink_stands_in_the_status(shell_at_work: Shell, server: RedisServer, keys: Keys) -> None:
    server.call("SADD", keys.outboxes(), "billing")
    shell_at_work.run("pause", "billing", "--by", "ada", "--reason", "a move")

    [part] = [part for part in shell_at_work.run("status", "--json").json["parts"] if part["name"] == "sink:billing"]

    assert part["status"] == "warn"
    assert part["advice"] == "paused by ada: a move; `hookrouter resume billing` lets it go on"


def test_a_paused_route_stands_in_the_status(shell_at_work: Shell) -> None:
    shell_at_work.run("pause", "hot-lead", "--by", "ada")

    [part] = [part for part in shell_at_work.run("status", "--json").json["parts"] if part["name"] == "route:hot-lead"]

    assert (part["status"], part["value"]) == ("warn", "paused")
    assert part["advice"] == "paused by ada; `hookrouter resume hot-lead` lets it go on"


@pytest.mark.parametrize("name", ["former", "route:former"])
def test_what_the_configuration_names_no_more_can_be_resumed(
    shell_at_work: Shell, pauses: RedisPauses, name: str
) -> None:
    shell_at_work.configure(CONFIGURATION.replace("- name: hot-lead", "- name: former"))
    shell_at_work.run("pause", "former")
    shell_at_work.configure(CONFIGURATION)

    resumed = shell_at_work.run("resume", name)

    assert (resumed.out, resumed.err, pauses.all()) == ("route:former goes on\n", "", {})
    assert shell_at_work.run("pause", name).code == 2


def test_a_reason_is_a_line(shell_at_work: Shell, pauses: RedisPauses) -> None:
    shell_at_work.run("pause", "billing", "--reason", "Slack is\ndown \x1b[31m", "--by", "ada\n")

    assert [(pause.by, pause.reason) for pause in pauses.all().values()] == [("ada", "Slack is down [31m")]


def test_resuming_rings_for_what_waits(shell_at_work: Shell, server: RedisServer, keys: Keys) -> None:
    shell_at_work.run("pause", "billing")
    shell_at_work.run("resume", "billing")

    assert server.call("EXISTS", keys.wake(Stage.DELIVER)) == 1


def test_a_sink_is_asked_at_once_and_that_is_written_down(
    shell_at_work: Shell, server: RedisServer, keys: Keys
) -> None:
    sink, now = SinkName("billing"), SystemClock().now()
    opened = Circuit(failures=10, trips=1, opened_at=now, until=now + timedelta(hours=1), reason="network")
    server.call(*keep_circuit(keys, sink, opened))
    server.call("ZADD", keys.retries(sink), (now + timedelta(hours=1)).timestamp() * 1000, "d_1")

    asked = shell_at_work.run("retry", "billing")

    assert (asked.code, asked.err) == (0, "")
    assert asked.out == "sink:billing is asked now; 1 delivery waits for it, and all goes out once it takes one\n"
    circuit = circuit_of(server.call("GET", keys.circuit(sink)))
    assert circuit.until is not None
    assert circuit.until < opened.until
    assert server.call("EXISTS", keys.wake(Stage.DELIVER)) == 1
    [deed] = shell_at_work.run("audit", "--json").json
    assert (deed["act"], deed["of"]) == ("retry", "sink:billing")
    shell_at_work.run("pause", "billing", "--by", "ada")
    refused = shell_at_work.run("retry", "billing")
    assert (refused.code, refused.err) == (
        1,
        "sink:billing is paused by ada: `hookrouter resume billing` lets it go on\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("pause", "biling"), 2, "there is no sink or route biling; there are sink:log, sink:billing, route:hot-lead"),
        (("resume", "billing"), 1, "sink:billing is not paused"),
        (("retry", "hot-lead"), 2, "there is no sink hot-lead; there are log, billing"),
        (("pause", "billing", "--until", "soon"), 2, "'soon' is neither a duration such as 2h nor a time"),
        (("pause", "billing", "--until", "2020-01-01T00:00"), 2, "this moment is over"),
    ],
)
def test_what_cannot_be_done_is_said(shell_at_work: Shell, arguments: tuple[str, ...], code: int, said: str) -> None:
    ended = shell_at_work.run(*arguments)

    assert ended.code == code
    assert said in ended.err


def test_a_name_that_means_two_things_must_be_said_in_full(shell_at_work: Shell) -> None:
    shell_at_work.configure(CONFIGURATION.replace("- name: closed", "- name: billing"))

    assert "say sink:billing or route:billing" in shell_at_work.run("pause", "billing").err
    assert shell_at_work.run("pause", "route:billing").code == 0
