"""Pushes of changed leads to those who subscribed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp

from hookrouter.simulator.lead_fields import SimulatedLead
from hookrouter.simulator.shapes import PushBody, Shape, encode_batch

LARGEST_BATCH = 500
TIMEOUT = aiohttp.ClientTimeout(total=10)
AT_ONCE = 8  # pushes under way to one subscriber
LAST_WORD = 5.0  # seconds that stopping waits for pushes under way


@dataclass(slots=True)
class PushCounts:
    """What became of the pushes; a lead pushed to two subscribers counts twice."""

    sent: int = 0
    acked: int = 0
    failed: int = 0
    leads_pushed: int = 0
    leads_acked: int = 0


class Pushes:
    """Collects changes for a moment, then POSTs them, each at most once."""

    def __init__(self, *, batch_delay: float, shape: Shape) -> None:
        self._batch_delay = batch_delay
        self._shape = shape
        self._collected: list[SimulatedLead] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._collecting: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None
        self._waiting = 0
        self.urls: dict[str, asyncio.Semaphore] = {}
        self.counts = PushCounts()

    @property
    def waiting_leads(self) -> int:
        """Leads that are collected or under way."""
        return len(self._collected) * len(self.urls) + self._waiting

    async def start(self) -> None:
        """Open the one session."""
        self._session = aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """Push what is collected, give what is under way a moment, close."""
        if self._collecting is not None:
            self._collecting.cancel()
        self._flush()
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

    def note(self, lead: SimulatedLead) -> None:
        """A lead changed; without subscribers nobody will hear of it."""
        if not self.urls:
            return
        self._collected.append(lead)
        if self._collecting is None:
            self._collecting = asyncio.get_running_loop().create_task(self._flush_later())

    async def _flush_later(self) -> None:
        await asyncio.sleep(self._batch_delay)
        self._flush()

    def _flush(self) -> None:
        self._collecting = None
        leads, self._collected = self._collected, []
        for start in range(0, len(leads), LARGEST_BATCH):
            for body in encode_batch(leads[start : start + LARGEST_BATCH], self._shape):
                for url in self.urls:
                    self._waiting += body.leads
                    task = asyncio.get_running_loop().create_task(self._push(url, body))
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)

    async def _push(self, url: str, body: PushBody) -> None:
        async with self.urls[url]:
            self.counts.sent += 1
            self.counts.leads_pushed += body.leads
            acked = await self._post(url, body)
        self._waiting -= body.leads
        self.counts.acked += acked
        self.counts.failed += not acked
        self.counts.leads_acked += body.leads if acked else 0

    async def _post(self, url: str, body: PushBody) -> bool:
        if self._session is None:
            return False
        headers = {"Content-Type": body.content_type}
        try:
            async with self._session.post(url, data=body.content, headers=headers, allow_redirects=False) as answer:
                return answer.ok and answer.status < 300  # noqa: PLR2004 - 2xx
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
