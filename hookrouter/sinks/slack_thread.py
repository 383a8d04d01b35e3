"""One living message a lead: its first news is posted, its later ones stand in the thread, or in place of the first.

Slack knows no name by which a message could be posted once only. So what was posted is noted at once: who is killed
between Slack's answer and the note posts a second message, who is killed after it does not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from marshmallow import RAISE, Schema, ValidationError, fields

from hookrouter.domain.change import FARTHEST_AHEAD
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.lead import UPDATED_FIELD, Json, crm_time
from hookrouter.domain.living_message import USUAL_KEEP, Later, LeadPlace, LivingMessage
from hookrouter.domain.outcome import Answer, Delivered, Outcome, Reason, Retry
from hookrouter.ports.living_messages import LivingMessages
from hookrouter.sinks.slack_answers import Stands, has_lost_its_channel, has_lost_its_message, place_in
from hookrouter.sinks.slack_claim import without_button
from hookrouter.wire.config.duration import DurationField
from hookrouter.wire.config.field_shapes import shape_of_schema
from hookrouter.wire.config.json_shapes import Shape
from hookrouter.wire.config.strict_fields import Choice

LEAD = "lead"
LONGEST_KEEP = timedelta(days=365)
SHOWN = ("text", "blocks")
"""What an edit changes of a message."""
POST, UPDATE = "chat.postMessage", "chat.update"
NO_STORE = Retry(
    reason=Reason.NETWORK, answer=Answer(text="Redis is away, which knows whether the lead has a message already")
)

Call = Callable[[str, Mapping[str, Json]], Awaitable[Outcome]]
"""Calls a method of Slack's."""


class ThreadSchema(Schema):
    """How later news of a lead join the first."""

    class Meta:
        unknown = RAISE

    per = Choice((LEAD,), load_default=LEAD, metadata={"description": "what has one message"})
    later = Choice(
        tuple(Later),
        load_default=Later.REPLY.value,
        metadata={"description": "later news: into the thread (reply), or in place of the first (edit)"},
    )
    keep = DurationField(
        least=timedelta(minutes=1),
        most=LONGEST_KEEP,
        load_default=USUAL_KEEP,
        metadata={"description": "how long after a lead's last news the next ones still join it"},
    )


class ThreadField(fields.Nested):
    """`lead`, or a map that says more."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(ThreadSchema, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, dict):
            return super()._deserialize(value, attr, data, *args, **kwargs)
        if value != LEAD:
            raise ValidationError("give lead, or a map such as {per: lead, later: edit}")
        return self.schema.load({})

    def json_schema(self) -> Shape:
        """What an editor takes."""
        return {"anyOf": [{"const": LEAD}, shape_of_schema(self.schema)]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """Tells of leads, of each in the message by which it was first told of."""

    later: Later
    keep: timedelta
    messages: LivingMessages = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)

    async def tell(self, delivery: Delivery, content: Mapping[str, Json], call: Call) -> Outcome:
        """Post what a delivery says, or let it join what the lead's message says already."""
        news = self._news(delivery, content, call)
        try:
            known = await self.messages.recall(news.place)
        except StoreAway:
            return NO_STORE
        if known is None:
            return await news.begin()
        if known.has_told(delivery.id, self.now()):
            return Delivered(answer=Answer(text="it stands there already"))
        outcome = await news.join(known)
        is_over = has_lost_its_message(outcome) or has_lost_its_channel(outcome)
        return await news.begin() if is_over else outcome

    async def correct(self, delivery: Delivery, content: Mapping[str, Json], call: Call) -> None:
        """Change the message once more, to what it should have said; if that fails, its next news do."""
        news = self._news(delivery, content, call)
        with suppress(StoreAway):
            if (known := await self.messages.recall(news.place)) is not None:
                await news.edit(known)

    def _news(self, delivery: Delivery, content: Mapping[str, Json], call: Call) -> _News:
        place = LeadPlace(
            sink=delivery.sink,
            channel=str(content["channel"]),
            source=delivery.source,
            lead=delivery.lead_key,
        )
        return _News(thread=self, delivery=delivery, place=place, content=content, call=call)


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """What one delivery says, on its way to the lead's message."""

    thread: Thread
    delivery: Delivery
    place: LeadPlace
    content: Mapping[str, Json]
    call: Call

    async def begin(self) -> Outcome:
        """Post the lead's message."""
        outcome = await self.call(POST, self.content)
        if isinstance(outcome, Delivered):
            await self._note(place_in(outcome))
        return outcome

    async def join(self, known: LivingMessage) -> Outcome:
        """Say it in the thread, or in place of what the message said before."""
        if self.thread.later is Later.EDIT and not self.delivery.step:  # an edit reminds nobody
            return await self.edit(known)
        reply = {**self.content, "blocks": without_button(cast("list[Json]", self.content["blocks"]))}
        outcome = await self.call(POST, {**reply, "channel": known.channel, "thread_ts": known.ts})
        if isinstance(outcome, Delivered):
            # Where the first message was deleted a reply becomes a message of the channel, and Slack says so by what
            # it leaves out (https://github.com/slack-go/slack/issues/1571).
            stands = place_in(outcome)
            is_on_its_own = bool(stands.ts) and not stands.thread_ts
            await self._note(stands if is_on_its_own else Stands(channel=known.channel, ts=known.ts), known)
            if is_on_its_own and reply != self.content:  # it is the lead's message now, and has the button
                await self.call(UPDATE, {**_shown(self.content), "channel": stands.channel, "ts": stands.ts})
        return outcome

    async def edit(self, known: LivingMessage) -> Outcome:
        """Say it in place of what the message said before, unless that is newer."""
        if known.shows_later_than(self.delivery.received_at, self._updated):
            return Delivered(answer=Answer(text="later news of the lead stand there already"))
        outcome = await self.call(UPDATE, {**_shown(self.content), "channel": known.channel, "ts": known.ts})
        if isinstance(outcome, Delivered):
            await self._note(Stands(channel=known.channel, ts=known.ts))
        return outcome

    @property
    def _updated(self) -> datetime | None:
        """When the CRM says that the lead was changed, unless that is yet to come."""
        told = crm_time(self.delivery.lead.get(UPDATED_FIELD))
        return None if told is None or told - self.delivery.received_at > FARTHEST_AHEAD else told

    async def _note(self, stands: Stands, known: LivingMessage | None = None) -> None:
        """Remember it; where Slack does not say where it stands, the lead's next news begin anew.

        A reply leaves what the message shows as it was `known`.
        """
        if not stands.channel or not stands.ts:
            return
        message = LivingMessage(channel=stands.channel, ts=stands.ts, told=self.delivery.id, at=self.thread.now())
        if known is not None and known.ts == stands.ts:
            message = replace(known, told=message.told, at=message.at)
        elif self.thread.later is Later.EDIT:
            of, updated = self.delivery.received_at, self._updated
            message = replace(message, shown=_shown(self.content), of=of, updated=updated)
        with suppress(StoreAway):  # it is posted: then the next news begin a second message
            await self.thread.messages.note(self.place, message, self.thread.keep)


def _shown(content: Mapping[str, Json]) -> dict[str, Json]:
    return {name: content[name] for name in SHOWN}
