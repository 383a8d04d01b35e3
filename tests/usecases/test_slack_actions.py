"""The address for Slack's buttons, to which the whole internet may post."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from claim_support import ADA, SECRET, Floor, a_floor, pressed
from flask import Flask
from flask.testing import FlaskClient
from runtimes import runtime_at

from hookrouter.domain.claim_events import ActionRefused
from hookrouter.domain.errors import StoreAway
from hookrouter.ports.stages import Stage
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.web.app import create_app
from hookrouter.web.slack_actions import LARGEST_BODY, make_slack_actions
from hookrouter.wire.slack.signature import sign


class Bell:
    def __init__(self) -> None:
        self.rung: list[Stage] = []

    def ring(self, stage: Stage) -> None:
        self.rung.append(stage)


@pytest.fixture
async def floor(server: RedisServer, async_server: AsyncRedisServer, keys: Keys) -> AsyncIterator[Floor]:
    async with a_floor(server, async_server, keys, has_crm=False) as floor:
        await floor.tell()
        yield floor


def door(floor: Floor, **changed: Any) -> FlaskClient:
    clicks = SimpleNamespace(**{"admit": floor.take.admit, "take": floor.take.take, **changed})
    app = Flask("door")
    app.register_blueprint(make_slack_actions(SimpleNamespace(wake=Bell(), observer=floor.reports), clicks))  # type: ignore[arg-type]
    return app.test_client()


def signed(floor: Floor, body: bytes, secret: str = SECRET, ahead: int = 0) -> dict[str, str]:
    moment = str(int(floor.clock.now().timestamp()) + ahead)
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": sign(secret, moment, body)}


async def test_slack_s_own_request_is_kept_and_answered(floor: Floor) -> None:
    body = pressed(ADA, floor.slack.first[0], floor.value)
    answer = door(floor).post("/slack/actions", data=body, headers=signed(floor, body))

    assert (answer.status_code, answer.data) == (200, b"")
    assert await floor.waiting() == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ({"X-Slack-Request-Timestamp": "9" * 400, "X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ({"X-Slack-Request-Timestamp": "١٢٣", "X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ({"X-Slack-Signature": "v0="}, 401),
        ({"X-Slack-Signature": "v1=" + "0" * 64}, 401),
        ({"X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ({"X-Slack-Signature": "v0=" + "é" * 64}, 401),
    ],
    ids=["none", "no moment", "a long moment", "other digits", "empty", "another version", "wrong", "no ASCII"],
)
async def test_what_slack_did_not_sign_is_refused(floor: Floor, headers: dict[str, str], status: int) -> None:
    body = pressed(ADA, floor.slack.first[0], floor.value)
    whole = {**signed(floor, body), **headers} if headers else {}
    latin = {name: value.encode().decode("latin-1") for name, value in whole.items()}
    answer = door(floor).post("/slack/actions", data=body, headers=latin)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert await floor.waiting() == 0
    assert [event.status for event in floor.reports.of(ActionRefused)] == [status]


@pytest.mark.parametrize(("secret", "ahead"), [("another-secret-of-somebody", 0), (SECRET, -310), (SECRET, 310)])
async def test_another_s_signature_and_an_old_one_are_refused(floor: Floor, secret: str, ahead: int) -> None:
    body = pressed(ADA, floor.slack.first[0], floor.value)

    assert door(floor).post("/slack/actions", data=body, headers=signed(floor, body, secret, ahead)).status_code == 401
    assert await floor.waiting() == 0


async def test_a_changed_body_is_refused(floor: Floor) -> None:
    body = pressed(ADA, floor.slack.first[0], floor.value)
    headers = signed(floor, body)

    assert (
        door(floor).post("/slack/actions", data=body.replace(b"U02ADA", b"U02BEN"), headers=headers).status_code == 401
    )


async def test_a_large_body_is_refused_unread(floor: Floor) -> None:
    body = b"payload=" + b"x" * LARGEST_BODY

    assert door(floor).post("/slack/actions", data=body, headers=signed(floor, body)).status_code == 413


async def test_what_is_signed_and_no_click_is_answered_and_forgotten(floor: Floor) -> None:
    for body in (b"", b"ssl_check=1&token=x", b"payload=%7B", b"\xff\xfe", b"payload=" + b"[" * 5000, b"a=1&" * 100):
        assert door(floor).post("/slack/actions", data=body, headers=signed(floor, body)).status_code == 200

    assert await floor.waiting() == 0


async def test_a_click_that_cannot_be_kept_is_not_said_to_be(floor: Floor) -> None:
    def away(*_: object) -> bool:
        raise StoreAway("no")

    body = pressed(ADA, floor.slack.first[0], floor.value)
    answer = door(floor, take=away).post("/slack/actions", data=body, headers=signed(floor, body))

    assert answer.status_code == 503


async def test_the_secret_stands_in_no_representation(floor: Floor) -> None:
    assert SECRET not in repr(floor.take)


def test_without_a_button_there_is_no_such_address(tmp_path: Path) -> None:
    app = create_app(
        runtime_at(
            tmp_path,
            "redis://127.0.0.1:1",
            "version: 1\nreceiver: {sources: {crm: {token: of-this-test-alone-0123}}}\n"
            "slack: {signing_secret: 8f742231b10e8888abcd99yyyzzz85a5}\n"
            "sinks: {log: {type: stdout}}\nroutes: [{name: all, to: [log]}]\n",
        )
    ).test_client()

    assert app.post("/slack/actions", data=b"x").status_code == 404
