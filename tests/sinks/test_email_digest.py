"""Many leads in one mail."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from marshmallow import ValidationError

from hookrouter.domain.outcome import Delivered
from hookrouter.domain.policy import MOST_IN_A_DIGEST, Digest
from hookrouter.net.smtp_server import MailTls, SmtpServer
from hookrouter.ports.sinks import DigestSink
from hookrouter.sinks.default_text import LONGEST_VALUE
from hookrouter.sinks.email import SINK
from hookrouter.testing.builders import a_change, a_delivery, a_lead, an_occasion
from hookrouter.testing.mail_server import Mailbox, mail_server
from hookrouter.testing.sinks import a_sink, sink_tools
from hookrouter.wire.config.message_schema import DigestSchema
from hookrouter.wire.messages.template import RenderingFailed

SENDER = "crm@example.com"
SERVER = SmtpServer(host="mail.example.com", port=587, sender=SENDER)
DIGEST = Digest(every=timedelta(hours=1), most=MOST_IN_A_DIGEST)
BOSS = "boss@example.com"
NASTY = {"emoji": "\N{GRINNING FACE}", "quotes": '"', "tags": "<&>", "controls": "\x00\u202e", "halves": "\ud800"}


def a_digest_sink(server=SERVER, **options):
    return a_sink(SINK, sink_tools(smtp=server, digest=DIGEST), **{"to": [BOSS], **options})


def a_lead_for(place, route="hot-lead", *, changed=("leadStatus",), previous=None, **fields):
    change = a_change(lead=a_lead(id=str(place), **fields), changed=changed, previous=previous)
    return a_delivery(change=change, occasion=an_occasion(place=place), route=route)


def mailed(deliveries):
    """The digest as a mail server got it."""

    async def mailing():
        box = Mailbox()
        async with mail_server(box):
            sink = a_digest_sink(SmtpServer(host="127.0.0.1", port=box.port, sender=SENDER, tls=MailTls.NONE))
            outcome = await sink.send(deliveries[0], sink.render_digest(deliveries))
        assert isinstance(outcome, Delivered)
        return box.mails[0].content

    return asyncio.run(mailing())


def test_an_e_mail_sink_can_word_several_leads_as_one_mail():
    assert isinstance(a_digest_sink(), DigestSink)


def test_a_digest_names_each_lead_under_its_route_with_what_changed_and_a_link():
    change = a_change(lead=a_lead(id="2", firstName="Ben"), changed=("state", *"abcdef"), previous={"state": "OR"})
    first, third = a_lead_for(1), a_lead_for(3, firstName="Cid", changed=(), previous={})
    second = a_delivery(change=change, occasion=an_occasion(place=2), route="new-form")

    message = a_digest_sink().render_digest([first, second, third]).preview()

    assert message["to"] == [BOSS]
    assert message["subject"] == "3 leads: 2 hot-lead, 1 new-form"
    assert message["text"] == (
        "3 leads: 2 hot-lead, 1 new-form\n\n"
        "hot-lead (2)\n\n"
        f"- Ada Brown (Acme): Lead updated ({first.id[:10]})\n"
        "  Lead status: open → qualified\n"
        "  https://crm.example/leads/1\n\n"
        f"- Cid Brown (Acme): Lead updated ({third.id[:10]})\n"
        "  https://crm.example/leads/3\n\n"
        "new-form (1)\n\n"
        f"- Ben Brown (Acme): Lead updated ({second.id[:10]})\n"
        "  State: OR → CA\n"
        "  a: (empty) → (empty)\n"
        "  b: (empty) → (empty)\n"
        "  c: (empty) → (empty)\n"
        "  d: (empty) → (empty)\n"
        "  and 2 more changed\n"
        "  https://crm.example/leads/2\n"
    )
    for part in ("<h3>new-form (1)</h3>", "<strong>Cid Brown (Acme)</strong>", "open → qualified", 'leads/2"'):
        assert part in message["html"]


def test_a_digest_of_one_lead_is_a_digest():
    assert a_digest_sink().render_digest([a_lead_for(1)]).preview()["subject"] == "1 lead: 1 hot-lead"


def test_a_value_cannot_become_html():
    hostile = "<img src=x onerror=alert(1)>"

    message = a_digest_sink().render_digest([a_lead_for(1, firstName=hostile, leadStatus=hostile)]).preview()

    assert "<img" not in message["html"]
    assert message["html"].count("&lt;img src=x") == 2


@pytest.mark.parametrize("letter", NASTY.values(), ids=NASTY)
def test_a_digest_of_huge_leads_stays_under_a_megabyte_and_says_what_it_leaves_out(letter):
    fields = dict.fromkeys(("firstName", "lastName", "companyName", *"abcdefgh"), letter * (2 * LONGEST_VALUE))
    leads = [
        a_lead_for(place, f"route-{place}-{'x' * 50}", changed=tuple(fields), previous=fields, **fields)
        for place in range(MOST_IN_A_DIGEST)
    ]

    raw = mailed(leads)

    assert len(raw) < 1_000_000
    text = message_from_bytes(raw, policy=default).get_body(("plain",)).get_content()
    lines = text.splitlines()
    for lead in leads:
        assert text.count(lead.id[:10]) == 1
        assert f"  https://crm.example/leads/{lead.lead['id']}" in lines
    if letter != NASTY["controls"]:
        assert "This mail would be too long: what changed is left out for " in text


def test_a_digest_has_a_name_of_its_own_that_its_leads_give_it():
    leads = [a_lead_for(place) for place in range(3)]
    sink = a_digest_sink()

    names = {sink.render_digest(some).id for some in (leads, leads[::-1])}

    assert len(names) == 1
    assert names.isdisjoint({lead.id for lead in leads})
    assert names.isdisjoint({sink.render_digest(leads[:2]).id})


def test_the_name_of_a_digest_is_its_message_id():
    leads = [a_lead_for(place) for place in range(2)]

    mail = message_from_bytes(mailed(leads), policy=default)

    assert mail["Message-ID"] == f"<{a_digest_sink().render_digest(leads).id}@example.com>"


def test_only_leads_with_the_same_recipients_share_a_mail():
    sink = a_digest_sink(to=["{{ lead.owner_email }}", BOSS])
    keys = [sink.digest_key(a_lead_for(place, owner_email=owner)) for place, owner in enumerate("abca")]
    owned = [
        sink.digest_key(a_lead_for(place, owner_email=owner))
        for place, owner in enumerate(["ada@x.example", "ben@x.example", "ada@x.example", BOSS])
    ]

    assert len(set(keys)) == 1  # no owner's address: all to the boss alone
    assert owned[0] == owned[2] != owned[1]
    assert owned[3] == keys[0]
    assert not any("@" in key or "example" in key for key in owned)


def test_a_lead_without_any_recipient_has_no_key():
    with pytest.raises(RenderingFailed, match="none of the recipients"):
        a_digest_sink(to=["{{ lead.owner_email }}"]).digest_key(a_lead_for(1))


def test_a_digest_says_how_often_and_how_many():
    assert DigestSchema().load({"every": "15m", "max": "20"}) == {"every": timedelta(minutes=15), "max": 20}
    assert DigestSchema().load({"every": "7d"}) == {"every": timedelta(days=7), "max": 50}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max": 5},
        {"every": "900ms"},
        {"every": "8d"},
        {"every": 15},
        {"every": "15m", "max": 0},
        {"every": "15m", "max": 501},
        {"every": "15m", "most": 5},
    ],
)
def test_a_digest_that_cannot_be_is_refused(options):
    with pytest.raises(ValidationError):
        DigestSchema().load(options)


def test_a_summary_names_as_many_as_a_digest_may_have_and_counts_the_others():
    leads = [a_lead_for(place, f"route-{place % 2}", firstName=f"N{place}") for place in range(5000)]
    sink = a_sink(SINK, sink_tools(smtp=SERVER), to=[BOSS])

    message = sink.render_digest(leads).preview()

    assert message["subject"] == "5,000 more leads at once: 2,500 route-0, 2,500 route-1"
    assert message["text"].count("Brown (Acme)") == MOST_IN_A_DIGEST
    assert message["text"].count("… and 2,250 more: https://crm.example/leads") == 2
    assert message["html"].count('<a href="https://crm.example/leads">open the leads in the CRM</a>') == 2


def test_what_was_missed_says_when_it_was_received():
    leads = [a_lead_for(1), replace(a_lead_for(2, firstName="Ben"), late="timeout")]

    text = a_digest_sink().render_digest(leads).preview()["text"]

    assert "hot-lead, missed while the mail server could not be reached, Wed 4 Mar 15:20 UTC (1)\n" in text
    assert "- Ben Brown (Acme): Lead updated, Wed 4 Mar 15:20 UTC (" in text
