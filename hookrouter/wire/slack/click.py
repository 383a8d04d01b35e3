"""A click as Slack tells it: a form with one field of JSON, of which little is needed.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from hookrouter.domain.lead import Json
from hookrouter.wire.slack.button import ACTION, ButtonValue, read_button

MOST_FIELDS = 20
MOST_BLOCKS = 50
LARGEST_MESSAGE = 64 * 1024
"""Bytes of blocks that are kept; Slack takes messages of a quarter of it."""
_ID = re.compile(r"[A-Z][A-Z0-9]{2,40}")
_TS = re.compile(r"[0-9]{1,20}\.[0-9]{1,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button of ours that somebody pressed, in a message that stands at `channel` and `ts`."""

    user: str
    button: ButtonValue
    channel: str
    ts: str
    thread_ts: str
    text: str = field(repr=False)
    blocks: tuple[Json, ...] = field(repr=False)


def read_click(body: bytes) -> Pressed | None:
    """The button that was pressed; None for whatever else Slack tells."""
    try:
        form = dict(parse_qsl(body.decode(), max_num_fields=MOST_FIELDS))
        told: Any = orjson.loads(form.get("payload", ""))
    except (ValueError, UnicodeDecodeError):
        return None
    if not isinstance(told, dict) or told.get("type") != "block_actions":
        return None
    button = next((found for action in _list(told.get("actions")) if (found := _button(action))), None)
    return None if button is None else _pressed(told, button)


def _button(action: Any) -> ButtonValue | None:
    action = _map(action)
    is_ours = action.get("action_id") == ACTION and isinstance(action.get("value"), str)
    return read_button(action["value"]) if is_ours else None


def _pressed(told: dict[str, Any], button: ButtonValue) -> Pressed | None:
    user, message, container = (_map(told.get(part)) for part in ("user", "message", "container"))
    person = _named(_ID, user.get("id"))
    channel = _named(_ID, _map(told.get("channel")).get("id")) or _named(_ID, container.get("channel_id"))
    ts = _named(_TS, message.get("ts")) or _named(_TS, container.get("message_ts"))
    if not person or not channel or not ts:
        return None
    thread, text = _named(_TS, message.get("thread_ts")), message.get("text")
    return Pressed(
        user=person,
        button=button,
        channel=channel,
        ts=ts,
        thread_ts="" if thread == ts else thread,
        text=text if isinstance(text, str) else "",
        blocks=_blocks(message.get("blocks")),
    )


def _blocks(told: Any) -> tuple[Json, ...]:
    """A message's blocks, unless there is something odd about them: without them the message is answered instead."""
    blocks = _list(told)
    try:
        size = len(orjson.dumps([[blocks]]))  # as deep as they will be kept
    except orjson.JSONEncodeError:
        return ()
    return tuple(blocks) if size <= LARGEST_MESSAGE and len(blocks) <= MOST_BLOCKS else ()


def _named(shape: re.Pattern[str], value: Any) -> str:
    """A name of Slack's; '' if it is none."""
    return value if isinstance(value, str) and shape.fullmatch(value) else ""


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
