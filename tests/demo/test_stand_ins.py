"""The stand-ins take what is right, refuse what is wrong, and show it."""

from __future__ import annotations

import json
import re
import smtplib
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from standardwebhooks import Webhook

from hookrouter.demo.arrivals import Kind, pushed_at
from hookrouter.demo.theatre import Theatre

POST_MESSAGE = "slack/api/chat.postMessage"
BOT = "Bearer xoxb-1-a"
SECRET = "whsec_c2VjcmV0IG9mIHRoZSBkZW1v"


@pytest.fixture
def theatre() -> Iterator[Theatre]:
    with Theatre(secret=SECRET) as running:
        yield running


def answer(theatre: Theatre, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(theatre.url + path, data=body, headers=named)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as reply:
            return reply.status, reply.read().decode(), reply.headers
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode(), refusal.headers


def envelope(**changes: Any) -> dict[str, Any]:
    inside = {
        "lead": {"id": "7", "firstName": "Ada", "lastName": "Brown", "leadScore": "91"},
        "previous": {"leadScore": "40"},
        "changed": ["leadScore"],
        "route": "every-change",
        "push": f"p_{int(datetime.now(UTC).timestamp() * 1000):012x}abcdefabcdef",
    }
    return {"type": "lead.updated", "data": inside | changes}


def post_signed(theatre: Theatre, message: dict[str, Any], *, delivery: str = "d_1", secret: str = SECRET) -> int:
    body, now = json.dumps(message), datetime.now(UTC)
    signature = Webhook(secret).sign(delivery, now, body)
    headers = {
        "webhook_id": delivery,
        "webhook_timestamp": str(int(now.timestamp())),
        "webhook_signature": signature,
        "Content_Type": "application/json",
    }
    return answer(theatre, "api/leads", body.encode(), **headers)[0]


def test_slack_takes_blocks_and_answers_ok(theatre: Theatre) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Ada* is hot"}}]

    status, text, _ = answer(theatre, "slack/sales", json.dumps({"text": "Ada", "blocks": blocks}).encode())

    assert (status, text) == (200, "ok")
    [arrival] = theatre.arrivals.since(0)
    assert (arrival.kind, arrival.title, arrival.summary) == (Kind.SLACK, "Ada", "*Ada* is hot Ada")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"no json", "invalid_payload"),
        (b"[]", "invalid_payload"),
        (b'{"blocks": 1}', "invalid_payload"),
        (json.dumps({"blocks": [{}] * 51}).encode(), "invalid_payload"),
        (b'{"text": ""}', "no_text"),
        (b"[" * 100_000, "invalid_payload"),
    ],
    ids=["no json", "a list", "blocks are no list", "too many blocks", "nothing", "too deep"],
)
def test_slack_refuses_as_the_real_one_does(theatre: Theatre, body: bytes, reason: str) -> None:
    assert answer(theatre, "slack/sales", body)[:2] == (400, reason)
    assert theatre.arrivals.refused[Kind.SLACK] == 1


def test_slack_takes_what_a_bot_posts_and_says_where_it_is(theatre: Theatre) -> None:
    message = {"channel": "#deals", "text": "Ada"}

    status, text, _ = answer(theatre, POST_MESSAGE, json.dumps(message).encode(), Authorization=BOT)

    said = json.loads(text)
    assert (status, said["ok"], said["channel"]) == (200, True, "#deals")
    assert float(said["ts"]) > 0
    [arrival] = theatre.arrivals.since(0)
    assert (arrival.kind, arrival.title, arrival.body) == (Kind.SLACK, "Ada", message)


@pytest.mark.parametrize(
    ("authorization", "body", "error"),
    [
        ("", b"{}", "not_authed"),
        ("Bearer nonsense", b"{}", "invalid_auth"),
        (BOT, b"[]", "invalid_json"),
        (BOT, b'{"text": "Ada"}', "channel_not_found"),
        (BOT, b'{"channel": "#deals"}', "no_text"),
        (BOT, b'{"channel": "#deals", "blocks": 1}', "invalid_blocks"),
    ],
    ids=["no token", "odd token", "a list", "no channel", "nothing", "blocks are no list"],
)
def test_slack_refuses_a_bot_as_the_real_one_does(
    theatre: Theatre, authorization: str, body: bytes, error: str
) -> None:
    status, text, _ = answer(theatre, POST_MESSAGE, body, Authorization=authorization)

    assert (status, json.loads(text)) == (200, {"ok": False, "error": error})
    assert theatre.arrivals.refused[Kind.SLACK] == 1


def test_the_api_takes_a_signed_lead(theatre: Theatre) -> None:
    assert post_signed(theatre, envelope()) == 204

    [arrival] = theatre.arrivals.since(0)
    assert (arrival.lead, arrival.delivery) == ("7", "d_1")
    assert arrival.summary == "Ada Brown: leadScore 40 → 91"
    latency = theatre.arrivals.percentile(0.5)
    assert latency is not None
    assert 0 <= latency < 60


@pytest.mark.parametrize(
    ("lead", "changed", "said"),
    [
        ({"id": "7", "emailAddress": "ada@acme.example", "city": "York"}, ["city"], "ada@acme.example: city"),
        ({"id": "7", "city": "York"}, ["id", "city", "createTimestamp"], "lead 7: city"),
        ({"id": "7", "firstName": "Ada"}, [], "Ada"),
    ],
    ids=["without a name", "with its id alone", "with nothing changed"],
)
def test_a_summary_has_no_empty_place(theatre: Theatre, lead: dict[str, Any], changed: list[str], said: str) -> None:
    post_signed(theatre, envelope(lead=lead, changed=changed, previous={}))

    [arrival] = theatre.arrivals.since(0)
    assert arrival.summary == said


def test_the_api_refuses_a_wrong_or_unreadable_signature(theatre: Theatre) -> None:
    assert post_signed(theatre, envelope(), secret="whsec_b3RoZXIgc2VjcmV0") == 400
    assert answer(theatre, "api/leads", b"{}")[0] == 400
    now = str(int(datetime.now(UTC).timestamp()))
    odd = {"webhook_id": "d", "webhook_timestamp": now, "webhook_signature": "nonsense"}
    assert answer(theatre, "api/leads", b"{}", **odd)[0] == 400

    assert theatre.arrivals.refused[Kind.HTTP] == 3
    assert theatre.arrivals.since(0) == []


def test_a_repeated_delivery_is_counted_as_a_duplicate(theatre: Theatre) -> None:
    post_signed(theatre, envelope(), delivery="d_1")
    post_signed(theatre, envelope(), delivery="d_1")

    assert theatre.arrivals.received[Kind.HTTP] == 1
    assert theatre.arrivals.repeated[Kind.HTTP] == 1
    assert theatre.arrivals.every_change == 1


def test_a_hot_lead_is_due_everywhere_until_it_arrives(theatre: Theatre) -> None:
    post_signed(theatre, envelope(), delivery="d_1")
    assert theatre.arrivals.missing() == {Kind.SLACK: 1, Kind.MAIL: 1, Kind.HTTP: 1}

    post_signed(theatre, envelope(route="hot-lead"), delivery="d_2")
    answer(theatre, "slack/sales", b'{"text": "Ada"}')
    send_mail(theatre)

    assert theatre.arrivals.missing() == {Kind.SLACK: 0, Kind.MAIL: 0, Kind.HTTP: 0}


def test_a_lead_that_is_not_hot_is_due_at_the_api_alone(theatre: Theatre) -> None:
    post_signed(theatre, envelope(changed=["phoneNumber"]))

    assert theatre.arrivals.missing() == {Kind.SLACK: 0, Kind.MAIL: 0, Kind.HTTP: 0}


def send_mail(theatre: Theatre) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "crm@example.com", "manager@example.com", "Ada ist heiß"
    mail["Message-ID"] = "<d_1@example.com>"
    mail.set_content("Score 40 → 91")
    with smtplib.SMTP("127.0.0.1", theatre.mail_port, timeout=10) as connection:
        connection.send_message(mail)


def test_the_mail_server_keeps_subject_and_text(theatre: Theatre) -> None:
    send_mail(theatre)

    [arrival] = theatre.arrivals.since(0)
    assert (arrival.kind, arrival.title, arrival.summary) == (Kind.MAIL, "Ada ist heiß", "Score 40 → 91")
    assert arrival.body["to"] == "manager@example.com"


def test_no_more_than_the_last_200_of_a_kind_are_kept(theatre: Theatre) -> None:
    for number in range(205):
        answer(theatre, "slack/sales", json.dumps({"text": f"message {number}"}).encode())

    kept = [arrival.title for arrival in theatre.arrivals.since(0)]
    assert kept == [f"message {number}" for number in range(5, 205)]
    assert theatre.arrivals.received[Kind.SLACK] == 205


def test_the_page_leads_only_to_what_is_there(theatre: Theatre) -> None:
    links = re.findall(r"<a [^>]*>", answer(theatre, "")[1])

    assert links == ['<a href="state.json">']
    assert answer(theatre, "state.json")[0] == 200


def test_the_page_and_all_it_loads_come_from_itself(theatre: Theatre) -> None:
    for path, media in {
        "": "text/html",
        "page.js": "text/javascript",
        "page.css": "text/css",
        "icon.svg": "image/svg+xml",
    }.items():
        status, text, headers = answer(theatre, path)
        assert (status, headers.get_content_type()) == (200, media)
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert "innerHTML" not in text
        assert "https://" not in text


def test_the_state_brings_the_figures_and_what_came_after_a_number(theatre: Theatre) -> None:
    answer(theatre, "slack/sales", b'{"text": "first"}')
    answer(theatre, "slack/sales", b'{"text": "second"}')

    state = json.loads(answer(theatre, "state.json?after=1")[1])

    assert [arrival["title"] for arrival in state["arrivals"]] == ["second"]
    assert state["figures"]["slack"] == 2
    assert state["figures"]["p50"] is None
    assert len(json.loads(answer(theatre, "state.json?after=nonsense")[1])["arrivals"]) == 2


@pytest.mark.parametrize("push", [None, "", "p_zz", "p_", 7])
def test_a_push_id_that_says_no_time_has_none(push: object) -> None:
    assert pushed_at(push) is None
