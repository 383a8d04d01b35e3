"""JSON as a stranger may send it: fast when it is plain, refused when it is a trick."""

from __future__ import annotations

from typing import Any

import orjson

from hookrouter.domain.bounds import USUAL
from hookrouter.domain.errors import PushRefused

BOM = b"\xef\xbb\xbf"


def read_json(body: bytes, depth: int = USUAL.depth) -> Any:
    """Read a body as JSON in UTF-8, with or without a byte order mark.

    Raises:
        PushRefused: 400, with the place of the fault but nothing of the body.
    """
    body = body.removeprefix(BOM)
    if not body.strip():
        raise PushRefused(400, "empty body", "the body is empty: send a JSON list of leads")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise PushRefused(400, "not JSON", f"the body is not JSON in UTF-8 ({where})") from None
    if _is_deeper_than(value, depth):
        raise PushRefused(400, "nested too deeply", f"the JSON is nested deeper than {depth} levels")
    return value


def _is_deeper_than(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        return levels == 0 or any(_is_deeper_than(v, levels - 1) for v in value.values() if isinstance(v, dict | list))
    if isinstance(value, list):
        return levels == 0 or any(_is_deeper_than(v, levels - 1) for v in value if isinstance(v, dict | list))
    return False
