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
"""After its drain was killed, a stream waits at most this long for the next."""
RENEW_EVERY = 3.0
"""Seconds; less than a third of a lease's life."""
REMEMBERED = timedelta(days=1)
"""How long it is known who took a lease last; a drain that is cut off for longer begins anew."""
HOLDS = 0.8
"""The part of a lease's life for which it is relied on, because no two clocks run quite alike."""
TAKE, KEEP = "", "1"
LEFT_FOR = 5.0
"""Seconds for which a process leaves a stream to others when it cannot read the next entry: several kicks, so that a
worker of the version that wrote it comes by."""
CLOCK = SystemClock()


class Left:
    """The streams that this process leaves to others for a while, because a later version wrote their next entries."""

    def __init__(self) -> None:
        """Leave none."""
        self._until: dict[str, float] = {}
        self._entries: dict[str, EntryId] = {}

    def leave(self, stream: str, entry: EntryId) -> bool:
        """Leave a stream because of an entry; return whether that is news."""
        is_news = self._entries.get(stream) != entry
        self._entries[stream], self._until[stream] = entry, CLOCK.monotonic() + LEFT_FOR
        return is_news

    def holds(self, stream: str) -> bool:
        """Whether a stream is being left to others now."""
        return CLOCK.monotonic() < self._until.get(stream, 0.0)


@dataclass(slots=True, kw_only=True)
class Lease:
    """A lease on one stream, held by whoever has `token`.

    Attributes:
        held_until: until when, by this process' monotonic clock, nobody else can have it; counted from when it was
            asked for, since the answer may have taken seconds to arrive.
        left: the streams that this process leaves to others.
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

        They must not add to a stream that the layout decides; `Layouts.write` runs those that do.
        """
        return bool(await self.server.run("fenced", [self.key], [self.token, *flatten(commands)]))

    async def take(self) -> bool:
        """Take it if it is nobody's; False if somebody has it."""
        return await self._ask(TAKE)

    async def renew(self) -> bool:
        """Keep it for another while, or take it back if it ran out unnoticed; False if anyone else has or had it."""
        return await self._ask(KEEP)

    async def _ask(self, how: str) -> bool:
        asked_at = CLOCK.monotonic()
        is_held = bool(await self.server.run("renew", [self.key, self.before], [self.token, *terms(how)]))
        if is_held:
            self.held_until = asked_at + HOLDS * LEASE_LIFE.total_seconds()
        return is_held

    @asynccontextmanager
    async def kept(self, every: float = RENEW_EVERY) -> AsyncIterator[None]:
        """Renew it every so many seconds while the block runs; the next write finds out if it was lost."""
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
    """Take the lease of a stream, unless somebody else has it or the stream is left to others."""
    left = left or Left()
    if left.holds(stream):
        return None
    before = keys.lease_before(stream)
    lease = Lease(server=server, key=keys.lease(stream), before=before, stream=stream, token=token, left=left)
    return lease if await lease.take() else None


def terms(how: str) -> Sequence[Argument]:
    """The arguments of the `renew` script that follow the token."""
    return [milliseconds(LEASE_LIFE), how, milliseconds(REMEMBERED)]


def milliseconds(duration: timedelta) -> int:
    """A duration as Redis takes it."""
    return int(duration.total_seconds() * 1000)
