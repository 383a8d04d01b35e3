"""Turns at the CRM: each call takes a permit, and nobody waits for one once the process is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookrouter.domain.quota import SPENT
from hookrouter.ports.crm import RateLimit
from hookrouter.ports.surroundings import Clock

NO_TURN = "there is no turn at the CRM in time: its rate limit is used up"
LONGEST_OF_A_RATE = timedelta(seconds=10)
"""By no rate that anybody sets is the next turn further away than this; after a spent day it is."""
LOOK_EVERY = 0.2
"""Seconds between looks at whether to stop."""


class ToldToStop(Exception):  # noqa: N818 - it reads as what happened
    """Raised when the process is told to stop; what waited stays where it is."""


class NotInTime(Exception):  # noqa: N818 - it reads as what happened
    """Raised when no turn comes in time; its text says why."""


class DaySpent(NotInTime):
    """Raised when the day's calls are used up, so that no turn comes for longer than a drain may last."""


async def wait_briefly(permits: RateLimit, longest: timedelta) -> timedelta:
    """Wait for a turn if it comes soon; returns zero once it came, or else how long it would take."""
    while pause := await permits.take():
        if pause > longest:
            return pause
        await asyncio.sleep(pause.total_seconds())
    return timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Gives turns in the order in which they were asked for.

    Only the first in the queue asks for a permit; when a thousand leads asked again and again, turns went unused.

    Attributes:
        longest: if the next permit is further away than this, the day counts as spent; None waits for the next day.
    """

    permits: RateLimit
    clock: Clock
    should_stop: Callable[[], bool]
    longest: timedelta | None = None
    _queue: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def wait(self, deadline: datetime | None = None) -> None:
        """Wait for a turn, until the deadline if there is one.

        Raises:
            NotInTime: no turn comes until then, or none at all today.
            ToldToStop: the process is to stop, so no turn is worth waiting for.
        """
        async with self._queue:
            self._look()
            while pause := await self.permits.take():
                if self.longest is not None and pause > self.longest:
                    raise DaySpent(SPENT)
                if deadline is not None and self.clock.now() + pause > deadline:
                    raise NotInTime(NO_TURN)
                await self.sleep(pause)

    async def sleep(self, pause: timedelta) -> None:
        """Leave the CRM alone for a while. Raises `ToldToStop`."""
        until = self.clock.monotonic() + pause.total_seconds()
        while (left := until - self.clock.monotonic()) > 0:
            self._look()
            await asyncio.sleep(min(left, LOOK_EVERY))

    def _look(self) -> None:
        if self.should_stop():
            raise ToldToStop
