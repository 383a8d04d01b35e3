"""Keeps other web pages from turning the simulator's dials through the browser of whoever runs it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

API = "/pubapi/"


@web.middleware
async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a page of another origin sends; what no browser sends has no origin, and passes."""
    origin = request.headers.get("Origin")
    if origin is not None and not request.path.startswith(API) and not _is_own(origin, request.host):
        raise web.HTTPForbidden(text="this comes from another web page")
    return await handler(request)


def _is_own(origin: str, host: str) -> bool:
    """The same origin; and no name of the internet, for such a name may have been pointed here to look the same."""
    name = urlsplit(f"//{host}").hostname or ""
    return urlsplit(origin).netloc == host and ("." not in name or name.endswith(".localhost") or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
