"""Every answer that Slack, or what stands in front of it, was seen to give."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.outcome import Answer, Dead, Delivered, Reason, Retry
from hookrouter.net.answers import KEPT
from hookrouter.sinks.slack import SINK
from hookrouter.sinks.slack_answers import GONE, PASSING, REFUSED, THROTTLING, SlackJudge
from hookrouter.testing.builders import a_delivery
from hookrouter.testing.far_side import FarSide, answers, hangs, resets
from hookrouter.testing.sinks import deliver

TOKEN = "xoxb-1-canary"
POSTED = {"ok": True, "channel": "C024BE91L", "ts": "1503435956.000247"}
KEPT_OF_POSTED = '{"ok":true,"channel":"C024BE91L","ts":"1503435956.000247"}'
PAGE = "<!DOCTYPE html><html><title>Sign in</title></html>"


def outcome_of(answering, **options):
    async def posting():
        async with FarSide(answering) as far:
            way = options or {"token": TOKEN, "channel": "#deals", "url": far.url}
            return await deliver(SINK, a_delivery(), **{name: text.format(far.url) for name, text in way.items()})

    return asyncio.run(posting())


def by_bot(status=200, text="", headers=None):
    return outcome_of(answers(status, text, headers))


def by_webhook(status=200, text="ok", headers=None):
    return outcome_of(answers(status, text, headers), webhook_url="{}/services/T0/B0/x")


def refusal(word, **more):
    return orjson.dumps({"ok": False, "error": word, **more}).decode()


def test_what_a_bot_posted_is_delivered_and_the_answer_keeps_where_alone():
    text = orjson.dumps({**POSTED, "message": {"text": "Ada Brown"}, "warning": "missing_charset"}).decode()

    assert by_bot(200, text) == Delivered(answer=Answer(status=200, text=KEPT_OF_POSTED))


@pytest.mark.parametrize("word", sorted(REFUSED | GONE))
def test_a_refusal_in_slack_s_words_is_final(word):
    text = refusal(word, response_metadata={"messages": ["[ERROR] at /blocks/0"]})

    outcome = SlackJudge(secret=TOKEN).api(Answer(status=200, text=text), after=None, aborted=False)

    reason = Reason.GONE if word in GONE else Reason.REFUSED
    assert outcome == Dead(reason=reason, answer=Answer(status=200, text=text))


@pytest.mark.parametrize("word", sorted(PASSING))
def test_slack_s_own_trouble_passes(word):
    assert by_bot(200, refusal(word)) == Retry(
        reason=Reason.SERVER_ERROR, answer=Answer(status=200, text=refusal(word))
    )


@pytest.mark.parametrize("word", sorted(THROTTLING))
def test_a_wish_to_wait_is_heard_also_with_a_status_of_success(word):
    outcome = by_bot(200, refusal(word), {"Retry-After": "30"})

    assert (type(outcome), outcome.reason, outcome.after) == (Retry, Reason.THROTTLED, timedelta(seconds=30))


@pytest.mark.parametrize("word", ["", "a_word_of_next_year", "Ωmega"])
def test_a_word_that_nobody_knows_is_tried_again(word):
    outcome = by_bot(200, refusal(word))

    assert (type(outcome), outcome.reason) == (Retry, Reason.SERVER_ERROR)


def test_no_word_is_judged_twice():
    kinds = [THROTTLING, PASSING, GONE, REFUSED]

    assert sum(map(len, kinds)) == len(frozenset().union(*kinds))


@pytest.mark.parametrize("post", [by_bot, by_webhook], ids=["bot", "webhook"])
@pytest.mark.parametrize(("wait", "after"), [("30", timedelta(seconds=30)), ("soon", None), ("", None)])
def test_too_many_messages_wait_as_long_as_slack_asks(post, wait, after):
    outcome = post(429, refusal("ratelimited"), {"Retry-After": wait})

    assert (type(outcome), outcome.reason, outcome.after) == (Retry, Reason.THROTTLED, after)


@pytest.mark.parametrize("post", [by_bot, by_webhook], ids=["bot", "webhook"])
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_in_trouble_is_tried_again(post, status):
    assert post(status, refusal("service_unavailable")).reason is Reason.SERVER_ERROR


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        "",
        "ok",
        "null",
        "[]",
        "true",
        "{}",
        '{"ok": "true"}',
        '{"ok": 1}',
        '{"ok": tr',
        '{"warning": "x", "ok": true',
        "[" * 5000,
        "\x00\x1f" * 600,
    ],
    ids=[
        "page", "empty", "webhook's", "null", "list", "truth", "nothing in it", "ok as a text", "ok as a number",
        "broken off in ok", "broken off, ok later", "too deep", "no text",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_slack_s_is_no_success(text):
    outcome = by_bot(200, text)

    assert (type(outcome), outcome.reason, outcome.answer.status) == (Retry, Reason.SERVER_ERROR, 200)
    assert outcome.answer.text.startswith("this is no answer of Slack's")
    assert len(outcome.answer.text.encode()) <= KEPT


@pytest.mark.parametrize("message", ["x" * 2000, "x" * 200_000], ids=["long", "longer than what is read"])
def test_a_long_answer_is_understood(message):
    text = orjson.dumps({**POSTED, "message": {"text": message}}).decode()

    assert by_bot(200, text) == Delivered(answer=Answer(status=200, text=KEPT_OF_POSTED))


def test_what_was_posted_is_not_posted_again_because_the_answer_broke_off():
    async def breaks_off(request):
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        await response.prepare(request)
        await response.write(b'{"ok":true,"channel":"C024BE91L","ts":"1503435956.000247","mess')
        request.transport.abort()
        return response

    assert outcome_of(breaks_off) == Delivered(answer=Answer(status=200, text=KEPT_OF_POSTED))


def test_a_refusal_that_broke_off_is_judged_by_its_word():
    outcome = by_bot(200, '{"ok":false,"error":"invalid_blocks","errors":["fai')

    assert (type(outcome), outcome.reason) == (Dead, Reason.REFUSED)


@pytest.mark.parametrize("answering", [resets, hangs], ids=["cut", "silent"])
def test_no_answer_is_tried_again(answering):
    async def posting():
        async with FarSide(answering) as far:
            way = {"token": TOKEN, "channel": "#deals", "url": far.url}
            return await deliver(SINK, a_delivery(), timeout=timedelta(milliseconds=200), **way)

    assert isinstance(asyncio.run(posting()), Retry)


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (400, "invalid_payload", Reason.REFUSED),
        (403, "action_prohibited", Reason.REFUSED),
        (404, "no_service", Reason.REFUSED),
        (410, "channel_is_archived", Reason.GONE),
        (200, "no_text", Reason.REFUSED),
        (200, refusal("invalid_blocks"), Reason.REFUSED),
        (302, "", Reason.REDIRECTED),
    ],
)
def test_what_a_webhook_refuses_is_final(status, text, reason):
    outcome = by_webhook(status, text)

    assert isinstance(outcome, Dead)
    assert (outcome.reason, outcome.answer.text) == (reason, text)


@pytest.mark.parametrize(("status", "text"), [(500, "rollup_error"), (200, PAGE), (200, "service_unavailable")])
def test_what_a_webhook_or_a_proxy_before_it_cannot_do_now_is_tried_again(status, text):
    outcome = by_webhook(status, text)

    assert (type(outcome), outcome.reason) == (Retry, Reason.SERVER_ERROR)


@pytest.mark.parametrize("text", ["ok", "", '{"success":true}', '{"ok":true}'])
def test_a_webhook_s_status_of_success_is_one(text):
    assert by_webhook(200, text) == Delivered(answer=Answer(status=200, text=text))


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("place", [0, 900, 1017])
def test_a_secret_that_the_far_side_repeats_is_not_kept(status, place):
    echo = "x" * place + " {} " + "x" * 2000

    assert "canary" not in repr(by_bot(status, echo.format(f"Bearer {TOKEN}")))
    assert "/T0/B0" not in repr(by_webhook(status, echo.format("POST /services/T0/B0/x")))


@given(text=st.text(max_size=3000), status=st.integers(200, 599))
def test_whatever_is_answered_is_an_outcome_of_a_kilobyte(text, status):
    judge = SlackJudge(secret=TOKEN)

    for outcome in (
        judge.api(Answer(status=status, text=text), after=None, aborted=False),
        judge.webhook(Answer(status=status, text=text), after=None, aborted=False),
    ):
        assert isinstance(outcome, Delivered | Retry | Dead)
        assert len(outcome.answer.text.encode()) <= KEPT


def test_the_words_that_are_tried_again_are_documented():
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")

    said = page.split("these words are tried again: ")[1].split(";")[0]

    assert set(re.findall(r"`(\w+)`", said)) == THROTTLING | PASSING
