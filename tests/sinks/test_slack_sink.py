import asyncio

import orjson
import pytest
from marshmallow import ValidationError
from slack_support import TOKEN, URL, content

from hookrouter.domain.outcome import Delivered
from hookrouter.sinks.slack import SINK
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.testing.far_side import FarSide, answers
from hookrouter.testing.sinks import a_sink, deliver
from hookrouter.wire.messages.template import RenderingFailed

BOT = {"token": TOKEN, "channel": "#deals"}
WEBHOOK = {"webhook_url": URL}
POSTED = '{"ok":true,"channel":"C024BE91L","ts":"1503435956.000247","message":{}}'


def posted(text, **options):
    async def posting():
        async with FarSide(answers(200, text)) as far:
            given = {name: value.format(far.url) for name, value in options.items()}
            return await deliver(SINK, a_delivery(), **given), far.received[0]

    return asyncio.run(posting())


def test_a_message_is_posted_to_a_webhook_as_json():
    outcome, request = posted("ok", webhook_url="{}/services/x")

    assert isinstance(outcome, Delivered)
    assert (request.method, request.path) == ("POST", "/services/x")
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert "authorization" not in request.headers
    assert orjson.loads(request.body) == content()


@pytest.mark.parametrize("url", ["{}", "{}/", "{}/api", "{}/api/"])
def test_a_bot_posts_to_its_channel(url):
    outcome, request = posted(POSTED, **BOT, url=url)

    assert isinstance(outcome, Delivered)
    assert (request.method, request.path) == ("POST", url.rstrip("/").removeprefix("{}") + "/chat.postMessage")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert orjson.loads(request.body) == {"channel": "#deals", **content()}


def test_unless_told_otherwise_a_bot_posts_to_slack():
    assert a_sink(SINK, **BOT).address == "https://slack.com/api/chat.postMessage"


@pytest.mark.parametrize("channel", ["#deals", "#geschäfte-west", "C024BE91L", "G012AC86C", "D0G9QPY56", "U02ADA"])
def test_a_channel_is_a_name_or_an_id(channel):
    assert content(token=TOKEN, channel=channel)["channel"] == channel


def test_a_channel_may_be_found_in_the_lead():
    delivery = a_delivery(change=a_change(lead=a_lead(region=" #sales-west ")))

    assert content(delivery, token=TOKEN, channel="{{ lead.region }}")["channel"] == "#sales-west"


@pytest.mark.parametrize("region", ["", "sales canary", "@ada-canary", "#canary<!channel>", "# canary", None])
def test_a_lead_that_names_no_channel_is_not_posted_anywhere(region):
    delivery = a_delivery(change=a_change(lead=a_lead(region=region)))

    with pytest.raises(RenderingFailed) as raised:
        content(delivery, token=TOKEN, channel="{{ lead.region }}")

    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8099/slack", "http://localhost/slack", "http://[::1]:1/slack"])
def test_a_stand_in_on_this_machine_needs_no_tls(url):
    assert a_sink(SINK, webhook_url=url)
    assert a_sink(SINK, **BOT, url=url)


BLOCK = {"type": "divider"}


@pytest.mark.parametrize(
    ("options", "field", "text"),
    [
        ({}, "_schema", "give `webhook_url`, or `token` and `channel`"),
        ({**WEBHOOK, "token": TOKEN}, "_schema", "not both"),
        ({**WEBHOOK, "channel": "#deals"}, "channel", "goes with `token`"),
        ({**WEBHOOK, "url": "https://slack.com/api/"}, "url", "goes with `token`"),
        ({"token": TOKEN}, "_schema", "`channel` is missing"),
        ({"channel": "#deals"}, "_schema", "give `webhook_url`, or `token` and `channel`"),
        ({**BOT, "token": "xoxb-"}, "token", "begins with xoxb-"),
        ({**BOT, "token": "xapp-1-A0"}, "token", "begins with xoxb-"),
        ({**BOT, "token": "xoxb-1\r\nX: y"}, "token", "begins with xoxb-"),
        ({**BOT, "channel": "deals"}, "channel", "such as #deals"),
        ({**BOT, "channel": "@ada"}, "channel", "such as #deals"),
        ({**BOT, "channel": ""}, "channel", "such as #deals"),
        ({**BOT, "channel": "{{ nobody }}"}, "channel", "speaks of `nobody`"),
        ({**BOT, "url": "http://slack.com/api/"}, "url", "https://"),
        ({**BOT, "url": "https://slack.com/api?x=y"}, "url", "https://"),
        ({**BOT, "url": "http://127.0.0.1@evil.example/"}, "url", "https://"),
        ({"webhook_url": "http://hooks.slack.com/services/x"}, "webhook_url", "https://"),
        ({"webhook_url": "https://hooks.slack.com"}, "webhook_url", "https://"),
        ({"webhook_url": "https://user:pass@hooks.slack.com/x"}, "webhook_url", "https://"),
        ({"webhook_url": "http://127.0.0.1.evil.example/x"}, "webhook_url", "https://"),
        ({"webhook_url": "hooks.slack.com/services/x"}, "webhook_url", "https://"),
        ({"webhook_url": ""}, "webhook_url", "https://"),
        ({**WEBHOOK, "text": "{{ nobody }}"}, "text", "speaks of `nobody`"),
        ({**WEBHOOK, "colour": "red"}, "colour", "Unknown"),
        ({**WEBHOOK, "blocks": []}, "blocks", "1 to 50 blocks"),
        ({**WEBHOOK, "blocks": [BLOCK] * 51}, "blocks", "1 to 50 blocks"),
        ({**WEBHOOK, "blocks": BLOCK}, "blocks", "1 to 50 blocks"),
        ({**WEBHOOK, "blocks": "{{ lead }}"}, "blocks", "1 to 50 blocks"),
        ({**WEBHOOK, "blocks": [BLOCK, "divider"]}, "blocks", "a block is a map"),
        ({**WEBHOOK, "blocks": [{"text": "x"}]}, "blocks", "says its `type`"),
        ({**WEBHOOK, "blocks": [{"type": "{{ lead.kind }}"}]}, "blocks", "no template can choose it"),
        ({**WEBHOOK, "blocks": [{"type": "markdown", "text": "x"}]}, "blocks", "use `section`"),
        ({**WEBHOOK, "blocks": [{"type": "section", "fields": [BLOCK] * 11}]}, "blocks", "10 fields at most"),
        ({**WEBHOOK, "blocks": [{"type": "context", "elements": [BLOCK] * 11}]}, "blocks", "10 elements at most"),
        ({**WEBHOOK, "blocks": [{"type": "image", "image_url": "{{ nobody }}"}]}, "blocks", "0.image_url: "),
    ],
)  # fmt: skip
def test_options_that_cannot_work_are_refused(options, field, text):
    with pytest.raises(ValidationError) as raised:
        a_sink(SINK, **options)

    assert list(raised.value.messages) == [field]
    assert text in str(raised.value.messages)


@pytest.mark.parametrize("options", [WEBHOOK, BOT], ids=["webhook", "bot"])
def test_what_opens_the_door_is_kept_to_itself(options):
    sink = a_sink(SINK, **options)
    message = sink.render(a_delivery())

    assert "canary" not in repr(sink) + str(sink) + repr(message) + repr(message.preview())


@pytest.mark.parametrize("token", ["xoxb-canary!", " xoxb-1-canary", "canary"])
def test_a_token_that_is_none_is_not_repeated(token):
    with pytest.raises(ValidationError) as raised:
        a_sink(SINK, **{**BOT, "token": token})

    assert "canary" not in str(raised.value)
