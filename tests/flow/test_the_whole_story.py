"""The CRM is asked to push, a lead changes, and Slack, a mailbox and an HTTP API hear of it with its history."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Callable
from typing import Any

from flow_crm import ACCOUNT, SECRET, Crm
from flow_stack import SIGNING_SECRET, TOKEN, HttpRecorder, Mailbox, Stack, configuration, eventually
from standardwebhooks import Webhook

from hookrouter.supervise.free_port import LOOPBACK

StackOf = Callable[..., Stack]


def story(recorder: HttpRecorder, mailbox: Mailbox, crm: Crm) -> str:
    more = f"""
crm: {{account_id: {ACCOUNT}, secret_key: "{SECRET}", url: "{crm.api}", rate_limit: 50/s}}
smtp: {{host: {LOOPBACK}, port: {mailbox.port}, tls: none, from: router@example.com}}
"""
    sinks = f"""
  sales: {{type: slack, webhook_url: "{recorder.url}/slack"}}
  manager: {{type: email, to: [boss@example.com]}}
  billing: {{type: http, url: "{recorder.url}/api", signing_secret: {SIGNING_SECRET}}}
"""
    routes = """
  - name: hot-lead
    match: {leadScore: {gte: 80}, changed: [leadScore]}
    enrich: {timeline: {sources: [formSubmit, importantPageVisit], last: 365d}}
    to: [sales, manager, billing]
  - name: cold-lead
    match: {leadScore: {lt: 10}}
    to: [sales]
"""
    return configuration(sinks=sinks, routes=routes, more=more)


def asked_for(crm: Crm, lead: str) -> list[Any]:
    events = crm.call("getLeadTimeline", {"where": {"whoID": lead}, "limit": 500, "offset": 0})["leadTimeline"]
    return [event for event in events if event["eventSource"] in {"formSubmit", "importantPageVisit"}]


def a_lead_with_history(crm: Crm) -> Any:
    known = crm.call("getLeads", {"where": {}, "limit": 500, "offset": 0})["lead"]
    return next(
        lead for lead in known if any(event["eventSource"] == "formSubmit" for event in asked_for(crm, lead["id"]))
    )


def test_a_changed_lead_is_told_to_slack_mail_and_an_api(
    stack_of: StackOf, recorder: HttpRecorder, mailbox: Mailbox, crm: Crm
) -> None:
    config = story(recorder, mailbox, crm)
    stack = stack_of(config, is_warm=False)  # as an operator starts them
    public_url = f"public_url: http://{LOOPBACK}:{stack.port}"
    (stack.folder / "hookrouter.yaml").write_text(config.replace(f"public_url: http://{LOOPBACK}", public_url))

    stack.run("subscribe")
    lead = a_lead_with_history(crm)
    who = f"{lead['firstName']} {lead['lastName']}"
    crm.call("updateLeads", {"objects": [{"id": lead["id"], "leadScore": "41"}]})
    eventually(lambda: crm.status()["leads_waiting"] == 0, "the CRM pushed the first change")
    crm.call("updateLeads", {"objects": [{"id": lead["id"], "leadScore": "92"}]})

    [to_api] = eventually(lambda: recorder.at("/api"), "the API heard of it")
    [to_slack] = eventually(lambda: recorder.at("/slack"), "Slack heard of it")
    [mail] = eventually(lambda: mailbox.mails, "the mailbox got it")
    told = Webhook(SIGNING_SECRET).verify(to_api.body, to_api.headers)
    assert told["type"] == "lead.updated"
    assert told["data"]["route"] == "hot-lead"
    assert told["data"]["lead"]["id"] == lead["id"]
    assert told["data"]["changed"] == ["leadScore"]
    assert told["data"]["previous"] == {"leadScore": "41"}
    assert sorted(map(str, told["data"]["timeline"])) == sorted(map(str, asked_for(crm, lead["id"])))
    slack_text = json.dumps(to_slack.json)
    assert who in slack_text
    assert "41" in slack_text
    assert "92" in slack_text
    assert "Filled out the form" in slack_text
    letter = email.message_from_bytes(mail, policy=email.policy.default)
    assert letter["To"] == "boss@example.com"
    assert who in letter["Subject"]
    text = letter.get_body(("plain",)).get_content()
    assert "41" in text
    assert "92" in text
    assert TOKEN not in stack.logs()


def test_status_tells_how_everything_does(
    stack_of: StackOf, recorder: HttpRecorder, mailbox: Mailbox, crm: Crm
) -> None:
    stack = stack_of(story(recorder, mailbox, crm))

    def told() -> bool:
        status = stack.run("status", check=False)  # of a sink there is something to tell once a worker serves it
        return all(word in status for word in ("redis", "workers", "scheduler", "billing"))

    assert eventually(told, "a status that tells of all parts")
