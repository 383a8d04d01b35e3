"""A line between client and simulator that can lose, spoil and refuse what passes over it, all over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from hookrouter.crm.client import CrmClient, open_crm_session
from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.quirks import Quirks
from hookrouter.simulator.server import Simulator, serving

FEW = 3  # leads with all that people have
ACCOUNT, SECRET = "2_0A1B2C3D", "SECRET0KEY0OF0TESTS"


class Mishap(StrEnum):
    """What happens to one call."""

    LOST = "lost"  # the CRM did it; its answer never comes
    EMPTY = "empty"  # the CRM did it, and answers with an error and no results (crm-api 1.4, shape 5)
    BROKEN = "broken"  # a page of a proxy; the CRM never heard of it
    BUSY = "busy"  # 107: the CRM did nothing
    TODAY = "today"  # 106: likewise
    TOO_MUCH = "too much"  # 209: likewise


REFUSALS = {Mishap.BUSY: 107, Mishap.TODAY: 106, Mishap.TOO_MUCH: 209}


class Line:
    """Passes calls on; `mishaps` befall the next ones, in order, and `asked` remembers all.

    What stands in `meanwhile` happens before the call of that number, counted from 1.
    """

    def __init__(self, far: str) -> None:
        self._far = far
        self._session: aiohttp.ClientSession | None = None
        self.mishaps: list[Mishap | None] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.url = ""

    def methods(self) -> list[str]:
        """The methods that were called."""
        return [method for method, _ in self.asked]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Line]:
        application = web.Application(client_max_size=32 * 1024 * 1024)
        application.router.add_post("/{version}/", self._pass)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        async with aiohttp.ClientSession() as self._session:
            try:
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
                yield self
            finally:
                await runner.cleanup()

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        call = orjson.loads(body)
        self.asked.append((call["method"], call["params"]))
        self.meanwhile.pop(len(self.asked), lambda: None)()
        mishap = self.mishaps.pop(0) if self.mishaps else None
        if mishap is Mishap.BROKEN:
            return web.Response(status=503, text="<html>Service temporarily unavailable</html>")
        if mishap in REFUSALS:
            return web.json_response({"result": [], "error": {"code": REFUSALS[mishap], "message": "", "data": []}})
        assert self._session is not None
        far = f"{self._far}/pubapi/{request.match_info['version']}/"
        async with self._session.post(far, params=request.query, data=body) as answer:
            told = await answer.read()
        if mishap is Mishap.LOST:
            assert request.transport is not None
            request.transport.close()
        if mishap is Mishap.EMPTY:
            told = orjson.dumps(emptied(orjson.loads(told)))
        return web.Response(status=answer.status, body=told, content_type="application/json")


def emptied(envelope: dict[str, Any]) -> dict[str, Any]:
    key = next(iter(envelope["result"]))
    return {**envelope, "result": {key: []}, "error": [{"code": 999, "message": "", "data": []}]}


def a_simulator(leads: int, quirks: Quirks | None = None) -> Simulator:
    """A CRM that takes as many calls a second as come."""
    allowance = Allowance(per_second=0)
    return Simulator(account_id=ACCOUNT, secret_key=SECRET, leads=leads, allowance=allowance, quirks=quirks)


def settle(simulator: Simulator, leads: int) -> None:
    """Plain leads, one each second of the past: to invent whole people takes its time."""
    for number in range(leads):
        at = datetime(2026, 1, 31) + timedelta(seconds=number)  # noqa: DTZ001 - as the CRM writes it
        simulator.book.create({"emailAddress": f"{number}@example.org"}, at=f"{at:%Y-%m-%d %H:%M:%S}")


def a_client(session: aiohttp.ClientSession, url: str, **settings: Any) -> CrmClient:
    usual: dict[str, Any] = {"account_id": ACCOUNT, "secret_key": SECRET, "timeout": 10}
    return CrmClient(url=url, session=session, **{**usual, **settings})


@asynccontextmanager
async def a_line(
    leads: int = 3, quirks: Quirks | None = None, **settings: Any
) -> AsyncIterator[tuple[CrmClient, Line, Simulator]]:
    """A client, the line by which it reaches a fresh simulator, and that."""
    simulator = a_simulator(min(leads, FEW), quirks)
    if leads > FEW:
        settle(simulator, leads - FEW)
    async with serving(simulator), Line(simulator.url).open() as line, open_crm_session() as session:
        yield a_client(session, f"{line.url}/v1.2/", **settings), line, simulator
