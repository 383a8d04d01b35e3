"""The demo's own thread: the stand-ins' servers, the load, and the questions to the others."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from hookrouter.clock import SystemClock
from hookrouter.demo.arrivals import Arrivals
from hookrouter.demo.figures import Figures, take_figures
from hookrouter.demo.page import page_routes
from hookrouter.demo.readings import Counted, Pushed, read_metrics, read_status
from hookrouter.demo.stand_ins import MAX_BODY, MailStandIn, stand_in_routes
from hookrouter.supervise.free_port import LOOPBACK

TICK = 0.1  # seconds between two portions of changes
LOOK = 1.0  # seconds between two looks at the counters
MOST_AT_ONCE = 500  # changes in one portion
PATIENCE = aiohttp.ClientTimeout(total=5)
START_WAIT = 10.0


class Theatre:
    """The stand-ins and the load, on a loop of their own; its numbers may be read from any thread."""

    def __init__(self, *, secret: str) -> None:
        self.arrivals = Arrivals()
        self.pushed = Pushed()
        self.counted = Counted()
        self.http_port = 0
        self.mail_port = 0
        self._secret = secret
        self._run = secrets.token_hex(4)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="theatre", daemon=True)
        self._open = AsyncExitStack()
        self._load: Future[None] | None = None

    @property
    def url(self) -> str:
        """The page."""
        return f"http://{LOOPBACK}:{self.http_port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        self._submit(self._raise_curtain()).result(START_WAIT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._submit(self._drop_curtain()).result(START_WAIT)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_WAIT)
        self._loop.close()

    def figures(self) -> Figures:
        """How things stand now."""
        return take_figures(self.arrivals, self.pushed, self.counted)

    def begin_load(self, simulator: str, *, rate: float) -> None:
        """Have the simulator change so many leads a second."""
        self._load = self._submit(self._change_leads(simulator, rate))

    def end_load(self) -> None:
        """Change no more leads."""
        if self._load is not None:
            self._load.cancel()

    def begin_looking(self, *, simulator: str, receiver: str) -> None:
        """Read their counters now and then."""
        self._looking = self._submit(self._keep_looking(simulator, receiver))

    def look(self, *, simulator: str, receiver: str) -> None:
        """Read their counters once."""
        self._submit(self._look(simulator, receiver)).result(START_WAIT)

    def _submit(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _raise_curtain(self) -> None:
        # Connections are closed at once: an idle one would hold up the receiver's end.
        connector = aiohttp.TCPConnector(force_close=True)
        self._session = await self._open.enter_async_context(
            aiohttp.ClientSession(connector=connector, timeout=PATIENCE)
        )
        app = web.Application(client_max_size=MAX_BODY)
        app.add_routes(stand_in_routes(self.arrivals, self._secret))
        app.add_routes(page_routes(self.arrivals, self._shown_figures))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._open.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, LOOPBACK, 0).start()
        self.http_port = runner.addresses[0][1]
        mail = await MailStandIn(self.arrivals).listen()
        self._open.callback(mail.close)
        self.mail_port = mail.sockets[0].getsockname()[1]

    async def _drop_curtain(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        await self._open.aclose()
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _change_leads(self, simulator: str, rate: float) -> None:
        clock = SystemClock()
        owed, last = 0.0, clock.monotonic()
        while True:
            await asyncio.sleep(TICK)
            now = clock.monotonic()
            owed, last = min(owed + (now - last) * rate, MOST_AT_ONCE), now
            if owed >= 1 and await self._post_changes(simulator, int(owed)):
                owed -= int(owed)

    async def _post_changes(self, simulator: str, count: int) -> bool:
        try:
            async with self._session.post(f"{simulator}/changes", json={"count": count}) as answer:
                return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _keep_looking(self, simulator: str, receiver: str) -> None:
        while True:
            await self._look(simulator, receiver)
            await asyncio.sleep(LOOK)

    async def _look(self, simulator: str, receiver: str) -> None:
        try:
            async with self._session.get(f"{simulator}/") as answer:
                self.pushed = read_status(await answer.json(content_type=None))
            async with self._session.get(f"{receiver}/metrics") as answer:
                self.counted = read_metrics(await answer.text())
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
            return  # one of them starts or ends: the last numbers stand

    def _shown_figures(self) -> dict[str, Any]:
        figures = self.figures()
        return {
            "run": self._run,
            "pushed": figures.pushed,
            "routed": figures.routed,
            **{kind.value: count for kind, count in figures.delivered.items()},
            "waiting": figures.waiting,
            "dead": figures.dead,
            "p50": figures.p50,
            "p95": figures.p95,
        }
