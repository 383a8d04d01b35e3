"""The page on which a person watches leads come in and go out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Any

from aiohttp import web

from hookrouter.demo.arrivals import Arrival, Arrivals

STATIC = Path(__file__).with_name("static")
FILES = {"/": "page.html", "/page.js": "page.js", "/page.css": "page.css", "/icon.svg": "icon.svg"}
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
MOST_AT_ONCE = 300  # arrivals in one answer
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page_routes(arrivals: Arrivals, figures: Callable[[], dict[str, Any]]) -> list[web.RouteDef]:
    """The page's files, and what it asks for each second.

    Args:
        arrivals: What the stand-ins keep.
        figures: The numbers at the top.
    """

    async def state(request: web.Request) -> web.Response:
        after = request.query.get("after", "")
        since = arrivals.since(int(after) if after.isascii() and after.isdigit() else 0)
        shown = {"figures": figures(), "arrivals": [_as_shown(each) for each in since[-MOST_AT_ONCE:]]}
        return web.json_response(shown, headers=HEADERS, dumps=_dumps)

    return [web.get("/state.json", state), *(web.get(path, _sender(name)) for path, name in FILES.items())]


def _sender(name: str) -> Callable[[web.Request], Any]:
    path = STATIC / name
    text = path.read_text(encoding="utf-8")

    async def send(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=TYPES[path.suffix], charset="utf-8", headers=HEADERS)

    return send


def _as_shown(arrival: Arrival) -> dict[str, Any]:
    return asdict(arrival) | {"at": arrival.at.astimezone(UTC).isoformat(timespec="milliseconds")}


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
