"""What an unquoted YAML word means: a number or a truth value only where nobody could mean text."""

from __future__ import annotations

import re

import yaml

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_HALF = re.compile("[\ud800-\udfff]")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


def plain_value(event: yaml.ScalarEvent) -> object:
    """The value of a scalar: quoted and block scalars are texts, `02134`, `NO`, `18:00` and `1.10` too."""
    text: str = event.value
    if event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    # A number is one only when it is spelt as we would write it: `1.10` may be a version, `-0.0` nobody means.
    if _FLOAT.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return text


def has_half_character(text: str) -> bool:
    r"""Whether it holds a lone surrogate, as `"\ud800"` does, which no UTF-8 can write."""
    return not text.isascii() and _HALF.search(text) is not None
