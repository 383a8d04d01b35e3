"""Far sides that misbehave at the first attempt of each delivery, each on a port of its own, in one thread."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from hookrouter.testing.far_side import Answering, FarSide, answers

DRIP_EVERY = 0.1
"""Seconds between two bytes of an answer: it goes on for longer than an attempt may take."""


@dataclass(frozen=True, slots=True)
class Came:
    """One request: by which name, when it came in, and whether it was answered well."""

    name: str
    at: float
    is_taken: bool


@dataclass(slots=True)
class Side:
    """One far side; `trouble` is how it answers a delivery that it sees for the first time."""

    trouble: Answering
    came: list[Came] = field(default_factory=list)
    server: FarSide = field(init=False)

    def __post_init__(self) -> None:
        self.server = FarSide(self._answer)

    @property
    def taken(self) -> list[str]:
        return [one.name for one in self.came.copy() if one.is_taken]

    def waited(self) -> list[float]:
        """Seconds between the first attempt of each delivery and its next."""
        seen: dict[str, list[float]] = {}
        for one in self.came.copy():
            seen.setdefault(one.name, []).append(one.at)
        return [moments[1] - moments[0] for moments in seen.values()]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.headers.get("webhook-id") or (await request.read()).decode()  # Slack's have no name
        is_new = self.trouble is not WELL and name not in {one.name for one in self.came}
        self.came.append(Came(name, time.monotonic(), not is_new))
        return await (self.trouble if is_new else WELL)(request)


WELL = answers(200, "ok")


async def cuts_off(request: web.Request) -> web.StreamResponse:
    """The connection is reset in the middle of the answer's head."""
    if request.transport is not None:
        request.transport.write(b"HTTP/1.1 200 O")  # type: ignore[attr-defined]  # it is one that writes
        await asyncio.sleep(0.05)
        request.transport.abort()  # type: ignore[attr-defined]
    return web.Response()


async def drips(request: web.Request) -> web.StreamResponse:
    """The answer comes byte by byte."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
        if request.transport is None:
            break
        request.transport.write(bytes([byte]))  # type: ignore[attr-defined]
        await asyncio.sleep(DRIP_EVERY)
    return web.Response()


class Outside:
    """The thread in which far sides live."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._open: list[FarSide] = []

    def open(self, side: Side, tls: ssl.SSLContext | None = None) -> None:
        side.server.tls = tls
        self._run(side.server.__aenter__())
        self._open.append(side.server)

    def shut(self, side: Side) -> None:
        """Nobody listens on its port any more."""
        self._open.remove(side.server)
        self._run(side.server.__aexit__(None, None, None))

    def close(self) -> None:
        for server in self._open:
            self._run(server.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, what: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)
