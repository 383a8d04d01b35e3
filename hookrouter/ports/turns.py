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
"""No rate that anybody sets lets one wait longer for the next turn; a spent day does."""
LOOK_EVERY = 0.2
"""Seconds between looks whether to stop."""


class ToldToStop(Exception):  # noqa: N818 - it reads as what happened
    """Raised when the process is told to stop; what waited stays where it is."""


class NotInTime(Exception):  # noqa: N818 - it reads as what happened
    """Raised when there is no turn in time; its text says why."""


class DaySpent(NotInTime):
    """Raised when there is no turn for longer than a drain may last, for the day's calls are used up."""


async def wait_briefly(permits: RateLimit, longest: timedelta) -> timedelta:
    """Wait for a turn if it comes soon; how long it would take if it does not, and zero when it came."""
    while pause := await permits.take():
        if pause > longest:
            return pause
        await asyncio.sleep(pause.total_seconds())
    return timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Gives turns, in the order in which they were asked for.

    Only the first in the queue asks for a permit: where a thousand leads did, again and again, turns passed unused.

    Attributes:
        longest: who has to wait longer for the next permit is told that the day is spent; None waits for the next day.
    """

    permits: RateLimit
    clock: Clock
    should_stop: Callable[[], bool]
    longest: timedelta | None = None
    _queue: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def wait(self, deadline: datetime | None = None) -> None:
        """Wait for a turn, until the deadline if there is one.

        Raises:
            NotInTime: there is none until then, or none at all today.
            ToldToStop: none is worth waiting for any more.
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
