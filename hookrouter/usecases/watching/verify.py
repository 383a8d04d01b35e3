"""Verify: change the canary once, and wait for its push, as somebody who has just subscribed wants to see it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.push_path import Hindrance
from hookrouter.ports.surroundings import Clock
from hookrouter.ports.watching import WatchMemory
from hookrouter.usecases.watching.flight import Flights

LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """The push came, so long after the change."""

    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class NotChanged:
    """The CRM did not make the change."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingCame:
    """Its push did not come within a time, or was kept from us; `others_came` tells whether other pushes did come."""

    within: timedelta
    hindrance: Hindrance | None
    others_came: bool = False


Verified = CameBack | NotChanged | NothingCame


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """Verifies the way of a push, end to end."""

    flights: Flights
    memory: WatchMemory
    clock: Clock

    async def run(self, within: timedelta) -> Verified:
        """Change the canary and wait so long for its push."""
        mark, sent_at = self.flights.new_mark(), self.clock.now()
        if reason := await self.flights.begin(mark):
            return NotChanged(reason=reason)
        until = self.clock.monotonic() + within.total_seconds()
        while (back := await self.memory.came_back(mark)) is None:
            if self.clock.monotonic() > until:
                return await self._nothing(mark, sent_at, within)
            await asyncio.sleep(LOOK_EVERY)
        return CameBack(after=max(timedelta(), back - sent_at))

    async def _nothing(self, mark: str, sent_at: datetime, within: timedelta) -> Verified:
        if reason := await self.flights.not_written(mark):
            return NotChanged(reason=reason)
        last = (await self.memory.arrivals(self.flights.canary.source, self.clock.now())).last_push
        return NothingCame(
            within=within,
            hindrance=await self.flights.hindrance(mark, sent_at),
            others_came=last is not None and last >= sent_at,
        )
