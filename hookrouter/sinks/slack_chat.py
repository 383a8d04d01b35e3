"""Slack as the chat in which leads are claimed: messages are changed, and one person is told something.

https://docs.slack.dev/reference/methods/chat.update and https://docs.slack.dev/reference/methods/chat.postEphemeral
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from hookrouter.domain.claim import Claim, Click
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.lead import Json
from hookrouter.domain.living_message import LeadPlace, LivingMessage
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason
from hookrouter.ports.living_messages import LivingMessages
from hookrouter.ports.sinks import Sinks
from hookrouter.sinks.slack import SlackSink
from hookrouter.sinks.slack_answers import has_lost_its_message, in_a_word
from hookrouter.sinks.slack_claim import claimed, whose
from hookrouter.sinks.slack_thread import NO_STORE, POST, UPDATE
from hookrouter.wire.messages.mrkdwn import escaped

WHISPER = "chat.postEphemeral"
TRIES = 3
"""Times that a message is changed because its lead had news while it was."""
GONE = Dead(reason=Reason.NO_SUCH_SINK, answer=Answer())
STRANGER = (
    "You cannot claim leads yet: nobody in hookrouter's `teams` has your Slack id, {user}. "
    "Ask whoever runs it to add it."
)
LATER = "This lead was claimed by {whose}."
A_MOMENT, MOMENTS = timedelta(minutes=1), " You were a moment later."
REFUSED = "The CRM did not take you as the owner of this lead, which can be claimed again. It said: {why}"
LONGEST_WHY = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackChat:
    """The chat behind all Slack sinks; see `ports.claims.ClaimChat`."""

    sinks: Sinks
    messages: LivingMessages

    async def show(self, click: Click, claim: Claim | None) -> Outcome:
        """Let the message say who has the lead, or have its button again; one that is gone needs nothing."""
        sink = self._sink_of(click)
        if sink is None:
            return GONE
        try:
            return in_a_word(await self._show(sink, click, claim))
        except StoreAway:
            return NO_STORE

    async def tell(self, click: Click, claim: Claim | None, refused: str) -> Outcome:
        """Tell whoever clicked, so that nobody else sees it."""
        sink = self._sink_of(click)
        if sink is None:
            return GONE
        said = {**_place(click), "user": click.user, "text": _words(click, claim, refused)}
        return in_a_word(await sink.call(WHISPER, said))

    def _sink_of(self, click: Click) -> SlackSink | None:
        sink = self.sinks.find(click.sink, "")
        return sink if isinstance(sink, SlackSink) and sink.channel is not None else None

    async def _show(self, sink: SlackSink, click: Click, claim: Claim | None) -> Outcome:
        outcome: Outcome = Delivered()
        for _ in range(TRIES):
            news = await self._news_since(click)
            text, blocks = (click.text, click.blocks) if news is None else _shown(news)
            if not blocks:  # Slack did not tell what the message says
                return await _answer(sink, click, claim)
            outcome = await sink.call(UPDATE, _content(click, text, blocks, claim))
            if await self._news_since(click) == news:
                break
        if has_lost_its_message(outcome):
            return Delivered(answer=outcome.answer)
        is_refused = isinstance(outcome, Dead) and outcome.reason is Reason.REFUSED
        return await _answer(sink, click, claim) if is_refused else outcome

    async def _news_since(self, click: Click) -> LivingMessage | None:
        """The message as it was changed by news of its lead, if it is one that is."""
        place = LeadPlace(sink=click.sink, channel=click.place, source=click.source, lead=click.lead)
        known = await self.messages.recall(place)
        return known if known is not None and known.shown and known.ts == click.ts else None


async def _answer(sink: SlackSink, click: Click, claim: Claim | None) -> Outcome:
    """Say it in the thread of a message that cannot be changed: its blocks came back in a form that Slack refuses."""
    if claim is None:
        return Delivered()
    said = {"channel": click.channel, "thread_ts": click.thread_ts or click.ts}
    return await sink.call(POST, {**said, "text": f"Claimed by {whose(claim)}", "blocks": claimed([], claim)})


def _content(click: Click, text: str, blocks: Sequence[Json], claim: Claim | None) -> dict[str, Json]:
    shown = list(blocks) if claim is None else claimed(blocks, claim)
    return {"channel": click.channel, "ts": click.ts, "text": text, "blocks": shown}


def _shown(message: LivingMessage) -> tuple[str, Sequence[Json]]:
    return cast("str", message.shown["text"]), cast("Sequence[Json]", message.shown["blocks"])


def _place(click: Click) -> dict[str, Json]:
    return {"channel": click.channel, **({"thread_ts": click.thread_ts} if click.thread_ts else {})}


def _words(click: Click, claim: Claim | None, refused: str) -> str:
    if refused:
        return REFUSED.format(why=escaped(refused, LONGEST_WHY))
    if click.claimant is None or claim is None:
        return STRANGER.format(user=click.user)
    return LATER.format(whose=whose(claim)) + (MOMENTS if click.at - claim.at < A_MOMENT else "")
