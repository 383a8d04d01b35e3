"""A Slack workspace on 127.0.0.1, as far as a bot may write to it: messages, threads, edits, words for one person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from hookrouter.testing.far_side import FarSide

TOKEN = "xoxb-1-canary"
DEALS = "C024BE91L"


@dataclass
class SlackMessage:
    channel: str
    ts: str
    text: str
    blocks: list[Any]
    thread_ts: str = ""


@dataclass
class Workspace:
    """What people see; `refuses` are words that it answers next instead of doing what it is asked."""

    messages: list[SlackMessage] = field(default_factory=list)
    whispers: list[dict[str, Any]] = field(default_factory=list)
    refuses: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    is_away: bool = False
    far: FarSide = field(init=False)

    def __post_init__(self) -> None:
        self.far = FarSide(self._answer)

    @property
    def url(self) -> str:
        return f"{self.far.url}/api"

    @property
    def first(self) -> list[SlackMessage]:
        """The messages of the channels themselves."""
        return [message for message in self.messages if not message.thread_ts]

    def replies(self, to: SlackMessage) -> list[SlackMessage]:
        return [message for message in self.messages if message.thread_ts == to.ts]

    def delete(self, message: SlackMessage) -> None:
        self.messages.remove(message)

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.path.rpartition("/")[2]
        self.calls.append(method)
        if self.is_away:
            return web.Response(status=503)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return said(error="invalid_auth")
        if self.refuses:
            return said(error=self.refuses.pop(0))
        asked = json.loads(await request.read())
        match method:
            case "chat.postMessage":
                return self._post(asked)
            case "chat.update":
                return self._update(asked)
            case "chat.postEphemeral":
                self.whispers.append(asked)
                return said(message_ts="1503435956.000900")
        return said(error="unknown_method")

    def _post(self, asked: Mapping[str, Any]) -> web.Response:
        ts = f"1503435956.{len(self.calls):06}"
        thread = asked.get("thread_ts", "")
        if not any(message.ts == thread for message in self.messages):
            thread = ""  # whoever answers a deleted message speaks to the channel
        posted = SlackMessage(DEALS, ts, asked["text"], asked["blocks"], thread)
        self.messages.append(posted)
        shown = {"text": posted.text, "ts": ts} | ({"thread_ts": thread} if thread else {})
        return said(channel=posted.channel, ts=ts, message=shown)

    def _update(self, asked: Mapping[str, Any]) -> web.Response:
        if asked["channel"] != DEALS:
            return said(error="channel_not_found")
        for message in self.messages:
            if message.ts == asked["ts"]:
                message.text, message.blocks = asked["text"], asked["blocks"]
                return said(channel=message.channel, ts=message.ts, text=message.text)
        return said(error="message_not_found")


def said(**answer: Any) -> web.Response:
    return web.json_response({"ok": "error" not in answer, **answer})


def texts_of(message: SlackMessage) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)
