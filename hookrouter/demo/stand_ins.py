"""Local stand-ins for Slack, an HTTP API and a mail server, which keep what they receive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks import Webhook, WebhookVerificationError

from hookrouter.clock import SystemClock
from hookrouter.demo.arrivals import Arrival, Arrivals, Kind
from hookrouter.domain.change import telling
from hookrouter.sinks.default_text import lead_name
from hookrouter.supervise.free_port import LOOPBACK

MAX_BODY = 1024 * 1024  # bytes
MAX_BLOCKS = 50  # https://docs.slack.dev/reference/block-kit/blocks
SUMMARY_LENGTH = 160

_clock = SystemClock()


class SlackStandIn:
    """Answers like an incoming webhook, and like the method that a bot posts by.

    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    https://docs.slack.dev/reference/methods/chat.postMessage
    """

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    async def take(self, request: web.Request) -> web.Response:
        """Accept what is posted to a webhook."""
        message = _json_object(await request.read())
        fault = "invalid_payload" if message is None else _slack_fault(message, blocks="invalid_payload")
        if message is None or fault:
            self._arrivals.refuse(Kind.SLACK)
            return web.Response(status=400, text=fault)
        self._keep(message)
        return web.Response(text="ok")

    async def take_post(self, request: web.Request) -> web.Response:
        """Accept what a bot posts: the status is 200 whatever the answer says."""
        message = _json_object(await request.read())
        fault = _bot_fault(request.headers.get("Authorization", ""), message)
        if message is None or fault:
            self._arrivals.refuse(Kind.SLACK)
            return web.json_response({"ok": False, "error": fault})
        self._keep(message)
        posted = {"channel": message["channel"], "ts": f"{_clock.now().timestamp():.6f}"}
        return web.json_response({"ok": True, **posted, "message": {"text": message.get("text", "")}})

    def _keep(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        lines = [*_block_texts(message.get("blocks", [])), *([text] if isinstance(text, str) else [])]
        self._arrivals.take(
            Arrival(
                at=_clock.now(),
                kind=Kind.SLACK,
                title=str(text or next(iter(lines), "message"))[:SUMMARY_LENGTH],
                summary=" ".join(lines)[:SUMMARY_LENGTH],
                body=message,
            )
        )


class ApiStandIn:
    """Takes signed leads and nothing else."""

    def __init__(self, arrivals: Arrivals, secret: str) -> None:
        self._arrivals = arrivals
        self._webhook = Webhook(secret)

    async def take(self, request: web.Request) -> web.Response:
        """Accept an envelope whose Standard Webhooks signature is right."""
        raw = await request.read()
        try:
            self._webhook.verify(raw, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):  # the library lets base64 and split errors through
            return self._refuse("the signature is wrong")
        envelope = _json_object(raw)
        if envelope is None:
            return self._refuse("the body is not a JSON object")
        inside = _mapping(envelope.get("data"))
        self._arrivals.take(
            Arrival(
                at=_clock.now(),
                kind=Kind.HTTP,
                title=f"{envelope.get('type', 'lead')} by {inside.get('route', '?')}",
                summary=_changes_in_words(inside),
                body=envelope,
                lead=str(_mapping(inside.get("lead")).get("id", "")),
                delivery=request.headers.get("webhook-id", ""),
            )
        )
        return web.Response(status=204)

    def _refuse(self, reason: str) -> web.Response:
        self._arrivals.refuse(Kind.HTTP)
        return web.Response(status=400, text=reason)


class MailStandIn:
    """A mail server that keeps the mail."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    async def listen(self) -> asyncio.Server:
        """Listen on a free port."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: SMTP(self, loop=loop, hostname="localhost"), LOOPBACK, 0)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Accept one mail."""
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        mail = message_from_bytes(raw, policy=policy.default)
        text = _mail_text(mail)
        self._arrivals.take(
            Arrival(
                at=_clock.now(),
                kind=Kind.MAIL,
                title=str(mail["subject"] or "(no subject)"),
                summary=" ".join(text.split())[:SUMMARY_LENGTH],
                body={"from": str(mail["from"]), "to": ", ".join(envelope.rcpt_tos), "text": text},
                delivery=str(mail["message-id"] or ""),
            )
        )
        return "250 OK"


def stand_in_routes(arrivals: Arrivals, secret: str) -> list[web.RouteDef]:
    """Slack and the HTTP API, for a server whose bodies are bounded by `MAX_BODY`."""
    slack = SlackStandIn(arrivals)
    return [
        web.post("/slack/api/chat.postMessage", slack.take_post),
        web.post("/slack/{channel:.+}", slack.take),
        web.post("/api/leads", ApiStandIn(arrivals, secret).take),
    ]


def _slack_fault(message: Mapping[str, Any], *, blocks: str) -> str:
    """Slack's word for what is wrong, or ''; for odd blocks a webhook and the method have different ones."""
    given, text = message.get("blocks", []), message.get("text")
    if not isinstance(given, list) or len(given) > MAX_BLOCKS:
        return blocks
    return "" if given or (isinstance(text, str) and text) else "no_text"


def _bot_fault(authorization: str, message: Mapping[str, Any] | None) -> str:
    if not authorization.startswith("Bearer xox"):
        return "invalid_auth" if authorization else "not_authed"
    if message is None:
        return "invalid_json"
    channel = message.get("channel")
    if not isinstance(channel, str) or not channel:
        return "channel_not_found"
    return _slack_fault(message, blocks="invalid_blocks")


def _json_object(raw: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _block_texts(blocks: list[Any]) -> list[str]:
    """Every text of a block, its fields and its elements, in order."""
    found = []
    for block in map(_mapping, blocks):
        inner = [block.get("text"), *(block.get("fields") or []), *(block.get("elements") or [])]
        found += [text for part in map(_mapping, inner) if isinstance(text := part.get("text"), str)]
    return found


def _changes_in_words(inside: Mapping[str, Any]) -> str:
    lead, previous = _mapping(inside.get("lead")), _mapping(inside.get("previous"))
    changed = telling(str(each) for each in inside.get("changed") or [])
    said = [f"{field} {previous[field]} → {lead.get(field)}" for field in changed if previous.get(field)]
    return ": ".join(filter(None, (lead_name(lead), ", ".join(said or changed))))[:SUMMARY_LENGTH]


def _mail_text(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        return ""
