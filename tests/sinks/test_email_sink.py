import asyncio
from email import message_from_bytes
from email.policy import default

import pytest
from marshmallow import ValidationError

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.outcome import Delivered
from hookrouter.net.smtp_server import MailTls, SmtpServer
from hookrouter.sinks.email import SINK
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.testing.mail_server import Mailbox, mail_server
from hookrouter.testing.sinks import a_sink, deliver, sink_tools
from hookrouter.wire.messages.template import RenderingFailed

SERVER = SmtpServer(host="mail.example.com", port=587, sender="Lead router <crm@example.com>", password="canary")
BOSS = "boss@example.com"


def preview(delivery=None, **options):
    sink = a_sink(SINK, sink_tools(smtp=SERVER), **{"to": [BOSS], **options})
    return sink.render(delivery or a_delivery()).preview()


def mailed(delivery=None, **options):
    """The outcome, and the mail as the server got it."""

    async def mailing():
        box = Mailbox()
        async with mail_server(box):
            server = SmtpServer(host="127.0.0.1", port=box.port, sender=SERVER.sender, tls=MailTls.NONE)
            outcome = await deliver(SINK, delivery or a_delivery(), smtp=server, **{"to": [BOSS], **options})
        return outcome, box.mails[0]

    outcome, envelope = asyncio.run(mailing())
    return outcome, envelope, message_from_bytes(envelope.content, policy=default)


def test_the_default_mail_names_the_lead_the_change_the_route_and_the_link():
    delivery = a_delivery(timeline=({"createTimestamp": "2026-03-04 15:18:00", "eventName": "Form sent."},))

    message = preview(delivery)

    assert message["subject"] == "Lead updated: Ada Brown (Acme), Lead status: open → qualified"
    assert message["text"] == (
        "Lead updated: Ada Brown (Acme)\n\n"
        "Lead status: open → qualified\n\n"
        "2026-03-04 15:18:00 UTC Form sent.\n\n"
        "https://crm.example/leads/718281920514\n\n"
        f"route hot-lead · {delivery.id[:10]}\n"
    )
    for part in (
        "Ada Brown (Acme)",
        "Lead status",
        "open → qualified",
        "Form sent.",
        'href="https://crm.example/leads/',
    ):
        assert part in message["html"]


def test_a_mail_arrives_whole():
    delivery = a_delivery()

    outcome, envelope, mail = mailed(delivery)

    assert isinstance(outcome, Delivered)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("crm@example.com", [BOSS])
    assert (mail["From"], mail["To"]) == ("Lead router <crm@example.com>", BOSS)
    assert mail["Subject"] == "Lead updated: Ada Brown (Acme), Lead status: open → qualified"
    assert mail["Message-ID"] == f"<{delivery.id}@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_the_operator_s_templates_take_the_place_of_the_default():
    message = preview(
        subject="Call {{ lead.firstName }}", text="Score {{ lead.leadScore }}", html="<b>{{ lead.firstName }}</b>"
    )

    assert message == {"to": [BOSS], "subject": "Call Ada", "text": "Score 91", "html": "<b>Ada</b>"}


def test_a_text_of_the_operator_s_own_stays_plain():
    _, _, mail = mailed(text="Hello")

    assert mail.get_content_type() == "text/plain"


def test_recipients_can_come_from_the_lead():
    lead = a_lead(owner_email="owner@example.com")

    assert preview(a_delivery(change=a_change(lead=lead)), to=["{{ lead.owner_email }}", BOSS])["to"] == [
        "owner@example.com",
        BOSS,
    ]


@pytest.mark.parametrize(
    "value", [None, "", "nobody", "a@b@c", "a@b.example, evil@b.example", "a@b.example\r\nBcc: evil@b.example", "<a@b>"]
)
def test_a_recipient_that_is_no_address_does_not_lose_the_others(value):
    delivery = a_delivery(change=a_change(lead=a_lead(owner_email=value)))

    assert preview(delivery, to=["{{ lead.owner_email }}", BOSS])["to"] == [BOSS]


def test_without_any_recipient_there_is_no_mail():
    with pytest.raises(RenderingFailed, match="none of the recipients"):
        preview(to=["{{ lead.owner_email }}"])


def test_nobody_gets_a_mail_twice():
    assert preview(to=[BOSS, BOSS])["to"] == [BOSS]


def test_a_value_cannot_add_a_header():
    hostile = a_delivery(change=a_change(lead=a_lead(firstName="a@b\r\nBcc: evil@example.com")))

    _, envelope, mail = mailed(hostile, subject="About {{ lead.firstName }}")

    assert envelope.rcpt_tos == [BOSS]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "About a@b Bcc: evil@example.com"


@pytest.mark.parametrize("to", [[BOSS], ["{{ lead.firstName }}", BOSS]])
def test_a_value_that_spells_an_encoded_line_break_cannot_add_a_header(to):
    name = "=?utf-8?q?x=0D=0ABcc=3A_evil=40example.com?="

    _, envelope, mail = mailed(a_delivery(change=a_change(lead=a_lead(firstName=name))), to=to)

    assert (envelope.rcpt_tos, mail["Bcc"]) == ([BOSS], None)
    assert name in mail["Subject"]


def test_mails_about_one_lead_refer_to_one_thread():
    threads = [mailed(a_delivery(change=a_change(lead=a_lead(id=lead))))[2]["References"] for lead in "112"]

    assert threads[0] == threads[1] != threads[2]


def test_a_subject_that_comes_out_empty_is_the_usual_one():
    assert preview(subject="{{ lead.nothing }} ")["subject"].startswith("Lead updated: Ada Brown")


def test_a_value_cannot_become_html():
    hostile = "<img src=x onerror=alert(1)>"
    delivery = a_delivery(change=a_change(lead=a_lead(firstName=hostile, leadStatus=hostile)))

    for message in (preview(delivery), preview(delivery, html="<b>{{ lead.firstName }}</b>")):
        assert "<img" not in message["html"]
        assert "&lt;img src=x" in message["html"]


@pytest.mark.parametrize("name", ["Zoë 🙂", "x" * 5000, "a\x00b\x1b[2J\u202e", "=?utf-8?q?x?=", "\ud800"])
def test_any_name_can_be_mailed(name):
    outcome, _, _ = mailed(a_delivery(change=a_change(event=LeadEvent.CREATED, lead=a_lead(firstName=name))))

    assert isinstance(outcome, Delivered)


@pytest.mark.parametrize(
    "options",
    [
        {"to": []},
        {"to": ["nobody"]},
        {"to": ["Ada <ada@example.com>"]},
        {"to": ["a@b.example,c@d.example"]},
        {"to": "ada@example.com"},
        {"to": ["{{ nobody }}"]},
        {"to": [BOSS] * 51},
        {"subject": "{{ lead.id"},
        {"html": "{{ lead.id|safe }}"},
        {"colour": "red"},
    ],
)
def test_options_that_cannot_work_are_refused(options):
    with pytest.raises(ValidationError):
        a_sink(SINK, sink_tools(smtp=SERVER), **{"to": [BOSS], **options})


def test_a_mail_sink_needs_a_mail_server():
    with pytest.raises(ConfigurationError, match=r"'sales'.*smtp:"):
        a_sink(SINK, to=[BOSS])


def test_the_password_is_kept_to_itself():
    assert "canary" not in repr(a_sink(SINK, sink_tools(smtp=SERVER), to=[BOSS]))
