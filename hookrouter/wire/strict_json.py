"""JSON as a stranger may send it: fast when it is plain, refused when it is a trick."""

from __future__ import annotations

import re
from typing import Any

import orjson

from hookrouter.domain.bounds import USUAL
from hookrouter.domain.errors import PushRefused

BOM = b"\xef\xbb\xbf"
REPLACEMENT = b"\\ufffd"
NESTED = (dict, list)

# A sender that cuts a text at so many characters may cut an emoji in half: one name's end must not cost the push.
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)


def read_json(body: bytes, depth: int = USUAL.depth) -> Any:
    """Read a body as JSON in UTF-8, with or without a byte order mark.

    Raises:
        PushRefused: 400, with the place of the fault but nothing of the body.
    """
    body = body.removeprefix(BOM)
    if not body.strip():
        raise PushRefused(400, "empty body", "the body is empty: send a JSON list of leads")
    try:
        value = _load(body)
    except orjson.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise PushRefused(400, "not JSON", f"the body is not JSON in UTF-8 ({where})") from None
    if _is_deeper_than(value, depth):
        raise PushRefused(400, "nested too deeply", f"the JSON is nested deeper than {depth} levels")
    return value


def _load(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        mended = _ESCAPE.sub(lambda found: REPLACEMENT if found[1] else found[0], body)
        if mended == body:
            raise
        return orjson.loads(mended)


def _is_deeper_than(value: Any, levels: int) -> bool:
    """Looked at level by level: a call for each of a million empty lists would take seconds."""
    level = [value] if isinstance(value, NESTED) else []
    for _ in range(levels):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, NESTED)
        ]
    return bool(level)
