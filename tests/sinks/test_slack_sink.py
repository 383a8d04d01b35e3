import asyncio
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.outcome import Dead, Delivered, Reason, Retry
from hookrouter.sinks.slack import SINK
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.testing.far_side import FarSide, answers
from hookrouter.testing.sinks import a_sink, deliver

URL = "https://hooks.slack.com/services/T0/B0/canary"


def content(delivery=None, **options):
    return a_sink(SINK, webhook_url=URL, **options).render(delivery or a_delivery()).preview()


def texts(node):
    """Every text of a message."""
    if isinstance(node, dict):
        return [text for part in node.values() for text in texts(part)]
    if isinstance(node, list):
        return [text for part in node for text in texts(part)]
    return [node] if isinstance(node, str) else []


def posted(status=200, text="ok", headers=None):
    async def posting():
        async with FarSide(answers(status, text, headers)) as far:
            outcome = await deliver(SINK, a_delivery(), webhook_url=far.url + "/services/x")
            return outcome, far.received[0]

    return asyncio.run(posting())


def test_the_default_message_names_the_lead_the_change_the_route_and_the_link():
    delivery = a_delivery()

    assert content(delivery) == {
        "text": "Lead updated: Ada Brown (Acme), leadStatus: open → qualified",
        "blocks": [
            {
                "type": "header",
                "text": {"type": "plain_text", "text": "Lead updated: Ada Brown (Acme)", "emoji": False},
            },
            {
                "type": "section",
                "fields": [{"type": "mrkdwn", "text": "*leadStatus*\nopen → qualified", "verbatim": True}],
            },
            {
                "type": "context",
                "elements": [
                    {
                        "type": "mrkdwn",
                        "text": "<https://crm.example/leads/718281920514|Open in the CRM> · "
                        f"route hot-lead · {delivery.id[:10]}",
                        "verbatim": True,
                    }
                ],
            },
        ],
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_a_history_gets_a_block():
    events = ({"createTimestamp": "2026-03-04 15:18:00", "eventName": "Lead submitted <a form>."},)

    blocks = content(a_delivery(timeline=events))["blocks"]

    assert blocks[2]["text"]["text"] == "• 2026-03-04 15:18:00 Lead submitted &lt;a form&gt;."


def test_the_operator_s_text_takes_the_place_of_the_default():
    message = content(text="*{{ lead.firstName }}* <{{ link }}|here>")

    assert message["text"] == "*Ada* <https://crm.example/leads/718281920514|here>"
    assert [block["type"] for block in message["blocks"]] == ["section", "context"]


def test_a_text_that_comes_out_empty_gives_way_to_the_default():
    assert content(text="{{ lead.nothing }}")["text"].startswith("Lead updated")


@pytest.mark.parametrize("hostile", ["<!channel>", "<@U1>", "<http://evil|Bank>", "a & b", "<!here> &lt;!channel&gt;"])
@pytest.mark.parametrize("text", [None, "Hello {{ lead.firstName }} {{ lead.firstName|upper }}"])
def test_a_lead_cannot_ping_or_link(hostile, text):
    lead = a_lead(firstName=hostile, leadStatus=hostile, companyName=hostile)
    options = {} if text is None else {"text": text}

    message = content(a_delivery(change=a_change(lead=lead), timeline=({"eventName": hostile},)), **options)

    for part in texts(message):
        without_link = part.replace("<https://crm.example/leads/718281920514|Open in the CRM>", "")
        assert not set("<>") & set(without_link)
        assert "&" not in without_link.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "")


@given(
    name=st.text(alphabet="<>&;ab🙂", max_size=400),
    value=st.text(alphabet="<>&;a", max_size=5000),
    fields=st.integers(0, 30),
)
def test_a_message_keeps_slack_s_limits(name, value, fields):
    values = {f"f{number}": value for number in range(fields)}
    lead = a_lead(firstName=name, lastName=name, **values)
    change = a_change(lead=lead, changed=tuple(values), previous=values)

    message = content(a_delivery(change=change, timeline=({"eventName": value},) * 30))

    header, *rest = message["blocks"]
    assert len(message["blocks"]) <= 50
    assert len(header["text"]["text"]) <= 150
    assert all(len(text) <= 3000 for text in texts(message))
    for block in rest:
        assert len(block.get("fields", ())) <= 10
        assert all(len(one["text"]) <= 2000 for one in block.get("fields", ()))
    for text in texts(message):
        assert "&" not in text.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "")


@pytest.mark.parametrize("before", range(5))
def test_a_long_name_is_not_cut_within_an_escaped_character(before):
    lead = a_lead(firstName="x" * before + "<" * 100)

    header = content(a_delivery(change=a_change(lead=lead)))["blocks"][0]["text"]["text"]

    assert header.endswith("&lt;…")
    assert len(header) <= 150


def test_what_does_not_fit_is_counted():
    fields = {f"f{number}": number for number in range(12)}
    change = a_change(event=LeadEvent.CREATED, lead=a_lead(**fields), changed=tuple(fields), previous={})

    blocks = content(a_delivery(change=change))["blocks"]

    assert len(blocks[1]["fields"]) == 10
    assert "and 2 more changed" in blocks[2]["elements"][0]["text"]


def test_a_message_is_posted_as_json():
    outcome, request = posted()

    assert isinstance(outcome, Delivered)
    assert (request.method, request.path) == ("POST", "/services/x")
    assert request.headers["content-type"] == "application/json"
    assert orjson.loads(request.body) == content()


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (400, "invalid_payload", Reason.REFUSED),
        (403, "action_prohibited", Reason.REFUSED),
        (404, "no_service", Reason.REFUSED),
        (410, "channel_is_archived", Reason.GONE),
        (200, "no_text", Reason.REFUSED),
    ],
)
def test_what_slack_refuses_is_final(status, text, reason):
    outcome, _ = posted(status, text)

    assert isinstance(outcome, Dead)
    assert (outcome.reason, outcome.answer.text) == (reason, text)


def test_slack_s_wish_to_wait_is_heard():
    outcome, _ = posted(429, "rate_limited", {"Retry-After": "30"})

    assert (type(outcome), outcome.after) == (Retry, timedelta(seconds=30))


def test_slack_s_own_trouble_passes():
    outcome, _ = posted(500, "rollup_error")

    assert isinstance(outcome, Retry)


@pytest.mark.parametrize(
    "options",
    [
        {"webhook_url": "http://hooks.slack.com/services/x"},
        {"webhook_url": "https://hooks.slack.com"},
        {"webhook_url": "https://user:pass@hooks.slack.com/x"},
        {"webhook_url": "http://127.0.0.1.evil.example/x"},
        {"webhook_url": "hooks.slack.com/services/x"},
        {"webhook_url": ""},
        {"text": "{{ nobody }}"},
        {"colour": "red"},
    ],
)
def test_options_that_cannot_work_are_refused(options):
    with pytest.raises(ValidationError):
        a_sink(SINK, **{"webhook_url": URL, **options})


@pytest.mark.parametrize("url", ["http://127.0.0.1:8099/slack", "http://localhost/slack", "http://[::1]:1/slack"])
def test_a_stand_in_on_this_machine_needs_no_tls(url):
    assert a_sink(SINK, webhook_url=url)


def test_the_url_is_kept_to_itself():
    sink = a_sink(SINK, webhook_url=URL)
    message = sink.render(a_delivery())

    assert "canary" not in repr(sink) + repr(message) + repr(message.preview())
