"""Claims: who presses first has the lead, in the CRM and in the chat, whatever is away or killed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from claim_support import ADA, ADAS, BEN, BENS, CEMS, CRM, EVE, SALES, Floor, a_floor, button_of, pressed
from drain_support import Killed
from slack_workspace import texts_of

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.claim import Duty
from hookrouter.domain.claim_events import ButtonPressed, ClaimFailed, ClaimSettled
from hookrouter.domain.crm_write import CrmWrite, by_address
from hookrouter.domain.errors import PushRefused, StoreAway
from hookrouter.domain.handing import Touched
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.outcome import Outcome, Reason
from hookrouter.ports.claims import SettledClaims
from hookrouter.sinks.slack_claim import button_of as button_value
from hookrouter.store import claim_book, streams
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.claims import RedisClaims
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.wire.kept.assigning import read_assigning
from hookrouter.wire.slack.button import ButtonValue, write_button
from hookrouter.wire.slack.signature import sign


@pytest.fixture
async def floor(server: RedisServer, async_server: AsyncRedisServer, keys: Keys) -> AsyncIterator[Floor]:
    async with a_floor(server, async_server, keys) as floor:
        yield floor


async def test_who_presses_the_button_is_the_lead_s_owner(floor: Floor) -> None:
    await floor.tell()
    assert button_of(floor.slack.first[0]) is not None

    assert floor.press(ADA)
    assert await floor.settle()

    assert floor.owner() == ADAS
    (message,) = floor.slack.messages
    assert button_of(message) is None
    assert "Claimed by *Ada &lt;Brown&gt;*, <!date^" in texts_of(message)
    assert floor.slack.whispers == []
    assert await floor.waiting() == 0
    assert [event.result for event in floor.reports.of(ClaimSettled)] == ["written"]


async def test_of_two_who_press_at_the_same_moment_one_is_first_and_the_other_is_told_who(floor: Floor) -> None:
    await floor.tell()
    await asyncio.gather(*(asyncio.to_thread(floor.press, user) for user in (ADA, BEN)))
    await floor.settle()

    claim = await floor.claims.of((CRM, LeadKey(floor.lead)))
    assert claim is not None
    assert claim.by in (ADA, BEN)
    assert floor.owner() == {ADA: ADAS, BEN: BENS}[claim.by]
    (whisper,) = floor.slack.whispers
    assert whisper["user"] == {ADA: BEN, BEN: ADA}[claim.by]
    assert {ADA: "Ada", BEN: "Ben"}[claim.by] in whisper["text"]
    assert floor.crm.status()["calls_by_method"]["updateLeadsV2"] == 1


async def test_somebody_whom_no_team_knows_is_told_so_and_takes_nothing(floor: Floor) -> None:
    await floor.tell()
    floor.press(EVE)
    await floor.settle()

    assert floor.owner() == CEMS
    assert button_of(floor.slack.first[0]) is not None
    (whisper,) = floor.slack.whispers
    assert (whisper["user"], EVE in whisper["text"]) == (EVE, True)
    assert [event.result for event in floor.reports.of(ButtonPressed)] == ["stranger"]


async def test_a_lead_that_is_known_by_its_address_is_claimed_by_it(floor: Floor) -> None:
    await floor.tell()
    address = str(floor.crm.leads()[floor.lead]["emailAddress"])
    value = write_button(ButtonValue(sink=SALES, source=CRM, lead=by_address(address), place="#deals"))
    floor.send(pressed(ADA, floor.slack.first[0], value))
    assert await floor.settle()

    assert floor.owner() == ADAS


def test_an_address_that_a_sink_is_not_to_see_stands_in_no_button() -> None:
    lead = a_lead(id=None)
    seen = a_delivery(change=a_change(lead=lead))
    unseen = replace(seen, lead={"companyName": "Acme"})

    assert "email:" in button_value(seen, "#deals")
    assert button_value(unseen, "#deals") == ""
    assert button_value(replace(seen, event=LeadEvent.DELETED), "#deals") == ""


async def test_the_same_request_once_more_does_nothing(floor: Floor) -> None:
    await floor.tell()
    body = pressed(ADA, floor.slack.first[0], floor.value)
    assert floor.send(body)
    assert not floor.send(body)
    await floor.settle()
    calls = list(floor.slack.calls)
    assert not floor.send(body)

    assert await floor.waiting() == 0
    assert floor.slack.calls == calls


async def test_who_presses_twice_is_not_told_of_oneself(floor: Floor) -> None:
    await floor.tell()
    floor.press(ADA)
    floor.press(ADA)
    await floor.settle()

    assert floor.owner() == ADAS
    assert floor.slack.whispers == []


async def test_while_the_crm_is_away_the_message_tells_already_and_the_owner_is_written_later(floor: Floor) -> None:
    await floor.tell()
    floor.crm.fault("html503")
    floor.press(ADA)
    assert not await floor.settle()
    assert button_of(floor.slack.first[0]) is None
    assert not await floor.settle()

    floor.crm.fault("none")
    floor.clock.ahead = timedelta(minutes=1)
    assert await floor.settle()

    assert floor.owner() == ADAS
    assert floor.slack.calls.count("chat.update") == 1


class Hanging:
    """A CRM that answers to nothing."""

    async def write(self, _write: CrmWrite) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError


async def test_while_the_crm_hangs_nobody_else_waits_for_it(floor: Floor) -> None:
    await floor.tell()
    floor.press(ADA)
    claims = await floor.open()
    async with asyncio.timeout(20):
        assert not await floor.settle_of(writer=Hanging(), patience=timedelta(seconds=0.1)).drain(claims)
    await claims.release()
    floor.clock.ahead = timedelta(minutes=1)
    floor.press(BEN)
    assert await floor.settle()

    assert floor.owner() == ADAS
    assert [whisper["user"] for whisper in floor.slack.whispers] == [BEN]


async def test_who_presses_days_later_was_no_moment_later(floor: Floor) -> None:
    await floor.tell()
    message = replace(floor.slack.first[0])
    floor.press(ADA)
    floor.press(BEN, message)
    floor.clock.ahead = timedelta(days=2)
    floor.press(BEN, message)
    await floor.settle()

    assert sorted("a moment later" in whisper["text"] for whisper in floor.slack.whispers) == [False, True]


async def test_while_slack_is_away_the_owner_is_written_already_and_the_message_tells_later(floor: Floor) -> None:
    await floor.tell()
    floor.slack.is_away = True
    floor.press(ADA)
    assert not await floor.settle()
    assert floor.owner() == ADAS

    floor.slack.is_away = False
    floor.clock.ahead = timedelta(minutes=1)
    assert await floor.settle()

    assert button_of(floor.slack.first[0]) is None
    assert floor.crm.status()["calls_by_method"]["updateLeadsV2"] == 1


async def test_a_lead_that_the_crm_does_not_know_any_more_is_given_back(floor: Floor) -> None:
    await floor.tell()
    floor.press(ADA)
    value, message = floor.value, floor.slack.first[0]
    floor.crm.delete(floor.lead)
    assert await floor.settle()

    assert button_of(message) is not None
    (whisper,) = floor.slack.whispers
    assert "can be claimed again" in whisper["text"]
    floor.send(pressed(BEN, message, value))
    await floor.settle()
    assert floor.slack.whispers[-1]["user"] == BEN


async def test_what_cannot_be_written_for_days_is_given_back(floor: Floor) -> None:
    await floor.tell()
    floor.crm.fault("html503")
    floor.press(ADA)
    await floor.settle()
    floor.clock.ahead = timedelta(days=4)
    await floor.settle()

    assert await floor.claims.of((CRM, LeadKey(floor.lead))) is None
    assert button_of(floor.slack.first[0]) is not None


class Dying(RedisClaims):
    """Stands for SIGKILL after all was done and before that is noted."""

    async def commit(self, _settled: SettledClaims) -> bool:
        raise Killed


async def test_whoever_is_killed_does_it_again_to_the_same_end(floor: Floor) -> None:
    await floor.tell()
    floor.press(ADA)
    floor.press(BEN)
    claims = await floor.open(Dying)
    with suppress(Killed):
        await floor.settle_of().drain(claims)
    await claims.release()
    assert await floor.waiting() == 2
    assert await floor.settle()

    assert floor.owner() == ADAS
    assert {whisper["user"] for whisper in floor.slack.whispers} == {BEN}


async def test_who_lost_the_lease_writes_nothing(floor: Floor) -> None:
    await floor.tell()
    floor.press(ADA)
    claims = await floor.open()
    await floor.async_server.call("SET", floor.keys.lease(floor.keys.clicks()), "another")

    assert not await floor.settle_of().drain(claims)
    assert await floor.waiting() == 1


async def test_a_message_that_was_deleted_needs_nothing(floor: Floor) -> None:
    await floor.tell()
    message = floor.slack.first[0]
    floor.press(ADA)
    floor.slack.delete(message)

    assert await floor.settle()
    assert floor.owner() == ADAS


async def test_a_message_that_slack_does_not_take_back_is_answered_in_its_thread(floor: Floor) -> None:
    await floor.tell()
    floor.press(ADA)
    floor.slack.refuses = ["invalid_blocks"]

    assert await floor.settle()
    (reply,) = floor.slack.replies(floor.slack.first[0])
    assert "Claimed by *Ada" in texts_of(reply)


async def test_what_slack_refuses_to_show_or_tell_is_reported_with_its_word(floor: Floor) -> None:
    await floor.tell()
    floor.press(ADA)
    floor.press(EVE)
    floor.slack.refuses = ["token_revoked"] * 2

    assert await floor.settle()
    assert set(floor.reports.of(ClaimFailed)) == {
        ClaimFailed(sink=SALES, duty=duty, reason=Reason.GONE, word="token_revoked") for duty in (Duty.SHOW, Duty.TELL)
    }


async def test_a_claim_that_won_is_reported_as_such_also_if_the_message_says_so_later(floor: Floor) -> None:
    await floor.tell()
    floor.slack.is_away = True
    floor.press(ADA)
    await floor.settle()
    floor.slack.is_away = False
    floor.clock.ahead = timedelta(minutes=1)
    await floor.settle()

    (settled,) = floor.reports.of(ClaimSettled)
    assert settled.result == "written"


async def test_a_defect_at_one_click_is_tried_again_and_holds_up_no_other(floor: Floor) -> None:
    class Broken:
        async def write(self, _write: Any) -> Any:
            raise ZeroDivisionError

    await floor.tell()
    floor.press(ADA)
    floor.press(EVE)
    claims = await floor.open()
    assert not await floor.settle_of(writer=Broken()).drain(claims)
    await claims.release()

    assert [whisper["user"] for whisper in floor.slack.whispers] == [EVE]
    floor.clock.ahead = timedelta(minutes=1)
    assert await floor.settle()
    assert floor.owner() == ADAS


async def test_later_messages_of_a_claimed_lead_say_whose_it_is(floor: Floor) -> None:
    await floor.tell()
    floor.press(ADA)
    await floor.settle()
    await floor.tell("p_2")
    await floor.tell("p_3", sink="managers")

    first, reply, elsewhere = floor.slack.messages
    assert "Claimed by *Ada" in texts_of(elsewhere)
    assert button_of(elsewhere) is None
    assert reply.thread_ts == first.ts
    assert "laimed" not in texts_of(reply)


async def test_a_reply_has_no_button(floor: Floor) -> None:
    await floor.tell()
    await floor.tell("p_2")

    assert button_of(floor.slack.messages[1]) is None


async def test_news_that_take_the_place_of_others_are_not_undone_by_a_claim(floor: Floor) -> None:
    floor.options = {"thread": {"later": "edit"}}
    await floor.tell("p_1", "open")
    body = pressed(ADA, floor.slack.first[0], floor.value)
    await floor.tell("p_2", "customer")
    floor.send(body)
    await floor.settle()
    await floor.tell("p_3", "contact")

    (message,) = floor.slack.messages
    assert "contact" in texts_of(message)
    assert "Claimed by *Ada" in texts_of(message)
    assert button_of(message) is None


async def test_a_claim_before_the_news_are_shown_keeps_the_news(floor: Floor) -> None:
    floor.options = {"thread": {"later": "edit"}}
    await floor.tell("p_1", "open")
    body = pressed(ADA, floor.slack.first[0], floor.value)
    await floor.tell("p_2", "customer")
    floor.send(body)
    await floor.settle()

    assert "customer" in texts_of(floor.slack.first[0])
    assert button_of(floor.slack.first[0]) is None


async def test_unless_it_is_asked_for_there_is_no_button(floor: Floor) -> None:
    floor.options = {"thread": {"later": "reply"}, "claim": False}
    await floor.tell()

    assert button_of(floor.slack.first[0]) is None


async def test_no_more_clicks_are_kept_than_there_is_room_for(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim_book, "MOST_WAITING", 1)
    await floor.tell()
    floor.press(ADA)
    with pytest.raises(StoreAway):
        floor.press(BEN)

    await floor.settle()
    assert floor.press(BEN)


async def test_whatever_is_remembered_of_a_claim_ends(floor: Floor) -> None:
    await floor.tell()
    floor.press(ADA)
    await floor.settle()
    found = await floor.async_server.call("KEYS", f"{floor.keys.prefix}:*")
    kept = [key for key in found if key.decode() not in (floor.keys.clicks(), floor.keys.assign())]

    lives = [await floor.async_server.call("TTL", key) for key in kept]
    assert len(kept) >= 4
    assert all(life > 0 for life in lives), dict(zip(kept, lives, strict=True))


async def test_teams_are_told_whose_a_claimed_lead_is(floor: Floor) -> None:
    await floor.tell()
    floor.press(EVE)
    await floor.settle()
    assert await floor.async_server.call("XLEN", floor.keys.assign()) == 0
    floor.press(ADA)
    floor.press(BEN)
    await floor.settle()

    (record,) = [record for _, record in await streams.read(floor.async_server, floor.keys.assign(), None, 9)]
    assert read_assigning(record) == Touched(who=(CRM, LeadKey(floor.lead)), owner=ADAS)


async def test_the_crm_s_echo_of_a_claim_is_known_as_such(floor: Floor) -> None:
    await floor.tell()
    floor.press(ADA)
    await floor.settle()

    assert await floor.async_server.call("HLEN", floor.keys.written(CRM, LeadKey(floor.lead))) == 1


@pytest.mark.parametrize(
    ("secret", "seconds"),
    [
        ("another-secret-of-16", 0),
        ("8f742231b10e8888abcd99yyyzzz85a5", 301),
        ("8f742231b10e8888abcd99yyyzzz85a5", -301),
    ],
    ids=["another secret", "too early", "too late"],
)
async def test_what_slack_did_not_sign_just_now_does_nothing(floor: Floor, secret: str, seconds: int) -> None:
    await floor.tell()
    body = pressed(ADA, floor.slack.first[0], floor.value)
    moment = str(int(floor.clock.now().timestamp()) + seconds)
    with pytest.raises(PushRefused) as refused:
        floor.send_signed(body, moment, sign(secret, moment, body))

    assert refused.value.status == 401
    assert await floor.waiting() == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "view_submission"},
        {"actions": [{"action_id": "open", "value": "x"}]},
        {"actions": [{"action_id": "hookrouter_claim", "value": "[1,2,3,4]"}]},
        {"user": {"id": "<!channel>"}},
        {"channel": None, "container": None},
    ],
    ids=["a dialog", "another button", "no texts", "no user", "nowhere"],
)
async def test_what_is_no_click_of_ours_is_nothing_to_do(floor: Floor, changed: dict[str, Any]) -> None:
    await floor.tell()

    assert not floor.send(pressed(ADA, floor.slack.first[0], floor.value, **changed))
    assert await floor.waiting() == 0


@pytest.mark.parametrize("value", ['["former","crm","1","#deals"]', '["sales","other","1","#deals"]'])
async def test_whoever_presses_a_button_that_is_none_any_more_sees_that_it_failed(floor: Floor, value: str) -> None:
    await floor.tell()

    with pytest.raises(PushRefused) as refused:
        floor.send(pressed(ADA, floor.slack.first[0], value))

    assert refused.value.status == 404
    assert await floor.waiting() == 0
    assert SALES in floor.take.sinks
