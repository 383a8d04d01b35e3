"""`hookrouter audit`: what the commands write into it."""

from __future__ import annotations

from collections.abc import Callable

from cli_support import Shell

from hookrouter.domain.delivery import Delivery
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead

ADDRESS = "ada.brown@example.com"


def told(shell: Shell) -> list[tuple[str, str, str]]:
    """Each deed, the first one first."""
    rows = shell.run("audit", "--json").json
    assert {(row["door"], row["role"], row["address"]) for row in rows} <= {("cli", "operate", "")}
    return [(row["act"], row["of"], row["result"]) for row in reversed(rows)]


def test_every_change_and_every_look_at_what_is_personal_is_written_down(
    shell_at_work: Shell, bury: Callable[..., Delivery]
) -> None:
    letter = bury(a_delivery(change=a_change(lead=a_lead(emailAddress=ADDRESS)), sink="billing"), at=RECEIVED_AT).id

    shell_at_work.run("pause", "log", "--by", "ada", "--reason", "Slack is down")
    shell_at_work.run("resume", "log")
    shell_at_work.run("resume", "log")
    silence = shell_at_work.run("silence", "--match", "{}", "--for", "2h", "--sink", "log").out.split()[0]
    shell_at_work.run("silence", "end", silence)
    shell_at_work.run("dead", "show", letter)
    shell_at_work.run("dead", "show", letter, "--reveal")
    shell_at_work.run("dead", "replay", letter)
    shell_at_work.run("dead", "drop", "--sink", "billing", "--yes")
    shell_at_work.run("send-test", "log")

    assert told(shell_at_work) == [
        ("pause", "log", "done"),
        ("resume", "log", "done"),
        ("resume", "log", "not done: sink:log is not paused"),
        ("silence", "log", silence),
        ("end silence", silence, "done"),
        ("unmask", f"dead {letter}", "done"),
        ("replay dead", letter, "1 replayed"),
        ("drop dead", "sink billing", "0 dropped"),
        ("send test", "log", "arrived"),
    ]
    [paused] = shell_at_work.run("audit", "--act", "pause", "--json").json
    assert paused["by"] == "ada"


def test_no_address_of_a_lead_gets_into_it(shell_at_work: Shell) -> None:
    shell_at_work.run("rejected", "replay", ADDRESS, "--set", f"emailAddress={ADDRESS}")

    [(_, of, result)] = told(shell_at_work)
    assert ADDRESS not in of + result
    assert of == "a***@example.com"
