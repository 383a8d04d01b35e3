"""Texts in Slack's mrkdwn, cut where nothing breaks."""

from __future__ import annotations

import re

from hookrouter.wire.messages.plain_text import ELLIPSIS, printable, shorten, whole_until
from hookrouter.wire.messages.sandbox import escape_mrkdwn

_ENTITIES = ("&amp;", "&lt;", "&gt;")
_LINK = re.compile(r"<[^<>\n]*>")


def escaped(text: str, longest: int) -> str:
    """A text from elsewhere, for mrkdwn and for plain texts of Slack, at most `longest` characters."""
    return cut(escape_mrkdwn(printable(shorten(text, longest))), longest)


def cut(text: str, longest: int, mark: str = ELLIPSIS) -> str:
    """The text, or its beginning with a mark that says so; no entity, link or emoji is cut in two.

    Args:
        text: escaped already, with whatever links the operator made.
        longest: counted in UTF-16, so that it holds however Slack counts.
        mark: what stands for the rest.
    """
    if length(text) <= longest:
        return text
    place = _whole_until(text, longest - length(mark))
    return text[:place].rstrip() + mark


def length(text: str) -> int:
    """In UTF-16, which counts most emojis twice."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _whole_until(text: str, longest: int) -> int:
    fitting = text.encode("utf-16-le", "replace")[: 2 * longest].decode("utf-16-le", "ignore")
    place = whole_until(text, len(fitting))
    for entity in _ENTITIES:
        start = text.rfind("&", max(place - len(entity) + 1, 0), place)
        if start >= 0 and text.startswith(entity, start) and start + len(entity) > place:
            place = start
    start = text.rfind("<", 0, place)
    link = _LINK.match(text, start) if start >= 0 else None
    return start if link and link.end() > place else place
