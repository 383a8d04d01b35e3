"""The simulator's own calls beside the API: its status, its faults, changes on demand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from hookrouter.simulator.faults import Faults

MOST_CHANGES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What a demo or a test turns; open to whoever reaches the port."""

    faults: Faults
    status: Callable[[], dict[str, Any]]
    change: Callable[[int], Awaitable[int]]

    def routes(self) -> list[web.RouteDef]:
        """The calls."""
        return [
            web.get("/", self._show_status),
            web.post("/faults", self._switch_fault),
            web.post("/changes", self._make_changes),
        ]

    async def _show_status(self, _request: web.Request) -> web.Response:
        return _json(self.status())

    async def _switch_fault(self, request: web.Request) -> web.Response:
        wanted = await _object_in(request)
        try:
            self.faults.switch(wanted.get("mode"), wanted.get("seconds"))
        except ValueError as fault:
            raise web.HTTPBadRequest(text=str(fault)) from None
        return _json({"mode": self.faults.mode, "seconds": self.faults.seconds})

    async def _make_changes(self, request: web.Request) -> web.Response:
        count = (await _object_in(request)).get("count")
        if not isinstance(count, int) or not 0 <= count <= MOST_CHANGES:
            raise web.HTTPBadRequest(text=f"count must be a number from 0 to {MOST_CHANGES}")
        return _json({"changes": await self.change(count)})


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
