"""The sink type `slack`: an incoming webhook of Slack.

Its answers (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors, formerly
https://api.slack.com/messaging/webhooks): 200 `ok`; 400 `invalid_payload`, `user_not_found`; 403
`action_prohibited`; 404 `channel_not_found`, `no_service`; 410 `channel_is_archived`; 500 `rollup_error`; 429 with
Retry-After when there are too many (https://docs.slack.dev/apis/web-api/rate-limits). The URL itself is the secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
from marshmallow import ValidationError, fields, validates

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Dead, Delivered, Outcome, Reason
from hookrouter.net.answers import exchange
from hookrouter.ports.sinks import Message
from hookrouter.sinks.default_text import DefaultText, FieldChange, default_text
from hookrouter.sinks.kinds import SinkTools, SinkType
from hookrouter.wire.plain_text import ELLIPSIS, shorten
from hookrouter.wire.sandbox import Escaping, escape_mrkdwn
from hookrouter.wire.sink_schema import SinkSchema
from hookrouter.wire.template import Template, TemplateField, link_of, template_context

LONGEST_TEXT = 3000  # https://docs.slack.dev/reference/block-kit/blocks/section-block
LONGEST_FIELD = 2000  # as above, `fields`
LONGEST_HEADER = 150  # https://docs.slack.dev/reference/block-kit/blocks/header-block
HEADERS = {"Content-Type": "application/json"}

_WORDS = (
    "action_prohibited channel_is_archived channel_not_found invalid_payload invalid_token no_active_hooks no_service "
    "no_service_id no_team no_text posting_to_general_channel_denied team_disabled user_not_found"
)
REFUSALS = frozenset(_WORDS.split())
"""What Slack writes into an answer that took nothing, also under a status of success."""

_WEBHOOK = re.compile(r"https://[^/?#@\s]+/\S*|http://(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?/\S*")


class SlackSchema(SinkSchema):
    """The options of a Slack sink."""

    webhook_url = fields.String(required=True)
    text = TemplateField(Escaping.MRKDWN)

    @validates("webhook_url")
    def _goes_encrypted(self, url: str, data_key: str) -> None:  # noqa: ARG002 - the library's signature
        if not _WEBHOOK.fullmatch(url):
            raise ValidationError("an https:// URL is needed (http:// only for this machine, to try things out)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackMessage:
    """What is posted to the webhook."""

    content: dict[str, Json] = field(repr=False)

    def preview(self) -> Json:
        """The text and the blocks."""
        return self.content


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSink:
    """A channel of Slack behind an incoming webhook."""

    url: str = field(repr=False)
    text: Template | None = field(repr=False)
    tools: SinkTools = field(repr=False)

    def render(self, delivery: Delivery) -> SlackMessage:
        """The operator's text, or the default one in blocks; values are escaped so that they ping nobody."""
        wording = default_text(delivery, link_of(delivery, self.tools.lead_link))
        if self.text is None:
            text, blocks = _escaped(wording.summary), _default_blocks(wording)
        else:
            text = _cut(self.text.render(template_context(delivery, self.tools.lead_link)).strip(), LONGEST_TEXT)
            text = text or _escaped(wording.summary)
            blocks = [{"type": "section", "text": _mrkdwn(text)}, _context(wording)]
        return SlackMessage(
            content={
                "text": text,
                "blocks": blocks,
                "link_names": False,
                "unfurl_links": False,
                "unfurl_media": False,
            }
        )

    async def send(self, delivery: Delivery, message: Message) -> Outcome:  # noqa: ARG002 - the context block names the delivery
        """Post once."""
        outcome = await exchange(
            self.tools.session(),
            method="POST",
            url=self.url,
            headers=HEADERS,
            body=orjson.dumps(cast("SlackMessage", message).content),
            timeout=self.tools.timeout,
            clock=self.tools.clock,
        )
        if isinstance(outcome, Delivered) and outcome.answer.text.strip() in REFUSALS:
            return Dead(reason=Reason.REFUSED, answer=outcome.answer)
        return outcome


def build(name: SinkName, options: Mapping[str, object], tools: SinkTools) -> SlackSink:  # noqa: ARG001 - every sink type's signature
    """Build a Slack sink from what `SlackSchema` loaded."""
    given = cast("Mapping[str, Any]", options)
    return SlackSink(url=given["webhook_url"], text=given.get("text"), tools=tools)


def _default_blocks(wording: DefaultText) -> list[Json]:
    title = _escaped(f"{wording.headline}: {wording.name}", LONGEST_HEADER)
    blocks: list[Json] = [{"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}]
    if wording.changes:
        blocks.append({"type": "section", "fields": [_field(change) for change in wording.changes]})
    if wording.history:
        lines = "\n".join(f"• {line}" for line in wording.history)
        blocks.append({"type": "section", "text": _mrkdwn(_escaped(lines))})
    blocks.append(_context(wording))
    return blocks


def _field(change: FieldChange) -> Json:
    return _mrkdwn(_cut(f"*{_escaped(change.name, 100)}*\n{_escaped(change.values)}", LONGEST_FIELD))


def _context(wording: DefaultText) -> Json:
    notes = [_escaped(part) for part in (wording.remainder, wording.origin) if part]
    if wording.link:
        notes.insert(0, f"<{_escaped(wording.link).replace('|', '%7C')}|Open in the CRM>")
    return {"type": "context", "elements": [_mrkdwn(" · ".join(notes))]}


def _mrkdwn(text: str) -> dict[str, Json]:
    # `verbatim`: names and addresses in a lead are not made into mentions or links.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _escaped(text: str, longest: int = LONGEST_TEXT) -> str:
    return _cut(escape_mrkdwn(shorten(text, longest)), longest)


def _cut(text: str, longest: int) -> str:
    """Shorten a text that is escaped already, without leaving half an entity."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    start = kept.rfind("&")
    return (kept if start < 0 or ";" in kept[start:] else kept[:start]) + ELLIPSIS


SINK = SinkType(name="slack", schema=SlackSchema, build=build)
