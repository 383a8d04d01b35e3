"""Carries pushes to those who subscribed, each at most once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp

from hookrouter.simulator.ledger import Noted
from hookrouter.simulator.push_body import PushBody
from hookrouter.simulator.push_counts import PushCounts
from hookrouter.simulator.shapes import Transfer

TIMEOUT = aiohttp.ClientTimeout(total=10)
AT_ONCE = 8  # pushes under way to one subscriber
TRANSFERS: dict[Transfer, dict[str, Any]] = {
    Transfer.PLAIN: {},
    Transfer.CHUNKED: {"chunked": True},
    Transfer.GZIP: {"compress": "gzip"},
    Transfer.EXPECT: {"expect100": True},
}
LAST_WORD = 5.0  # seconds that stopping waits for pushes under way


class Postman:
    """POSTs bodies to every subscriber and tells what was taken."""

    def __init__(self, counts: PushCounts, taken: Callable[[Sequence[Noted]], None]) -> None:
        self._taken = taken
        self._counts = counts
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self.urls: dict[str, asyncio.Semaphore] = {}
        self.leads_under_way = 0

    async def start(self) -> None:
        """Open the one session."""
        self._session = aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """Give what is under way a moment, close."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=LAST_WORD)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def subscribe(self, url: str) -> None:
        """Push to this URL too; nothing ends that, as in the real one."""
        self.urls.setdefault(url, asyncio.Semaphore(AT_ONCE))

    def send(self, changes: Sequence[Noted], body: PushBody) -> None:
        """Set out to every subscriber."""
        for url in self.urls:
            self.leads_under_way += len(changes)
            task = asyncio.get_running_loop().create_task(self._push(url, changes, body))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _push(self, url: str, changes: Sequence[Noted], body: PushBody) -> None:
        async with self.urls[url]:
            self._counts.sent += 1
            self._counts.leads_pushed += len(changes)
            taken = await self._post(url, body)
        self.leads_under_way -= len(changes)
        if not taken:
            self._counts.failed += 1
            return
        self._counts.acked += 1
        self._counts.leads_acked += len(changes)
        self._taken(changes)

    async def _post(self, url: str, body: PushBody) -> bool:
        if self._session is None:
            return False
        headers = {"Content-Type": body.content_type} if body.content_type else {}
        options: dict[str, Any] = {"headers": headers, "allow_redirects": False, "skip_auto_headers": ("Content-Type",)}
        options |= TRANSFERS[body.transfer]
        try:
            async with self._session.post(url, data=body.content, **options) as answer:
                return answer.ok and answer.status < 300  # noqa: PLR2004 - 2xx
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
