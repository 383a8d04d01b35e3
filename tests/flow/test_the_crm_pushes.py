"""Real processes subscribe by themselves, see their own change come back, and find out when it does not any more."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flow_crm import ACCOUNT, SECRET, Crm, crm_id
from flow_stack import HttpRecorder, Stack, configuration, eventually


def part(stack: Stack, name: str) -> dict[str, Any]:
    parts = json.loads(stack.run("status", "--json", check=False))["parts"]
    return next((each for each in parts if each["name"] == name), {"status": "missing"})


def test_the_way_of_a_push_is_proven_end_to_end(
    stack_of: Callable[..., Stack], recorder: HttpRecorder, crm: Crm
) -> None:
    account = f'account_id: {ACCOUNT}, secret_key: "{SECRET}", url: "{crm.api}", rate_limit: 50/s'
    more = f"crm: {{{account}, subscribe: on_start, canary: {{lead: {crm_id(0)}}}}}"
    sink = f'  api: {{type: http, url: "{recorder.url}/api"}}'
    text = configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}", more=more)
    stack = stack_of(text.replace("public_url: http://127.0.0.1", 'public_url: "http://127.0.0.1:${PORT}"'))

    eventually(lambda: crm.status()["subscriptions"] == 1, "a worker has subscribed")
    eventually(lambda: part(stack, "subscription")["status"] == "pass", "and says so")
    verified = stack.run("subscribe", "--verify")
    crm.call("updateLeads", {"objects": [{"id": crm_id(1), "leadScore": "77"}]})
    eventually(lambda: recorder.at("/api"), "what a person changes")

    assert "s after the change" in verified
    assert crm.status()["subscriptions"] == 1
    assert {arrival.json["data"]["lead"]["id"] for arrival in recorder.at("/api")} == {crm_id(1)}
