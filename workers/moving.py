"""Moves what waits in former shards of sinks: all workers do, whether a scheduler lives or not."""

from __future__ import annotations

import asyncio

from hookrouter.domain.layout import Layout, sink_of
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.usecases.keep_layout import MOVES_FOR
from workers.background import Begin

PAUSE = 0.5
"""Seconds until the next try after one found little to move: another worker moves it, or a drain must end first."""


class Moving:
    """This worker's part in moving: the shards that nobody else is moving."""

    def __init__(self, runtime: Runtime, begin: Begin) -> None:
        """Move nothing yet."""
        self._runtime = runtime
        self._begin = begin

    def look(self, layout: Layout) -> None:
        """Begin to move if there is anything to move."""
        if any(sink_of(name) is not None for name in layout.changing):
            self._begin("moving", self._move)

    async def _move(self) -> None:
        clock, keep = self._runtime.clock, self._runtime.keep_layout
        while not self._runtime.stopping.is_set():
            began = clock.monotonic()
            if not await asyncio.to_thread(keep.go_on):
                break
            if clock.monotonic() - began < MOVES_FOR.total_seconds():
                await asyncio.sleep(PAUSE)
        await asyncio.to_thread(self._runtime.wake.ring, Stage.DELIVER)
