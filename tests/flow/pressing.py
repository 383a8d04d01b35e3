"""People who press buttons in Slack."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from flow_stack import LOOPBACK, Stack
from slack_workspace import SlackMessage

from hookrouter.wire.slack.signature import sign

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


def button_of(message: SlackMessage) -> dict[str, Any]:
    elements = [element for block in message.blocks for element in block.get("elements", [])]
    return next(element for element in elements if element.get("action_id") == "hookrouter_claim")


def press(stack: Stack, user: str, message: SlackMessage, button: dict[str, Any], secret: str = SIGNING_SECRET) -> int:
    """Press the button; Slack's answer."""
    payload = {
        "type": "block_actions",
        "user": {"id": user},
        "channel": {"id": message.channel},
        "message": {"ts": message.ts, "text": message.text, "blocks": message.blocks},
        "actions": [button],
    }
    body, moment = urlencode({"payload": json.dumps(payload)}).encode(), str(int(time.time()))
    headers = {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": sign(secret, moment, body)}
    url = f"http://{LOOPBACK}:{stack.port}/slack/actions"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=3) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
