"""Real processes: a lead is pushed, told of in Slack, claimed there by two people, and has one owner in the CRM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flow_crm import ACCOUNT, SECRET, Crm
from flow_stack import Stack, configuration, eventually
from pressing import SIGNING_SECRET, button_of, press
from slack_workspace import TOKEN, Workspace, texts_of

StackOf = Callable[..., Stack]
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
