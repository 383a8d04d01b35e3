"""Turns at the CRM for what is in no hurry."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.ports.crm import RateLimit
from hookrouter.ports.surroundings import Clock

LOOK_EVERY = 0.2
"""Seconds between looks whether to stop, while a turn is awaited."""


class ToldToStop(Exception):  # noqa: N818 - it reads as what happened
    """Raised when the process is told to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Gives turns, however long they take."""

    permits: RateLimit
    clock: Clock
    should_stop: Callable[[], bool]

    async def wait(self) -> None:
        """Wait for a turn.

        Raises:
            ToldToStop: it is not worth waiting for any more.
        """
        while pause := await self.permits.take():
            await self.sleep(pause)
        if self.should_stop():
            raise ToldToStop

    async def sleep(self, pause: timedelta) -> None:
        """Wait so long. Raises as `wait` does."""
        until = self.clock.monotonic() + pause.total_seconds()
        while (left := until - self.clock.monotonic()) > 0:
            if self.should_stop():
                raise ToldToStop
            await asyncio.sleep(min(left, LOOK_EVERY))
