"""Text from elsewhere, made safe to show."""

from __future__ import annotations

import re

ELLIPSIS = "…"
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def one_line(text: str) -> str:
    """The text in one line: control characters, line breaks among them, become single spaces."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _BREAKS.sub(" ", text)).strip()


def printable(text: str) -> str:
    """The text with its lines kept; other control characters and bidirectional overrides are replaced."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def shorten(text: str, longest: int) -> str:
    """The text, or its beginning with an ellipsis, at most `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + ELLIPSIS
