"""Calls kept apart, so that one process alone stays below what the CRM takes a second."""

from __future__ import annotations

import asyncio

from hookrouter.domain.errors import ConfigurationError


class Pace:
    """Lets calls pass one after the other, no more than some a second; for one event loop."""

    def __init__(self, calls_a_second: float) -> None:
        if not calls_a_second > 0:
            raise ConfigurationError("calls_a_second must be more than 0, or nothing is ever called")
        self._gap = 1 / calls_a_second
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until a call may go out."""
        now = asyncio.get_running_loop().time()
        mine = max(now, self._next)
        self._next = mine + self._gap
        if mine > now:
            await asyncio.sleep(mine - now)
