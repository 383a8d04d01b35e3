"""Real processes write to the CRM, hear their own writes pushed back, and end a loop."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flow_crm import ACCOUNT, SECRET, Crm
from flow_stack import HttpRecorder, Stack, configuration, eventually

StackOf = Callable[..., Stack]


@pytest.mark.long
def test_leads_are_written_back_once_through_kills_and_their_echoes_end(
    stack_of: StackOf, recorder: HttpRecorder, crm: Crm
) -> None:
    more = f'crm: {{account_id: {ACCOUNT}, secret_key: "{SECRET}", url: "{crm.api}", rate_limit: 50/s}}'
    sinks = '  status: {type: crm, action: update, fields: {leadStatus: qualified, title: "was {{ lead.city }}"}}\n'
    sinks += '  called: {type: crm, action: log_call, fields: {userID: "7", direction: outgoing}}\n'
    sinks += f'  api: {{type: http, url: "{recorder.url}/api"}}'
    routes = "  - {name: hot, match: {leadStatus: {not: qualified}}, to: [status, called]}\n  - {name: all, to: [api]}"
    stack = stack_of(configuration(sinks=sinks, routes=routes, more=more))
    leads = crm.call("getLeads", {"where": {}, "limit": 20, "offset": 0})["lead"]
    crm.call("subscribeToLeadUpdates", {"url": stack.hook})
    before = {lead["id"]: logged_calls(crm, lead["id"]) for lead in leads}
    hot = [lead for lead in leads if lead["leadStatus"] != "qualified"]

    stack.push(leads[:10])
    stack.kill("worker")
    stack.start("worker")
    stack.push(leads[10:])

    def titled() -> int:
        now = crm.call("getLeads", {"where": {}, "limit": 20, "offset": 0})["lead"]
        return sum(str(lead["title"]).startswith("was ") for lead in now)

    eventually(lambda: titled() == len(hot), "each lead is written")
    eventually(lambda: b'happened="echo"' in stack.get("/metrics")[1], "an echo is recognised")
    eventually(lambda: waiting(stack) == 0, "nothing waits")
    calls = [logged_calls(crm, lead["id"]) - before[lead["id"]] for lead in hot]
    doubted = [each for each in json.loads(stack.run("dead", "--json")) if each["reason"] == "in_doubt"]
    assert max(calls) == 1
    assert calls.count(0) <= len(doubted)
    assert len(recorder.at("/api")) == len(leads)


def logged_calls(crm: Crm, lead: str) -> int:
    where = {"where": {"leadID": lead}, "limit": 500, "offset": 0}
    events: list[dict[str, Any]] = crm.call("getEvents", where)["event"]
    return sum(event["eventSource"] == "outgoingCall" for event in events)


def waiting(stack: Stack) -> int:
    checks = json.loads(stack.get("/health")[1])["checks"]
    return sum(int(part[0]["observedValue"]) for name, part in checks.items() if name.startswith("sink:"))
