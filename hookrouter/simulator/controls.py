"""The simulator's own calls beside the API: its status, its faults, changes on demand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hookrouter.simulator.call_meter import CallMeter
from hookrouter.simulator.described import described, fault_modes
from hookrouter.simulator.dials import Dials
from hookrouter.simulator.faults import Faults
from hookrouter.simulator.json_bodies import json_answer, object_in

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
            web.get("/status", self._show_status),
            web.get("/unheard", self._show_unheard),
            web.get("/dials", self._show_dials),
            web.get("/dials/described", self._describe_dials),
            web.post("/dials", self._turn_dials),
            web.post("/calls-today", self._set_calls_today),
            web.get("/faults", self._show_fault),
            web.post("/faults", self._switch_fault),
            web.post("/changes", self._make_changes),
        ]

    async def _show_status(self, _request: web.Request) -> web.Response:
        return json_answer(self.status())

    async def _show_unheard(self, _request: web.Request) -> web.Response:
        """The leads whose last change no push brought."""
        return json_answer({"leads": self.unheard()})

    async def _show_dials(self, _request: web.Request) -> web.Response:
        return json_answer(self.dials.stand())

    async def _describe_dials(self, _request: web.Request) -> web.Response:
        return json_answer({"dials": described(self.dials), "faults": fault_modes(), "fault": self.faults.stand()})

    async def _turn_dials(self, request: web.Request) -> web.Response:
        wanted = await object_in(request)
        try:
            self.dials.turn(wanted)
        except ValueError as fault:
            raise web.HTTPBadRequest(text=str(fault)) from None
        return json_answer(self.dials.stand())

    async def _set_calls_today(self, request: web.Request) -> web.Response:
        """As if so many calls had been made today already."""
        self.meter.used_today = await _count_in(request)
        return json_answer({"count": self.meter.used_today})

    async def _show_fault(self, _request: web.Request) -> web.Response:
        return json_answer(self.faults.stand())

    async def _switch_fault(self, request: web.Request) -> web.Response:
        wanted = await object_in(request)
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
        return json_answer(self.faults.stand())

    async def _make_changes(self, request: web.Request) -> web.Response:
        return json_answer({"changes": await self.change(await _count_in(request))})


async def _count_in(request: web.Request) -> int:
    count = (await object_in(request)).get("count")
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= HIGHEST_COUNT:
        raise web.HTTPBadRequest(text=f"count must be a number from 0 to {HIGHEST_COUNT}")
    return count
