"""The sink type `slack`: a channel behind an incoming webhook, or whatever a bot may post to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

import orjson
from marshmallow import ValidationError, fields, validates, validates_schema

from hookrouter.domain.claim import Claim
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.living_message import Later
from hookrouter.domain.outcome import Outcome
from hookrouter.net.answers import KEPT, MOST_READ, Judge, exchange
from hookrouter.ports.sinks import Message
from hookrouter.sinks.default_text import DefaultText, default_text
from hookrouter.sinks.digest_wording import word_digest
from hookrouter.sinks.kinds import SinkTools, SinkType
from hookrouter.sinks.slack_answers import SlackJudge
from hookrouter.sinks.slack_blocks import (
    CUT,
    LONGEST_TEXT,
    BlocksField,
    default_blocks,
    noted,
    own_blocks,
    said_blocks,
    text_blocks,
)
from hookrouter.sinks.slack_claim import button_of, claimed, with_button
from hookrouter.sinks.slack_digest import digest_blocks
from hookrouter.sinks.slack_notice import notice_content
from hookrouter.sinks.slack_thread import POST, Thread, ThreadField
from hookrouter.wire.config.json_shapes import Shape
from hookrouter.wire.config.message_schema import NOT_BOTH, MessageSinkSchema
from hookrouter.wire.config.strict_fields import Truth
from hookrouter.wire.messages.json_template import Node
from hookrouter.wire.messages.mrkdwn import cut, escaped
from hookrouter.wire.messages.plain_text import printable
from hookrouter.wire.messages.sandbox import Escaping
from hookrouter.wire.messages.template import RenderingFailed, Template, TemplateField, link_of, template_context

API = "https://slack.com/api/"
CONTENT_TYPE = "application/json; charset=utf-8"

_HERE = r"http://(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?"
_WEBHOOK = re.compile(rf"(?:https://[^/?#@\s]+|{_HERE})/\S*")
_API = re.compile(rf"(?:https://[^/?#@\s]+|{_HERE})(?:/[^?#\s]*)?")
_TOKEN = re.compile(r"(?:xoxe\.)?xox[bp]-[A-Za-z0-9-]{1,1000}")
_CHANNEL = re.compile(r"#[^\s#@<>&,.]{1,80}|[CDGUW][A-Z0-9]{2,40}")

ONLY_WITH_TOKEN = {
    "channel": "a webhook has its channel by itself",
    "url": "a webhook has its channel by itself",
    "thread": "a webhook does not tell which message it made",
    "claim": "a webhook's messages cannot be changed",
}
"""What a bot may do, and why a webhook may not."""
QUIET: dict[str, Json] = {"link_names": False, "unfurl_links": False, "unfurl_media": False}
"""Nothing in a message is made into a mention, or unfolded."""

_ONE_WAY = "give `webhook_url`, or `token` and `channel`"


class ChannelField(TemplateField):
    """A channel or a person, or a template that makes one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Template:
        template = super()._deserialize(value, attr, data, **kwargs)
        if template.is_constant and not _CHANNEL.fullmatch(template.source.strip()):
            raise ValidationError("give a channel such as #deals, or an id of Slack's: C… of a channel, U… of a person")
        return template


class SlackSchema(MessageSinkSchema):
    """The options of a Slack sink."""

    carries_reports: ClassVar[bool] = True
    carries_alerts: ClassVar[bool] = True
    sections_of_keys: ClassVar[Mapping[str, Sequence[str]]] = {"claim": ("crm", "slack", "teams")}
    json_rules: ClassVar[Shape] = {"not": {"anyOf": [{"required": ["webhook_url", "token"]}, NOT_BOTH]}}
    usual_rate: ClassVar[float | None] = 1.0

    webhook_url = fields.String(metadata={"description": "an incoming webhook; or else token and channel"})
    token = fields.String(metadata={"description": "of a bot, xoxb-…, with the scope chat:write"})
    channel = ChannelField(metadata={"description": "where the bot posts: a name in quotes, an id, or a template"})
    url = fields.String(metadata={"description": "of the API; a stand-in elsewhere"})
    text = TemplateField(Escaping.MRKDWN, metadata={"description": "the message; the default one unless said"})
    blocks = BlocksField(metadata={"description": "Block Kit blocks whose texts are templates"})
    thread = ThreadField(metadata={"description": "one message a lead: its later news join the first"})
    claim = Truth(metadata={"description": "a button by which a member of a team becomes the lead's owner in the CRM"})

    @validates("webhook_url", "url")
    def _goes_encrypted(self, url: str, data_key: str) -> None:
        if not (_API if data_key == "url" else _WEBHOOK).fullmatch(url):
            raise ValidationError("an https:// URL is needed (http:// only for this machine, to try things out)")

    @validates("token")
    def _token_may_post(self, token: str, data_key: str) -> None:  # noqa: ARG002 - the library's signature
        if not _TOKEN.fullmatch(token):
            raise ValidationError("a bot token is needed, which begins with xoxb-")

    @staticmethod
    def rate_place(options: Mapping[str, Any]) -> str:
        """The channel, for Slack takes a message a second there; the sink's own rate when a template chooses it."""
        channel = options.get("channel")
        if channel is not None and not channel.is_constant:
            return ""
        parts = (options.get("webhook_url", ""), options.get("token", ""), channel.source.strip() if channel else "")
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]

    @validates_schema
    def _goes_one_way(self, options: Mapping[str, Any], **_: object) -> None:
        if "webhook_url" in options and "token" in options:
            raise ValidationError(f"{_ONE_WAY}, not both")
        if "webhook_url" in options:
            for name in (name for name in ONLY_WITH_TOKEN if name in options):
                raise ValidationError(f"`{name}` goes with `token`: {ONLY_WITH_TOKEN[name]}", name)
        elif "token" not in options:
            raise ValidationError(_ONE_WAY)
        elif "channel" not in options:
            raise ValidationError("`channel` is missing: where the bot posts")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackMessage:
    """What is posted."""

    content: dict[str, Json] = field(repr=False)

    def preview(self) -> Json:
        """The channel if a bot posts to it, the text and the blocks."""
        return self.content

    def as_test(self, note: str) -> SlackMessage:
        """With the note before all else."""
        text, blocks = cast("str", self.content["text"]), cast("list[Json]", self.content["blocks"])
        return SlackMessage(
            content={
                **self.content,
                "text": cut(f"{note}: {text}", LONGEST_TEXT, CUT),
                "blocks": noted(blocks, note),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSink:
    """Where messages are posted; without a `channel` the address has its own."""

    address: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    judge: Judge = field(repr=False)
    kept: int
    channel: Template | None = field(repr=False)
    text: Template | None = field(repr=False)
    blocks: Node = field(repr=False)
    tools: SinkTools = field(repr=False)
    thread: Thread | None = None
    has_button: bool = False

    def render(self, delivery: Delivery) -> SlackMessage:
        """What a reminder says, or the operator's (of news) or default text and blocks; no value of a lead pings."""
        context = template_context(delivery, self.tools.lead_link)
        if (notice := notice_content(delivery)) is not None:
            return SlackMessage(content={**self._to(context), **notice, **QUIET})
        wording = default_text(delivery, link_of(delivery, self.tools.lead_link))
        said = escaped(delivery.say, LONGEST_TEXT)
        text = None if delivery.step else self.text
        own = said or (cut(printable(text.render(context)).strip(), LONGEST_TEXT, CUT) if text else "")
        to = self._to(context)
        if delivery.step:
            blocks = said_blocks(said, wording) if said else default_blocks(wording)
        else:
            blocks = self._blocks(own, context, wording)
        return SlackMessage(
            content={
                **to,
                "text": own or escaped(wording.summary, LONGEST_TEXT),
                "blocks": with_button(blocks, button_of(delivery, str(to["channel"]))) if self.has_button else blocks,
                **QUIET,
            }
        )

    def digest_key(self, delivery: Delivery) -> str:
        """Leads share a message when they go to one channel."""
        to = self._to(template_context(delivery, self.tools.lead_link))
        return hashlib.sha256(str(to.get("channel", "")).encode()).hexdigest()[:32]

    def render_digest(self, deliveries: Sequence[Delivery]) -> SlackMessage:
        """Word several leads as one message; the operator's text and blocks are for messages of one lead."""
        wording = word_digest(deliveries, self.tools.digest, "Slack")
        return SlackMessage(
            content={
                **self._to(template_context(deliveries[0], self.tools.lead_link)),
                "text": escaped(wording.title, LONGEST_TEXT),
                "blocks": digest_blocks(wording, deliveries, self.tools.lead_link, self.tools.list_link),
                **QUIET,
            }
        )

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        """Post once; with a `thread`, where the lead's news belong."""
        content = cast("SlackMessage", message).content
        if delivery.members or not delivery.is_of_a_lead:
            return await self._exchange(self.address, content)
        claim = await self._claim_of(delivery)
        if self.thread is None:
            return await self._exchange(self.address, _with_claim(content, claim))
        outcome = await self.thread.tell(delivery, _with_claim(content, claim), self.call)
        if claim is None and self.thread.later is Later.EDIT and (claim := await self._claim_of(delivery)):
            await self.thread.correct(delivery, _with_claim(content, claim), self.call)
        return outcome

    async def _claim_of(self, delivery: Delivery) -> Claim | None:
        if not self.has_button or self.tools.claims is None:
            return None
        with suppress(StoreAway):  # the button stands there for nothing: who presses it is told
            return await self.tools.claims.of(delivery.who)
        return None

    async def call(self, method: str, content: Mapping[str, Json]) -> Outcome:
        """Call another of the API's methods, as the bot."""
        return await self._exchange(self.address.removesuffix(POST) + method, content)

    async def _exchange(self, address: str, content: Mapping[str, Json]) -> Outcome:
        return await exchange(
            self.tools.session(),
            method="POST",
            url=address,
            headers=self.headers,
            body=orjson.dumps(content),
            timeout=self.tools.timeout,
            clock=self.tools.clock,
            judge=self.judge,
            kept=self.kept,
            terms=self.tools.terms,
        )

    def _to(self, context: Mapping[str, object]) -> dict[str, Json]:
        if self.channel is None:
            return {}
        channel = self.channel.render(context).strip()
        if not _CHANNEL.fullmatch(channel):
            raise RenderingFailed("`channel` came out as neither a channel's name nor an id of Slack's")
        return {"channel": channel}

    def _blocks(self, own: str, context: Mapping[str, object], wording: DefaultText) -> list[Json]:
        if self.blocks is not None:
            return own_blocks(self.blocks, context, wording)
        return text_blocks(own, wording) if own else default_blocks(wording)


def build(name: SinkName, options: Mapping[str, object], tools: SinkTools) -> SlackSink:  # noqa: ARG001 - every sink type's signature
    """Build a Slack sink from what `SlackSchema` loaded."""
    given = cast("Mapping[str, Any]", options)
    headers = {"Content-Type": CONTENT_TYPE}
    if token := given.get("token"):
        address = given.get("url", API).rstrip("/") + "/" + POST
        headers["Authorization"] = f"Bearer {token}"
        judge: Judge = SlackJudge(secret=token).api
    else:
        address = given["webhook_url"]
        judge = SlackJudge(secret=urlsplit(address).path).webhook
    return SlackSink(
        address=address,
        headers=headers,
        judge=judge,
        kept=MOST_READ if token else KEPT,
        channel=given.get("channel"),
        text=given.get("text"),
        blocks=given.get("blocks"),
        tools=tools,
        thread=_thread(given.get("thread"), tools),
        has_button=given.get("claim", False),
    )


def _with_claim(content: Mapping[str, Json], claim: Claim | None) -> Mapping[str, Json]:
    return content if claim is None else {**content, "blocks": claimed(cast("list[Json]", content["blocks"]), claim)}


def _thread(given: Mapping[str, Any] | None, tools: SinkTools) -> Thread | None:
    if given is None or tools.messages is None:
        return None
    return Thread(later=Later(given["later"]), keep=given["keep"], messages=tools.messages, now=tools.clock.now)


SINK = SinkType(name="slack", schema=SlackSchema, build=build)
