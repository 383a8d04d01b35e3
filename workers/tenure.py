"""A side in office: its drains, its sinks, its routes, all of one configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, Protocol, TypeVar, cast

from workers.leaving import FINISH_WITHIN


class Side(Protocol):
    """Some use cases with their connections."""

    async def close(self) -> None:
        """Close all connections."""


S = TypeVar("S", bound=Side)


class Tenure(Generic[S]):
    """Keeps a side open while a drain uses it; once another side follows, its drains end at their next boundary."""

    def __init__(self, open_side: Callable[[Callable[[], bool]], S]) -> None:
        """Open the side, on the event loop; `open_side` is given `is_over`, for its drains to ask."""
        self._is_over = False
        self._users: set[asyncio.Task[object]] = set()
        self._unused = asyncio.Event()
        self._unused.set()
        self._side = open_side(self.is_over)

    def is_over(self) -> bool:
        """Whether another side has taken office."""
        return self._is_over

    @contextmanager
    def use(self) -> Iterator[S]:
        """The side, for one drain, which is a task of its own."""
        user = cast("asyncio.Task[object]", asyncio.current_task())
        self._users.add(user)
        self._unused.clear()
        try:
            yield self._side
        finally:
            self._users.discard(user)
            if not self._users:
                self._unused.set()

    async def end(self) -> None:
        """Have its drains end, and close the side after the last; one that hangs is cut off, as at the process' end.

        Otherwise neither side could tell its sink anything for as long as an attempt may hang, which is minutes.
        """
        self._is_over = True
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_WITHIN):
                await self._unused.wait()
        for late in self._users:
            late.cancel()
        await self._unused.wait()
        await self._side.close()

    async def close(self) -> None:
        """Close the side at once, because the process ends."""
        await self._side.close()
