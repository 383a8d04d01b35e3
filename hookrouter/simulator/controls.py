"""The simulator's own calls beside the API: its status, its faults, changes on demand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from hookrouter.simulator.call_meter import CallMeter
from hookrouter.simulator.dials import Dials
from hookrouter.simulator.faults import Faults

HIGHEST_COUNT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What a demo or a test turns; open to whoever reaches the port."""

    faults: Faults
    dials: Dials
    meter: CallMeter
    status: Callable[[], dict[str, Any]]
    unheard: Callable[[], list[str]]
    change: Callable[[int], Awaitable[int]]

    def routes(self) -> list[web.RouteDef]:
        """The calls."""
        return [
            web.get("/", self._show_status),
            web.get("/status", self._show_status),
            web.get("/unheard", self._show_unheard),
            web.get("/dials", self._show_dials),
            web.post("/dials", self._turn_dials),
            web.post("/calls-today", self._set_calls_today),
            web.get("/faults", self._show_fault),
            web.post("/faults", self._switch_fault),
            web.post("/changes", self._make_changes),
        ]

    async def _show_status(self, _request: web.Request) -> web.Response:
        return _json(self.status())

    async def _show_unheard(self, _request: web.Request) -> web.Response:
        """The leads whose last change no push brought."""
        return _json({"leads": self.unheard()})

    async def _show_dials(self, _request: web.Request) -> web.Response:
        return _json(self.dials.stand())

    async def _turn_dials(self, request: web.Request) -> web.Response:
        wanted = await _object_in(request)
        try:
            self.dials.turn(wanted)
        except ValueError as fault:
            raise web.HTTPBadRequest(text=str(fault)) from None
        return _json(self.dials.stand())

    async def _set_calls_today(self, request: web.Request) -> web.Response:
        """As if so many calls had been made today already."""
        self.meter.used_today = await _count_in(request)
        return _json({"count": self.meter.used_today})

    async def _show_fault(self, _request: web.Request) -> web.Response:
        return _json(self.faults.stand())

    async def _switch_fault(self, request: web.Request) -> web.Response:
        wanted = await _object_in(request)
        try:
            self.faults.switch(
                wanted.get("mode"),
                wanted.get("seconds"),
                share=wanted.get("share"),
                calls=wanted.get("calls"),
                methods=wanted.get("methods", ()),
            )
        except ValueError as fault:
            raise web.HTTPBadRequest(text=str(fault)) from None
        return _json(self.faults.stand())

    async def _make_changes(self, request: web.Request) -> web.Response:
        return _json({"changes": await self.change(await _count_in(request))})


async def _count_in(request: web.Request) -> int:
    count = (await _object_in(request)).get("count")
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= HIGHEST_COUNT:
        raise web.HTTPBadRequest(text=f"count must be a number from 0 to {HIGHEST_COUNT}")
    return count


async def _object_in(request: web.Request) -> dict[str, Any]:
    try:
        value = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        raise web.HTTPBadRequest(text="the body is not JSON") from None
    if not isinstance(value, dict):
        raise web.HTTPBadRequest(text="the body must be a JSON object")
    return value


def _json(value: object) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")
