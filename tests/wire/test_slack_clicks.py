"""What Slack tells of buttons, which anybody may try to tell in its place, and how a click is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookrouter.domain.claim import Claim, Claimant, ClaimWork, Click, Duty
from hookrouter.domain.ids import LeadKey, SinkName, SourceName
from hookrouter.testing.builders import RECEIVED_AT
from hookrouter.wire.kept.claims import read_claim, read_work, write_claim, write_work
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.slack.button import ButtonValue, read_button, write_button
from hookrouter.wire.slack.click import Pressed, read_click
from hookrouter.wire.slack.signature import is_signed, may_be_signed, sign

VALUE = ButtonValue(sink=SinkName("sales"), source=SourceName("crm"), lead=LeadKey("718281920514"), place="#deals")
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Zoë* 🚀"}}]
PAYLOAD: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U02ADA"},
    "channel": {"id": "C1X", "name": "deals"},
    "container": {"channel_id": "C1X", "message_ts": "1503435956.000247"},
    "message": {"ts": "1503435956.000247", "text": "Lead updated: Zoë", "blocks": BLOCKS},
    "actions": [{"action_id": "hookrouter_claim", "value": write_button(VALUE)}],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*PAYLOAD, "id", "ts"]), inner),
    max_leaves=12,
)


def body_of(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def test_slacks_own_example_of_a_signature() -> None:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"

    assert sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == signature
    assert is_signed(["another", "8f742231b10e8888abcd99yyyzzz85a5"], "1531420618", signature, body)
    assert not is_signed(["another"], "1531420618", signature, body)
    assert not is_signed(["8f742231b10e8888abcd99yyyzzz85a5"], "1531420619", signature, body)


@pytest.mark.parametrize(("seconds", "may_be"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)])
def test_a_request_is_good_for_five_minutes(seconds: int, may_be: bool) -> None:
    moment = str(int(RECEIVED_AT.timestamp()))

    assert may_be_signed(moment, "v0=" + "a" * 64, RECEIVED_AT + timedelta(seconds=seconds)) is may_be


def test_a_click_is_read() -> None:
    assert read_click(body_of(PAYLOAD)) == Pressed(
        user="U02ADA",
        button=VALUE,
        channel="C1X",
        ts="1503435956.000247",
        thread_ts="",
        text="Lead updated: Zoë",
        blocks=(BLOCKS[0],),
    )


def test_a_click_in_a_thread_knows_the_thread() -> None:
    message = {**PAYLOAD["message"], "thread_ts": "1503435900.000001"}
    pressed = read_click(body_of({**PAYLOAD, "message": message}))

    assert pressed is not None
    assert pressed.thread_ts == "1503435900.000001"


@pytest.mark.parametrize(
    "blocks",
    ["[" * 300 + "]" * 300, json.dumps([{"type": "divider"}] * 51), json.dumps([{"text": "x" * 70_000}]), '"text"'],
    ids=["deep", "too many", "too large", "none"],
)
def test_odd_blocks_are_left_out(blocks: str) -> None:
    message = {"ts": "1503435956.000247", "blocks": "BLOCKS"}
    body = json.dumps({**PAYLOAD, "message": message}).replace('"BLOCKS"', blocks)
    pressed = read_click(urlencode({"payload": body}).encode())

    assert pressed is not None
    assert pressed.blocks == ()


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(list(PAYLOAD)), JSON, min_size=1, max_size=3))
def test_whatever_is_told_instead_is_read_or_left(changed: dict[str, Any]) -> None:
    pressed = read_click(body_of({**PAYLOAD, **changed}))

    assert pressed is None or pressed.button == VALUE


@settings(max_examples=200)
@given(st.binary(max_size=200) | st.builds(body_of, JSON))
def test_what_is_no_click_is_none(body: bytes) -> None:
    assert read_click(body) is None


@given(st.text(max_size=100))
def test_what_is_no_button_of_ours_is_none(text: str) -> None:
    button = read_button(text)

    assert button is None or read_button(write_button(button)) == button


def test_a_button_carries_no_more_than_slack_takes() -> None:
    assert write_button(replace(VALUE, lead=LeadKey("email:" + "a" * 2000))) == ""
    assert read_button(write_button(VALUE)) == VALUE


CLICK = Click(
    id="k_1",
    at=RECEIVED_AT,
    user="U02ADA",
    claimant=Claimant(owner="313499604", name="Zoë"),
    sink=VALUE.sink,
    source=VALUE.source,
    lead=VALUE.lead,
    place="#deals",
    channel="C1X",
    ts="1503435956.000247",
    thread_ts="1503435900.000001",
    text="Lead updated",
    blocks=tuple(BLOCKS),
)


@pytest.mark.parametrize(
    "work",
    [
        ClaimWork(click=CLICK),
        ClaimWork(click=replace(CLICK, claimant=None), duties=(), attempts=3, due=RECEIVED_AT),
        ClaimWork(click=CLICK, duties=(Duty.GIVE_BACK, Duty.TELL), refused="no such record"),
    ],
    ids=["new", "waiting", "refused"],
)
def test_a_click_is_kept_whole(work: ClaimWork) -> None:
    assert read_work(write_work(work)) == work


def test_a_claim_is_kept_whole() -> None:
    claim = CLICK.claim

    assert isinstance(claim, Claim)
    assert read_claim(write_claim(claim)) == claim
    with pytest.raises(Unreadable):
        read_claim(b'{"v": 1, "click": "k"}')
    with pytest.raises(Unreadable):
        read_work(b"{}")
