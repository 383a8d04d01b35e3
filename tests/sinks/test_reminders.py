"""What sinks make of a reminder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hookrouter.domain.assignment import WHOEVER_IS_NEXT, Assigned
from hookrouter.domain.delivery import Delivery
from hookrouter.net.smtp_server import SmtpServer
from hookrouter.sinks import email, http, slack
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.testing.sinks import a_sink, sink_tools

SAID = replace(a_delivery(), step="15m", say="Nobody has called *Ada* <!channel> yet")
UNSAID = replace(a_delivery(), step="1h")
BEN = Assigned(owner="5", name="Ben Cole", slack="U02BEN", team="east", reason="Ben next")


def blocks(delivery: Delivery, **options: Any) -> list[Any]:
    sink = a_sink(slack.SINK, token="xoxb-of-nobody", channel="#deals", **options)
    return sink.render(delivery).preview()["blocks"]  # type: ignore[index,call-overload,return-value]


def test_slack_shows_what_is_said_as_it_is_whom_it_is_for_and_the_lead() -> None:
    said, person, name, foot = blocks(replace(SAID, assigned=BEN), text="{{ lead.firstName }}: the sink's own text")

    assert said["text"] == {
        "type": "plain_text",
        "text": "Nobody has called *Ada* &lt;!channel&gt; yet",
        "emoji": False,
    }
    assert person["text"]["text"] == "For <@U02BEN> (Ben next)"
    assert name["elements"][0]["text"] == "Ada Brown (Acme)"
    assert "route hot-lead" in foot["elements"][0]["text"]


def test_a_step_that_says_nothing_tells_how_long_nobody_reacted_and_what_changed_since() -> None:
    header, *rest = blocks(UNSAID)

    assert header["text"]["text"] == "No reaction after 1h: Ada Brown (Acme)"
    assert "qualified" in str(rest)


def test_what_a_sink_says_of_news_is_not_said_again_by_a_step_without_words() -> None:
    tools = sink_tools(smtp=SmtpServer(host="smtp.example.com", port=25, sender="crm@example.com"))
    mail: Any = a_sink(email.SINK, tools, to=["boss@example.com"], subject="A new lead!", text="New").render(UNSAID)

    header, *_ = blocks(UNSAID, text="A new lead!")
    own, *_ = blocks(UNSAID, blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "A new lead!"}}])

    assert header["text"]["text"] == own["text"]["text"] == "No reaction after 1h: Ada Brown (Acme)"
    assert mail.preview()["subject"].startswith("No reaction after 1h: Ada Brown (Acme)")
    assert mail.preview()["text"].startswith("No reaction after 1h: Ada Brown (Acme)\n")


def test_a_mail_says_it_in_subject_and_text_within_the_leads_thread() -> None:
    tools = sink_tools(smtp=SmtpServer(host="smtp.example.com", port=25, sender="crm@example.com"))
    sink = a_sink(email.SINK, tools, to=["boss@example.com"], subject="{{ lead.id }}", text="the sink's own")

    mail, other = sink.render(SAID), sink.render(a_delivery())
    shown: Any = mail.preview()

    assert shown["subject"] == SAID.say
    assert shown["text"].startswith(f"{SAID.say}\n\nAda Brown (Acme)\n")
    assert "Nobody has called *Ada* &lt;!channel&gt; yet" in shown["html"]
    assert mail.thread == other.thread  # type: ignore[attr-defined]


def test_http_finds_it_in_the_standard_body_or_in_its_own() -> None:
    standard: Any = a_sink(http.SINK, url="https://api.example.com/").render(SAID).preview()
    own: Any = a_sink(http.SINK, url="https://api.example.com/", body={"note": "{{ step }}: {{ say }}"}).render(SAID)
    plain: Any = a_sink(http.SINK, url="https://api.example.com/").render(a_delivery()).preview()

    assert standard["body"]["data"]["follow_up"] == {"step": "15m", "say": SAID.say}
    assert own.preview()["body"] == {"note": f"15m: {SAID.say}"}
    assert "follow_up" not in plain["body"]["data"]


def test_who_is_next_is_filled_in_when_it_is_known() -> None:
    waiting = replace(a_delivery(change=a_change(lead=a_lead())), say=f"{WHOEVER_IS_NEXT.name}: call her")

    assert waiting.given_to(BEN).say == "Ben Cole: call her"
    assert waiting.given_to(Assigned(owner="")).say == ": call her"
