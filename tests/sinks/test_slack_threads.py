"""One living message a lead: a real server for the memory, a workspace on loopback for Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from marshmallow import ValidationError
from slack_workspace import TOKEN, Workspace, texts_of

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import gather
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.living_message import LeadPlace, LivingMessage
from hookrouter.domain.outcome import Dead, Delivered, Outcome, Reason, Retry
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.ports.living_messages import LivingMessages
from hookrouter.sinks.slack import SINK
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.living_messages import RedisLivingMessages
from hookrouter.testing.builders import a_change, a_delivery, a_lead, an_occasion
from hookrouter.testing.sinks import LOOPBACK, a_sink, sink_tools


@dataclass
class Desk:
    """A sink of a bot, and the workspace it posts to."""

    slack: Workspace
    messages: LivingMessages
    session: Any

    async def tell(self, delivery: Delivery, **options: Any) -> Outcome:
        tools = sink_tools(session=lambda: self.session, messages=self.messages)
        said = {"token": TOKEN, "channel": "#deals", "url": self.slack.url, "thread": "lead", **options}
        sink = a_sink(SINK, tools, **said)
        return await sink.send(delivery, sink.render(delivery))


@pytest.fixture
async def desk(async_server: AsyncRedisServer, keys: Keys) -> AsyncIterator[Desk]:
    slack = Workspace()
    async with slack.far, open_session(EgressGuard(LOOPBACK)) as session:
        yield Desk(slack, RedisLivingMessages(server=async_server, keys=keys), session)


def news(push: str, status: str = "qualified", **fields: Any) -> Delivery:
    return a_delivery(change=a_change(lead=a_lead(leadStatus=status, **fields)), occasion=an_occasion(push=push))


async def test_later_news_of_a_lead_stand_in_the_thread_of_the_first(desk: Desk) -> None:
    told = [await desk.tell(news(push)) for push in ("p_1", "p_2", "p_3")]

    assert all(isinstance(each, Delivered) for each in told)
    first, *replies = desk.slack.messages
    assert [reply.thread_ts for reply in replies] == [first.ts, first.ts]
    assert len({message.channel for message in desk.slack.messages}) == 1


async def test_later_news_may_take_the_place_of_the_first(desk: Desk) -> None:
    later = {"thread": {"later": "edit"}}
    await desk.tell(news("p_1", "open"), **later)
    await desk.tell(news("p_2", "customer"), **later)

    (message,) = desk.slack.messages
    assert desk.slack.calls == ["chat.postMessage", "chat.update"]
    assert "customer" in texts_of(message)
    assert "customer" in message.text


@pytest.mark.parametrize(
    ("seconds", "moments"),
    [
        (1, ("2026-03-04 15:20:09", "2026-03-04 15:20:09")),
        (1, ("", "2026-03-04 15:20:09")),
        (-3600, ("2026-03-04 15:20:09", "2026-03-04 15:20:10")),
    ],
    ids=["in the same second", "the CRM tells no moment", "a receiver's clock is wrong"],
)
async def test_news_that_were_overtaken_do_not_take_the_place_of_later_ones(
    desk: Desk, seconds: int, moments: tuple[str, str]
) -> None:
    overtaken = news("p_1", updateTimestamp=moments[0])
    came_at = overtaken.received_at + timedelta(seconds=seconds)
    later = replace(news("p_2", "customer", updateTimestamp=moments[1]), received_at=came_at)
    desk.slack.refuses = ["ratelimited"]
    edit = {"per": "lead", "later": "edit"}
    came = [await desk.tell(delivery, thread=edit) for delivery in (overtaken, later, overtaken)]

    assert [type(each) for each in came] == [Retry, Delivered, Delivered]
    [message] = desk.slack.messages
    assert "customer" in message.text
    assert "customer" in texts_of(message)


@pytest.mark.parametrize("say", ["Nobody has called Ada yet", ""])
async def test_a_reminder_is_a_reply_also_where_news_are_edits(desk: Desk, say: str) -> None:
    later = {"thread": {"later": "edit"}}
    await desk.tell(news("p_1", "open"), **later)
    await desk.tell(replace(news("p_2", "open"), say=say, step="15m"), **later)
    await desk.tell(news("p_3", "customer"), **later)

    message, reminder = desk.slack.messages
    assert reminder.thread_ts == message.ts
    assert (say or "No reaction after 15m") in texts_of(reminder)
    assert "customer" in texts_of(message)


@pytest.mark.parametrize(
    "other",
    [
        news("p_2", id="999"),
        a_delivery(occasion=an_occasion(push="p_2", source="other")),
        a_delivery(occasion=an_occasion(push="p_2"), sink="managers"),
    ],
    ids=["another lead", "the same id in another account", "another sink"],
)
async def test_others_have_messages_of_their_own(desk: Desk, other: Delivery) -> None:
    await desk.tell(news("p_1"))
    await desk.tell(other)

    assert len(desk.slack.first) == 2


async def test_each_channel_of_a_sink_has_its_own(desk: Desk) -> None:
    channel = {"channel": "#sales-{{ lead.state }}"}
    await desk.tell(news("p_1", state="ca"), **channel)
    await desk.tell(news("p_2", state="ny"), **channel)

    assert len(desk.slack.first) == 2


async def test_what_was_posted_is_not_posted_again_by_whoever_was_killed_before_it_was_settled(desk: Desk) -> None:
    told = [await desk.tell(news(push)) for push in ("p_1", "p_1", "p_2", "p_2")]

    assert all(isinstance(each, Delivered) for each in told)
    assert len(desk.slack.messages) == 2


async def test_what_is_asked_for_once_more_later_is_told_again(
    desk: Desk, async_server: AsyncRedisServer, keys: Keys
) -> None:
    await desk.tell(news("p_1"))
    await age(desk, timedelta(minutes=11))
    await desk.tell(news("p_1"))

    first, again = desk.slack.messages
    assert again.thread_ts == first.ts


async def age(desk: Desk, by: timedelta) -> None:
    """As if the message had been posted that much earlier."""
    delivery = news("p_1")
    place = LeadPlace(sink=delivery.sink, channel="#deals", source=delivery.source, lead=delivery.lead_key)
    known = await desk.messages.recall(place)
    assert known is not None
    aged = LivingMessage(channel=known.channel, ts=known.ts, told=known.told, at=SystemClock().now() - by)
    await desk.messages.note(place, aged, timedelta(days=30))


async def test_a_message_that_somebody_deleted_is_begun_anew_by_an_edit(desk: Desk) -> None:
    later = {"thread": {"later": "edit"}}
    await desk.tell(news("p_1"), **later)
    desk.slack.delete(desk.slack.messages[0])
    outcome = await desk.tell(news("p_2"), **later)
    await desk.tell(news("p_3", "customer"), **later)

    assert isinstance(outcome, Delivered)
    (message,) = desk.slack.messages
    assert "customer" in texts_of(message)


async def test_a_reply_to_a_deleted_message_is_the_lead_s_message_from_then_on(desk: Desk) -> None:
    await desk.tell(news("p_1"))
    desk.slack.delete(desk.slack.messages[0])
    await desk.tell(news("p_2"))
    await desk.tell(news("p_3"))

    first, reply = desk.slack.messages
    assert (first.thread_ts, reply.thread_ts) == ("", first.ts)


@pytest.mark.parametrize(
    "word",
    ["thread_not_found", "message_not_found", "restricted_action_thread_locked", "is_archived", "not_in_channel"],
)
async def test_a_thread_that_is_none_any_more_is_left_for_a_new_message(desk: Desk, word: str) -> None:
    await desk.tell(news("p_1"))
    desk.slack.refuses = [word]
    outcome = await desk.tell(news("p_2"))

    assert isinstance(outcome, Delivered)
    assert len(desk.slack.first) == 2


async def test_what_slack_refuses_otherwise_is_judged_as_ever(desk: Desk) -> None:
    await desk.tell(news("p_1"))
    desk.slack.refuses = ["ratelimited", "invalid_blocks"]
    throttled, refused = await desk.tell(news("p_2")), await desk.tell(news("p_2"))

    assert isinstance(throttled, Retry)
    assert throttled.reason is Reason.THROTTLED
    assert isinstance(refused, Dead)
    assert len(desk.slack.messages) == 1


async def test_a_message_is_remembered_for_so_long_after_the_last_news(
    desk: Desk, async_server: AsyncRedisServer, keys: Keys
) -> None:
    await desk.tell(news("p_1"), thread={"keep": "2h"})
    (key,) = await async_server.call("KEYS", f"{keys.prefix}:living-message:*")
    await async_server.call("EXPIRE", key, 5)
    await desk.tell(news("p_2"), thread={"keep": "2h"})

    assert 7000 < await async_server.call("TTL", key) <= 7200


async def test_a_digest_stands_by_itself(desk: Desk) -> None:
    await desk.tell(news("p_1"))
    members = (news("p_2"), news("p_3", id="999"))
    sink = a_sink(
        SINK,
        sink_tools(session=lambda: desk.session, messages=desk.messages),
        token=TOKEN,
        channel="#deals",
        url=desk.slack.url,
        thread="lead",
    )
    await sink.send(gather(members), sink.render(news("p_2")))

    assert len(desk.slack.first) == 2


class Away:
    """A memory that cannot be reached."""

    async def recall(self, _place: LeadPlace) -> LivingMessage | None:
        raise StoreAway("no")

    async def note(self, _place: LeadPlace, _message: LivingMessage, _keep: timedelta) -> None:
        raise StoreAway("no")


async def test_nothing_is_posted_while_nobody_knows_whether_the_lead_has_a_message(desk: Desk) -> None:
    desk.messages = Away()
    outcome = await desk.tell(news("p_1"))

    assert isinstance(outcome, Retry)
    assert desk.slack.calls == []


class ForgetsAtOnce(RedisLivingMessages):
    """Stands for SIGKILL, or a Redis that went away, between Slack's answer and the note."""

    async def note(self, _place: LeadPlace, _message: LivingMessage, _keep: timedelta) -> None:
        raise StoreAway("no")


async def test_who_is_killed_before_the_note_costs_one_second_message(
    desk: Desk, async_server: AsyncRedisServer, keys: Keys
) -> None:
    sound = desk.messages
    desk.messages = ForgetsAtOnce(server=async_server, keys=keys)
    assert isinstance(await desk.tell(news("p_1")), Delivered)
    desk.messages = sound
    for push in ("p_1", "p_2", "p_3"):
        await desk.tell(news(push))

    assert len(desk.slack.first) == 2
    assert len(desk.slack.replies(desk.slack.first[1])) == 2


@pytest.mark.parametrize(
    "options",
    [
        {"webhook_url": "https://hooks.slack.com/services/x", "thread": "lead"},
        {"token": TOKEN, "channel": "#deals", "thread": "channel"},
        {"token": TOKEN, "channel": "#deals", "thread": {"later": "never"}},
        {"token": TOKEN, "channel": "#deals", "thread": {"keep": "1s"}},
    ],
    ids=["webhook", "no lead", "no such way", "too short"],
)
def test_a_thread_that_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="thread"):
        a_sink(SINK, **options)
