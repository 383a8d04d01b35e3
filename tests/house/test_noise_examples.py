"""The examples of messages of several leads are what is made of such leads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from house_support import ROOT

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.policy import Digest
from hookrouter.net.smtp_server import SmtpServer
from hookrouter.ports.sinks import DigestSink
from hookrouter.sinks import email, slack
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead, an_occasion
from hookrouter.testing.sinks import a_sink, sink_tools

TEXT = (ROOT / "docs/noise.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^<!-- example: (.*?) -->\n```text\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))

PEOPLE = (
    {
        "firstName": "Ada",
        "lastName": "Brown",
        "companyName": "Acme",
        "leadStatus": "qualified",
        "leadScore": "91",
        "phoneNumber": "555 0100",
    },
    {
        "firstName": "Wolfeschlegelsteinhausenbergerdorff",
        "lastName": "Hubert Blaine the Third of That Name",
        "companyName": "A Company Whose Name Is Long as Well",
        "leadStatus": "qualified",
    },
    {"firstName": "דנה", "lastName": "כהן", "companyName": "חברה בעם", "leadStatus": ""},
    {"firstName": "Zoë 🚀", "lastName": None, "companyName": None, "leadStatus": "open"},
    {"firstName": None, "lastName": None, "companyName": None, "emailAddress": "cem@example.com", "leadStatus": "open"},
)
MANY = ("leadStatus", "leadScore", "companyName", "state", "phoneNumber")


def of(place: int, route: str, *, event: LeadEvent = LeadEvent.UPDATED, late: str = "", minutes: float = 0) -> Delivery:
    fields = dict(PEOPLE[place % len(PEOPLE)])
    changed = MANY if place == 0 else ("leadStatus",)
    previous: dict[str, Any] = {"leadStatus": "contact", "leadScore": "40", "state": "OR"}
    change = a_change(
        lead=a_lead(id=str(place + 1), ownerID="313499604", **fields),
        changed=changed,
        previous={name: previous.get(name) for name in changed},
    )
    delivery = a_delivery(change=replace(change, event=event), occasion=an_occasion(place=place), route=route)
    return replace(delivery, late=late, received_at=RECEIVED_AT + timedelta(minutes=minutes))


def some() -> list[Delivery]:
    return [
        *(of(place, "hot-lead") for place in range(3)),
        *(of(place, "new-lead", event=LeadEvent.CREATED) for place in (3, 4)),
    ]


def an_import() -> list[Delivery]:
    new = [of(place, "new-lead", event=LeadEvent.CREATED, minutes=place / 5160) for place in range(4900)]
    return [*new, *(of(place, "hot-lead", minutes=place / 5160) for place in range(4900, 4980))]


def missed() -> list[Delivery]:
    return [of(place, "hot-lead", late="network", minutes=-1500 * place) for place in (3, 2, 1)]


def in_slack(deliveries: Sequence[Delivery], digest: Digest | None) -> str:
    """What is read in the channel: links by what they are called, bold as it stands."""
    sink = cast("DigestSink", a_sink(slack.SINK, sink_tools(digest=digest), webhook_url="https://hooks.example/x"))
    message = cast("Any", sink.render_digest(deliveries).preview())
    texts = [
        each["text"]
        for block in message["blocks"]
        for each in (block["elements"] if block["type"] == "context" else [block["text"]])
    ]
    read = re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", "\n".join(texts))
    return read.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">") + "\n"


def by_mail(deliveries: Sequence[Delivery], digest: Digest) -> str:
    tools = sink_tools(digest=digest, smtp=SmtpServer(host="mail.example.com", port=587, sender="crm@example.com"))
    sink = cast("DigestSink", a_sink(email.SINK, tools, to=["boss@example.com"]))
    message = cast("Any", sink.render_digest(deliveries).preview())
    return f"Subject: {message['subject']}\n\n{message['text']}"


HOURLY = Digest(every=timedelta(hours=1), most=50, by="ownerID")
SCENES = {
    "digest in Slack": lambda: in_slack(some(), HOURLY),
    "digest by mail": lambda: by_mail(some(), HOURLY),
    "burst in Slack": lambda: in_slack(an_import(), None),
    "missed in Slack": lambda: in_slack(missed(), None),
}


@pytest.mark.parametrize("name", SCENES)
def test_an_example_is_what_is_made(name: str) -> None:
    assert SCENES[name]() == EXAMPLES[name]
