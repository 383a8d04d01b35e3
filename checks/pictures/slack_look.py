"""Slack's blocks as a page, near enough to how Slack shows them to judge a message by."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Block = Mapping[str, Any]

STYLE = """
body { margin: 0; background: #fff; color: #1d1c1d; font: 15px/1.47 Lato, "Noto Sans", sans-serif; width: 640px; }
.message { display: grid; grid-template-columns: 36px 1fr; gap: 8px; padding: 12px 20px; }
.message.reply { margin-left: 44px; border-left: 3px solid #e8e8e8; padding: 6px 12px; }
.face { width: 36px; height: 36px; border-radius: 6px; background: #3f6f8f; color: #fff; display: grid;
        place-items: center; font-weight: 900; }
.who { font-weight: 900; } .who small { color: #616061; font-weight: 400; margin-left: 6px; }
.who .app { background: #e8e8e8; color: #616061; border-radius: 3px; font-size: 10px; padding: 1px 4px;
            margin-left: 6px; }
h1 { font-size: 18px; line-height: 1.3; margin: 6px 0 8px; overflow-wrap: anywhere; }
.fields { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 2px 12px; margin: 4px 0; }
.fields > *, p { overflow-wrap: anywhere; white-space: pre-wrap; margin: 4px 0; }
.context { color: #616061; font-size: 13px; margin: 6px 0 2px; overflow-wrap: anywhere; }
a { color: #1264a3; text-decoration: none; }
code { color: #c01343; background: #f6f6f6; border: 1px solid #ddd; font-size: 12px; padding: 1px 3px; }
button { font: inherit; font-weight: 700; background: #fff; border: 1px solid #bbb; border-radius: 4px;
         padding: 4px 12px; margin: 6px 8px 4px 0; }
button.primary { background: #007a5a; border-color: #007a5a; color: #fff; }
hr { border: 0; border-top: 1px solid #ddd; margin: 10px 0; }
.mention { background: #e8f5fa; color: #1264a3; border-radius: 3px; padding: 0 2px; }
"""

_MARKS = (
    (re.compile(r'<(https?://[^|>"]*)\|([^>]*)>'), r'<a href="\1">\2</a>'),
    (re.compile(r"<@(\w+)>"), r'<span class="mention">@\1</span>'),
    (re.compile(r"(?<![\w*])\*(?!\s)([^*\n]+?)\*(?![\w*])"), r"<b>\1</b>"),
    (re.compile(r"(?<![\w~])~(?!\s)([^~\n]+?)~(?![\w~])"), r"<s>\1</s>"),
    (re.compile(r"`([^`\n]+?)`"), r"<code>\1</code>"),
)
_DATE = re.compile(r"<!date\^(\d+)\^\{date_short_pretty\} at \{time\}\|[^>]*>")
"""https://docs.slack.dev/messaging/formatting-message-text#date-formatting: as somebody in UTC sees it."""


def page_of(messages: Sequence[tuple[str, Sequence[Block]]]) -> str:
    """A channel with messages, each with when it came; one whose time begins with `↳` stands in the thread above it."""
    return f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>' + "".join(map(_message, messages))


def _message(message: tuple[str, Sequence[Block]]) -> str:
    at, blocks = message
    reply = " reply" if at.startswith("↳") else ""
    who = f'<div class="who">hookrouter<span class="app">APP</span><small>{html.escape(at.lstrip("↳ "))}</small></div>'
    return f'<div class="message{reply}"><div class="face">h</div><div>{who}{"".join(map(_block, blocks))}</div></div>'


def _block(block: Block) -> str:
    match block["type"]:
        case "header":
            return f"<h1 dir=auto>{_text(block['text'])}</h1>"
        case "section":
            text = f"<p dir=auto>{_text(block['text'])}</p>" if "text" in block else ""
            fields = "".join(f"<div dir=auto>{_text(field)}</div>" for field in block.get("fields", ()))
            return text + (f'<div class="fields">{fields}</div>' if fields else "")
        case "context":
            return f'<div class="context">{" ".join(map(_text, block["elements"]))}</div>'
        case "actions":
            return "".join(map(_button, block["elements"]))
        case "divider":
            return "<hr>"
        case other:
            raise ValueError(f"how Slack shows a block of type {other} is not known here")


def _button(element: Block) -> str:
    return f'<button class="{html.escape(str(element.get("style", "")))}">{_text(element["text"])}</button>'


def _text(text: Block) -> str:
    """A text in which Slack's own escapes stand, which are HTML's; what else is in angle brackets is Slack's markup."""
    shown: str = text["text"]
    if text["type"] == "plain_text":
        return shown.replace("<", "&lt;")
    shown = _DATE.sub(lambda date: datetime.fromtimestamp(int(date[1]), UTC).strftime("today at %-I:%M %p"), shown)
    for pattern, made in _MARKS:
        shown = pattern.sub(made, shown)
    return shown
