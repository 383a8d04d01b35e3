"""The right to serve a stream: at most one drain has it, and it expires by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from hookrouter.clock import SystemClock
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.ids import EntryId
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.commands import Argument, Command, flatten
from hookrouter.store.keys import Keys

LEASE_LIFE = timedelta(seconds=10)
"""A killed drain's stream waits at most this long for the next."""
RENEW_EVERY = 3.0
"""Seconds; less than a third of a lease's life."""
REMEMBERED = timedelta(days=1)
"""For how long is known who took it last; a drain that is cut off for longer begins anew."""
HOLDS = 0.8
"""The part of a lease's life for which it is relied on: no two clocks run quite alike."""
TAKE, KEEP = "", "1"
LEFT_FOR = 5.0
"""Seconds for which a process leaves a stream to others whose next entry it cannot read; several kicks, so that a
worker of the version that wrote it comes by."""
CLOCK = SystemClock()


class Left:
    """The streams that this process leaves to others for a while: a later version wrote what is next in them."""

    def __init__(self) -> None:
        """Leave none."""
        self._until: dict[str, float] = {}
        self._entries: dict[str, EntryId] = {}

    def leave(self, stream: str, entry: EntryId) -> bool:
        """Leave a stream because of an entry; whether that is news."""
        is_news = self._entries.get(stream) != entry
        self._entries[stream], self._until[stream] = entry, CLOCK.monotonic() + LEFT_FOR
        return is_news

    def holds(self, stream: str) -> bool:
        """Whether a stream is left just now."""
        return CLOCK.monotonic() < self._until.get(stream, 0.0)


@dataclass(slots=True, kw_only=True)
class Lease:
    """A lease on one stream by the holder of `token`.

    Attributes:
        held_until: until when, by this process' monotonic clock, no other can have it; reckoned from when it was asked
            for, since the answer may have been on its way for seconds.
        left: what this process leaves to others.
    """

    server: AsyncRedisServer
    key: str
    before: str
    stream: str
    token: str
    held_until: float = 0.0
    left: Left = field(default_factory=Left)

    async def write(self, commands: Sequence[Command]) -> bool:
        """Run commands in one atomic step; False, and nothing written, if the lease was lost.

        They add to no stream that the layout tells; those that do, `Layouts.write` runs.
        """
        return bool(await self.server.run("fenced", [self.key], [self.token, *flatten(commands)]))

    async def take(self) -> bool:
        """Take it if it is nobody's; False if somebody has it."""
        return await self._ask(TAKE)

    async def renew(self) -> bool:
        """Keep it for another while, or take it back if it ran out unseen; False if somebody else has it, or had it."""
        return await self._ask(KEEP)

    async def _ask(self, how: str) -> bool:
        asked_at = CLOCK.monotonic()
        is_held = bool(await self.server.run("renew", [self.key, self.before], [self.token, *terms(how)]))
        if is_held:
            self.held_until = asked_at + HOLDS * LEASE_LIFE.total_seconds()
        return is_held

    @asynccontextmanager
    async def kept(self, every: float = RENEW_EVERY) -> AsyncIterator[None]:
        """Renew it every so many seconds while the block runs; a lost one shows at the next write."""
        keeper = asyncio.create_task(self._keep(every))
        try:
            yield
        finally:
            keeper.cancel()

    async def _keep(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            with suppress(StoreAway):  # the next write will say so
                if not await self.renew():
                    return

    async def release(self) -> bool:
        """Give it back; True if entries wait that nobody serves now, and that this process could."""
        waiting = int(await self.server.run("release", [self.key, self.stream, self.before], [self.token]))
        return waiting > 0 and not self.left.holds(self.stream)


async def take_lease(
    server: AsyncRedisServer, keys: Keys, stream: str, token: str, left: Left | None = None
) -> Lease | None:
    """Take the lease of a stream, if nobody else has it and it is not left to others."""
    left = left or Left()
    if left.holds(stream):
        return None
    before = keys.lease_before(stream)
    lease = Lease(server=server, key=keys.lease(stream), before=before, stream=stream, token=token, left=left)
    return lease if await lease.take() else None


def terms(how: str) -> Sequence[Argument]:
    """What the script is told beside who asks."""
    return [milliseconds(LEASE_LIFE), how, milliseconds(REMEMBERED)]


def milliseconds(duration: timedelta) -> int:
    """As Redis takes them."""
    return int(duration.total_seconds() * 1000)
