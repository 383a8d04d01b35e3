"""`hookrouter send-test` through real sinks."""

from __future__ import annotations

import asyncio
import json

from cli_support import CONFIGURATION, Ended, Shell

from hookrouter.testing.far_side import FarSide, answers

SINK = "http://127.0.0.1:9/leads"


def sent_to(far_side: FarSide, shell: Shell, *arguments: str) -> Ended:
    """What the command came to while the far side answered."""

    async def send() -> Ended:
        async with far_side as listening:
            shell.configure(CONFIGURATION.replace(SINK, f"http://127.0.0.1:{listening.port}/leads"))
            return await asyncio.to_thread(shell.run, "send-test", "billing", *arguments)

    return asyncio.run(send())


def test_a_test_is_sent_and_says_that_it_is_one(shell: Shell) -> None:
    far_side = FarSide(answers(202, "taken, ada@acme.example"))
    file = shell.write("lead.json", {"id": "777", "firstName": "Ada", "emailAddress": "ada@acme.example"})

    ended = sent_to(far_side, shell, "--lead", file, "--json")

    [received] = far_side.received
    body = json.loads(received.body)
    assert (ended.code, ended.err) == (0, "")
    assert {name: ended.json[name] for name in ("id", "sink", "delivered", "reason", "status")} == {
        "id": received.headers["webhook-id"],
        "sink": "billing",
        "delivered": True,
        "reason": "",
        "status": 202,
    }
    assert "ada@" not in ended.json["answer"]
    assert (body["data"]["lead"]["firstName"], body["data"]["route"]) == ("TEST Ada", "send-test")
    assert body["data"]["push"].startswith("test_")


def test_a_test_that_is_refused_shows_the_answer_and_is_1(shell: Shell) -> None:
    far_side = FarSide(answers(403, "not here"))

    ended = sent_to(far_side, shell)

    assert ended.code == 1
    assert "delivered: False\nreason: refused\nstatus: 403\n" in ended.out
    assert ended.out.endswith("answer: not here\n")
    assert json.loads(far_side.received[0].body)["data"]["lead"]["firstName"] == "TEST Ada"


def test_a_sink_that_there_is_not_is_2(shell: Shell) -> None:
    ended = shell.run("send-test", "biling")

    assert (ended.code, ended.err) == (2, "there is no sink biling; `hookrouter status` shows those there are\n")


def test_a_file_without_a_lead_that_can_be_routed_says_what_is_wrong_with_it(shell: Shell) -> None:
    ended = shell.run("send-test", "billing", "--lead", shell.write("lead.json", {"id": "5", "leadScore": "abc"}))

    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert "there is no lead in it that can be routed: leadScore: " in ended.err
