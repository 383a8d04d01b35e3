"""Whether the loops of a worker or a scheduler still turn, and whether it reaches Redis: what its probes are told."""

from __future__ import annotations

import mmap
import struct
from enum import StrEnum

from hookrouter.ports.surroundings import Clock

STUCK_AFTER = 90.0
"""Seconds without a turn: RQ waits up to 45 for a job, and an ending process takes 28 at most."""
OUT_OF_REACH_AFTER = 20.0
"""Seconds without a sign of life that Redis took, as in `store.presence`: by then others, too, take it for gone."""
_MOMENT = struct.Struct("d")


class Loop(StrEnum):
    """The loops that must keep turning; each process has some of them."""

    MAIN = "main"
    BACKGROUND = "background"
    ROUTER = "router"


class Pulse:
    """The last turn of each loop, in memory that a worker shares with its router, which is forked from it."""

    def __init__(self, clock: Clock, *loops: Loop) -> None:
        """Give each loop its time to begin; Redis has not been reached yet."""
        self._clock = clock
        self._places = {loop: number * _MOMENT.size for number, loop in enumerate(loops, start=1)}
        self._memory = mmap.mmap(-1, (len(loops) + 1) * _MOMENT.size)
        self._write(0, clock.monotonic() - 2 * OUT_OF_REACH_AFTER)
        for loop in loops:
            self.turn(loop)

    def turn(self, loop: Loop) -> None:
        """Note that a loop came round, whether or not Redis answers."""
        self._write(self._places[loop], self._clock.monotonic())

    def reach(self) -> None:
        """Note that Redis took a sign of life."""
        self._write(0, self._clock.monotonic())

    def lives(self) -> bool:
        """Whether every loop turns; if one is stuck the process should be restarted."""
        return all(self._since(place) < STUCK_AFTER for place in self._places.values())

    def is_ready(self) -> bool:
        """Whether the process can do its work: every loop turns, and Redis takes its signs of life."""
        return self.lives() and self._since(0) < OUT_OF_REACH_AFTER

    def _write(self, place: int, moment: float) -> None:
        _MOMENT.pack_into(self._memory, place, moment)

    def _since(self, place: int) -> float:
        return self._clock.monotonic() - float(_MOMENT.unpack_from(self._memory, place)[0])
