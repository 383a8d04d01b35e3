"""A local HTTP server that answers as it is told, for tests of sinks."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came in; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answers(status: int = 200, text: str = "ok", headers: dict[str, str] | None = None) -> Answering:
    """Always the same answer."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, headers=headers)

    return answer


async def hangs(_: web.Request) -> web.StreamResponse:
    """No answer until the caller gives up."""
    await asyncio.sleep(3600)
    return web.Response()


async def resets(request: web.Request) -> web.StreamResponse:
    """The connection is cut instead of an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@dataclass(slots=True)
class FarSide:
    """A server on 127.0.0.1 within `async with`, on a port that it keeps; `received` is what came in."""

    answering: Answering = field(default_factory=answers)
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.tls)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): text for name, text in request.headers.items()}
        body = await request.read()
        self.received.append(Received(method=request.method, path=request.path_qs, headers=headers, body=body))
        return await self.answering(request)
