"""Text from elsewhere, made safe to show."""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")

_JOINER = "\N{ZERO WIDTH JOINER}"
_MARKS = frozenset({"Mn", "Mc", "Me"})
_MODIFIERS = re.compile(r"[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u200d]")
_FLAG_LETTERS = re.compile(r"[\U0001f1e6-\U0001f1ff]*\Z")
_MOST_JOINED = 32
"""Marks heaped upon one letter beyond this are no longer worth keeping together."""


def one_line(text: str) -> str:
    """The text in one line: control characters, line breaks among them, become single spaces."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _BREAKS.sub(" ", text)).strip()


def printable(text: str) -> str:
    """The text with its lines kept; other control characters and bidirectional overrides are replaced."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def shorten(text: str, longest: int) -> str:
    """The text, or its beginning with an ellipsis, at most `longest` characters; no emoji is cut in two."""
    return text if len(text) <= longest else text[: whole_until(text, longest - 1)] + ELLIPSIS


def whole_until(text: str, place: int) -> int:
    """The nearest place, at `place` or a little before, that parts nothing of what is shown as one character."""
    if place >= len(text):
        return len(text)
    for whole in range(place, max(place - _MOST_JOINED, 0), -1):
        if not _belong_together(text, whole):
            return whole
    return place


def _belong_together(text: str, place: int) -> bool:
    following = text[place]
    if unicodedata.category(following) in _MARKS or _MODIFIERS.match(following) or text[place - 1] == _JOINER:
        return True
    if not _FLAG_LETTERS.match(following):
        return False
    letters = _FLAG_LETTERS.search(text, max(place - _MOST_JOINED, 0), place)
    return letters is not None and len(letters[0]) % 2 == 1  # a flag is a pair of letters
