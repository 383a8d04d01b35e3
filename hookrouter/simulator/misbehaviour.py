"""What each fault looks like on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web

from hookrouter.simulator.faults import FaultMode
from hookrouter.simulator.push_body import php_json
from hookrouter.simulator.refusals import error_object
from hookrouter.wire.crm.errors import QUOTA_SPENT_TODAY, TOO_MANY_A_SECOND, UNKNOWN_ERROR

HTML = "<!DOCTYPE html><html><body><h1>{title}</h1><p>Please try again in a few minutes.</p></body></html>"
PAGES = MappingProxyType(
    {
        FaultMode.HTML_502: (502, "Bad gateway"),
        FaultMode.HTML_503: (503, "Service temporarily unavailable"),
        FaultMode.HTML_504: (504, "Gateway timeout"),
        FaultMode.HTML_200: (200, "Lead Gen &amp; CRM"),
        FaultMode.THROTTLED: (429, "Too many requests"),
    }
)
REFUSALS = MappingProxyType(
    {
        FaultMode.RATE: TOO_MANY_A_SECOND,
        FaultMode.QUOTA: QUOTA_SPENT_TODAY,
        FaultMode.UNKNOWN: UNKNOWN_ERROR,
    }
)
WRITTEN = ("creates", "updates", "deletes")
LIGHT = 200  # rows that a heavy API still serves
LOGIN_PATH = "/login"


async def instead_of_answer(mode: FaultMode, seconds: float, request: web.Request) -> web.StreamResponse | None:
    """What comes in place of carrying the call out; None lets it be carried out."""
    if mode in PAGES:
        return _page(*PAGES[mode])
    if mode in REFUSALS:
        envelope = {"result": [], "error": error_object(REFUSALS[mode]), "id": ""}
        return web.Response(body=php_json(envelope), content_type="application/json")
    match mode:
        case FaultMode.RESET:
            return cut_off(request)
        case FaultMode.LOGIN:
            return web.Response(status=303, headers={"Location": LOGIN_PATH})
        case FaultMode.SLOW:
            await asyncio.sleep(seconds)
    return None


def spoil(mode: FaultMode, envelope: Mapping[str, Any]) -> Mapping[str, Any] | web.Response:
    """What becomes of the answer to a call that was carried out."""
    result = envelope["result"]
    rows = next(iter(result.values()), None) if isinstance(result, dict) else None
    match mode:
        case FaultMode.HTML_504_AFTER:
            return _page(*PAGES[FaultMode.HTML_504])
        case FaultMode.HEAVY if isinstance(rows, list) and len(rows) > LIGHT:
            return _page(*PAGES[FaultMode.HTML_504])
        case FaultMode.UNSURE if isinstance(result, dict) and result.keys() & set(WRITTEN):
            return {**envelope, "result": {key: [] for key in result}, "error": [error_object(UNKNOWN_ERROR)]}
    return envelope


async def send(mode: FaultMode, seconds: float, request: web.Request, body: bytes) -> web.StreamResponse:
    """The answer on its way, whole or not."""
    if mode is FaultMode.RESET_AFTER:
        return cut_off(request)
    if mode not in (FaultMode.SLOW_BODY, FaultMode.CUT):
        return web.Response(body=body, content_type="application/json")
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    half = len(body) // 2
    await response.write(body[:half])
    if mode is FaultMode.CUT:
        return cut_off(request, response)
    await asyncio.sleep(seconds)
    await response.write(body[half:])
    await response.write_eof()
    return response


def cut_off(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Cut the connection."""
    if request.transport is not None:
        request.transport.abort() if response is None else request.transport.close()
    return response or web.Response()


async def show_login(_request: web.Request) -> web.Response:
    """The page to which a caller is sent who is no longer known."""
    return _page(200, "Log in")


def _page(status: int, title: str) -> web.Response:
    return web.Response(status=status, text=HTML.format(title=title), content_type="text/html")
