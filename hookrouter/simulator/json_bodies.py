"""JSON in and out of the simulator's own calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web


async def object_in(request: web.Request) -> dict[str, Any]:
    """The JSON object in a request; what is none is answered with 400."""
    try:
        value = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        raise web.HTTPBadRequest(text="the body is not JSON") from None
    if not isinstance(value, dict):
        raise web.HTTPBadRequest(text="the body must be a JSON object")
    return value


def json_answer(value: object, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer that no browser takes for anything else."""
    safe = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", **(headers or {})}
    return web.Response(body=orjson.dumps(value), content_type="application/json", headers=safe)
