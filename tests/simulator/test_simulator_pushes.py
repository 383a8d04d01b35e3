"""What the simulated CRM pushes, and to whom."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request

import pytest

from hookrouter.domain.errors import ConfigurationError
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.server import Simulator

FIRST = str(FIRST_ID)
UPDATE = {"objects": [{"id": FIRST, "title": "Weaver"}]}


def pushed_by(ask, listening, until, change, *, answers=200, **options):
    """What a listener heard of a change, with the simulator's status after it."""

    async def question(wire):
        async with listening(answers) as listener:
            await wire.call("subscribeToLeadUpdates", {"url": listener.url})
            await change(wire)

            async def all_is_said():
                return (await wire.status())["leads_waiting"] == 0

            await until(all_is_said)
            return listener.pushes, await wire.status()

    return ask(question, **options)


async def update_one(wire):
    await wire.call("updateLeads", UPDATE)


def test_a_changed_lead_is_pushed_whole(ask, listening, until):
    pushes, status = pushed_by(ask, listening, until, update_one)

    [(content_type, content)] = pushes
    [lead] = json.loads(content)
    assert content_type == "application/json"
    assert (lead["id"], lead["title"], len(lead)) == (FIRST, "Weaver", 38)
    assert (status["leads_pushed"], status["leads_acked"], status["pushes_acked"]) == (1, 1, 1)


def test_changes_are_collected_and_a_batch_has_no_more_than_500(ask, listening, until):
    async def change(wire):
        status, answer = await wire.post("/changes", body={"count": 1234})
        assert (status, json.loads(answer)) == (200, {"changes": 1234})

    pushes, status = pushed_by(ask, listening, until, change, leads=50, pushing=Pushing(batch_delay=0.3))

    sizes = [len(json.loads(content)) for _, content in pushes]
    assert sum(sizes) == status["leads_pushed"] == status["changes"] == 1234
    assert max(sizes) <= 500


def test_a_new_lead_is_pushed_and_a_deleted_one_is_not(ask, listening, until):
    async def change(wire):
        await wire.call("createLeads", {"objects": [{"emailAddress": "new@example.com"}]})
        await wire.call("deleteLeads", {"objects": [{"id": FIRST}]})

    pushes, _ = pushed_by(ask, listening, until, change)

    assert [lead["emailAddress"] for _, content in pushes for lead in json.loads(content)] == ["new@example.com"]


def test_what_changes_nothing_is_not_pushed(ask, listening, until):
    async def change(wire):
        await wire.envelope("updateLeads", {"objects": [{"id": "999", "title": "x"}, {"id": FIRST, "faxNumber": ""}]})

    assert pushed_by(ask, listening, until, change)[0] == []


def test_a_refused_push_is_not_sent_again(ask, listening, until):
    pushes, status = pushed_by(ask, listening, until, update_one, answers=500)

    assert len(pushes) == 1
    assert (status["pushes_sent"], status["pushes_acked"], status["pushes_failed"]) == (1, 0, 1)


def test_each_subscriber_hears_it_and_one_that_is_gone_hinders_none(ask, listening, until):
    async def change(wire):
        await wire.call("subscribeToLeadUpdates", {"url": "http://127.0.0.1:9/gone"})
        await wire.call("updateLeads", UPDATE)

    pushes, status = pushed_by(ask, listening, until, change)

    assert len(pushes) == 1
    assert (status["subscriptions"], status["pushes_sent"], status["pushes_failed"]) == (2, 2, 1)


def test_life_goes_on_by_itself(ask, listening, until):
    async def change(wire):
        async def enough():
            return (await wire.status())["changes"] >= 20

        await until(enough)

    pushes, status = pushed_by(ask, listening, until, change, leads=20, push_rate=200.0)

    assert pushes
    assert status["leads"] >= 20


def test_an_empty_crm_fills_with_new_leads(ask):
    async def question(wire):
        await wire.post("/changes", body={"count": 30})
        return await wire.status()

    status = ask(question, leads=0)

    assert status["changes"] == 30
    assert 0 < status["leads"] <= 30


def test_a_port_that_is_taken_is_told_in_one_line(ask):
    async def question(wire):
        port = int(wire.simulator.url.rsplit(":", 1)[1])
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1:{port}"):
            await Simulator(account_id="A", secret_key="S", leads=0).start("127.0.0.1", port)

    ask(question)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_says_where_it_is_and_ends_when_told(number):
    options = ["--port", "0", "--push-rate", "5", "--leads", "5", "--batch-delay", "0.1"]
    command = [sys.executable, "-m", "hookrouter", "simulate-crm", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        line = process.stdout.readline()
        base = line.split("page at ")[1].rstrip(")\n")
        with urllib.request.urlopen(base) as answer:
            leads = json.load(answer)["leads"]
        process.send_signal(number)
        rest, errors = process.communicate(timeout=30)

    assert leads >= 5
    assert (process.returncode, rest, errors) == (0, "", "")
