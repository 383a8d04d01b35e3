"""The line between a worker and its router, over which each rings the other's stages."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from hookrouter.ports.stages import Stage

RINGS = {stage: bytes([number]) for number, stage in enumerate(Stage)}
STAGES = dict(enumerate(Stage))
RINGS_AT_ONCE = 4096
"""Bytes read at a time; rings of one stage that are read together count as one."""


class Line:
    """One end of it; the process at the other end notices when this one ends, whatever ended it."""

    def __init__(self, end: socket.socket) -> None:
        """Take over one end of a connected pair."""
        self._end = end

    def ring(self, stage: Stage) -> bool:
        """Ring at the other end, from any thread; False if nobody is there."""
        try:
            self._end.send(RINGS[stage], socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True  # thousands of rings wait to be heard: the other end will look
        except OSError:
            return False
        return True

    def rings(self) -> Iterator[Stage]:
        """The stages rung at the other end, until it hangs up."""
        with contextlib.suppress(OSError):
            while heard := self._end.recv(RINGS_AT_ONCE):
                yield from (STAGES[number] for number in sorted(set(heard)))

    def hang_up(self) -> None:
        """Ring no more; what the other end rings is still heard."""
        with contextlib.suppress(OSError):
            self._end.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Let go of this end."""
        self._end.close()


def pair_of_ends() -> tuple[Line, Line]:
    """Both ends of a new line."""
    ours, theirs = socket.socketpair()
    return Line(ours), Line(theirs)
