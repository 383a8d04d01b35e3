"""Real processes: a lead is pushed, told of in Slack, claimed there by two people, and has one owner in the CRM."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flow_crm import ACCOUNT, SECRET, Crm
from flow_stack import LOOPBACK, Stack, configuration, eventually
from slack_workspace import TOKEN, SlackMessage, Workspace, texts_of

from hookrouter.wire.slack.signature import sign

StackOf = Callable[..., Stack]
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
OWNERS = {"U02ADA": "313499604", "U02BEN": "313499605"}
MORE = """
crm: {{account_id: {account}, secret_key: "{secret}", url: "{url}", rate_limit: 50/s}}
slack: {{signing_secret: {signing}}}
teams:
  east:
    members:
      - {{owner: 313499604, name: Ada Brown, slack: U02ADA}}
      - {{owner: 313499605, name: Ben Cole, slack: U02BEN}}
"""


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A workspace in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made = Workspace()
    asyncio.run_coroutine_threadsafe(made.far.__aenter__(), loop).result(10)
    yield made
    asyncio.run_coroutine_threadsafe(made.far.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.mark.long
def test_of_two_who_claim_a_lead_while_the_worker_is_killed_one_is_its_owner(
    stack_of: StackOf, crm: Crm, workspace: Workspace
) -> None:
    more = MORE.format(account=ACCOUNT, secret=SECRET, url=crm.api, signing=SIGNING_SECRET)
    sinks = f'  sales: {{type: slack, token: {TOKEN}, channel: "#deals", url: "{workspace.url}", '
    sinks += "thread: lead, claim: true, rate_limit: 50/s}"
    stack = stack_of(configuration(sinks=sinks, routes="  - {name: all, to: [sales]}", more=more))
    lead = crm.call("getLeads", {"where": {}, "limit": 1, "offset": 0})["lead"][0]
    stack.push([{**lead, "leadStatus": "qualified", "updateTimestamp": lead["createTimestamp"]}])
    eventually(lambda: workspace.first, "the lead is told of")
    message = workspace.first[0]
    button = button_of(message)

    assert press(stack, "U02ADA", message, button, secret="of-somebody-else-altogether") == 401
    stack.kill("worker")
    assert [press(stack, user, message, button) for user in OWNERS] == [200, 200]
    stack.start_heir()

    eventually(lambda: "Claimed by *Ada Brown*" in texts_of(message), "the message says whose the lead is")
    eventually(lambda: workspace.whispers, "the second is told who was first")
    eventually(lambda: owner_of(crm, lead["id"]) == OWNERS["U02ADA"], "the first is the owner")
    assert [whisper["user"] for whisper in workspace.whispers] == ["U02BEN"]
    assert lead["emailAddress"] not in stack.logs()
    assert SIGNING_SECRET not in stack.logs()


def owner_of(crm: Crm, lead: str) -> str:
    found: list[dict[str, Any]] = crm.call("getLead", {"id": lead})["lead"]
    return str(found[0]["ownerID"])


def button_of(message: SlackMessage) -> dict[str, Any]:
    elements = [element for block in message.blocks for element in block.get("elements", [])]
    return next(element for element in elements if element.get("action_id") == "hookrouter_claim")


def press(stack: Stack, user: str, message: SlackMessage, button: dict[str, Any], secret: str = SIGNING_SECRET) -> int:
    """Press the button; Slack's answer."""
    payload = {
        "type": "block_actions",
        "user": {"id": user},
        "channel": {"id": message.channel},
        "message": {"ts": message.ts, "text": message.text, "blocks": message.blocks},
        "actions": [button],
    }
    body, moment = urlencode({"payload": json.dumps(payload)}).encode(), str(int(time.time()))
    headers = {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": sign(secret, moment, body)}
    url = f"http://{LOOPBACK}:{stack.port}/slack/actions"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=3) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
