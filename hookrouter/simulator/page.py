"""The page on which a person looks at the simulated CRM and changes what is in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from hookrouter.simulator.json_bodies import json_answer

STATIC = Path(__file__).with_name("static")
FILES = ("page.css", "page.js", "leads.js", "dials.js", "dom.js", "icon.svg")
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page_routes(status: Callable[[], dict[str, Any]]) -> list[web.RouteDef]:
    """The page for those who ask for HTML, the status for all others, and the page's files."""
    show_page = _sender("page.html")

    async def front(request: web.Request) -> web.Response:
        if "text/html" in request.headers.get("Accept", ""):
            return await show_page(request)
        return json_answer(status(), headers={"Vary": "Accept"})

    return [web.get("/", front), *(web.get(f"/static/{name}", _sender(name)) for name in FILES)]


def _sender(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    path = STATIC / name
    text = path.read_text(encoding="utf-8")

    async def send(_request: web.Request) -> web.Response:
        headers = {**HEADERS, "Vary": "Accept"}
        return web.Response(text=text, content_type=TYPES[path.suffix], charset="utf-8", headers=headers)

    return send
