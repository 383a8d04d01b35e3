"""Redis within a time in all, on the request path and in what a receiver does beside answering.

Each step of a call has a limit of its own, but not the look-up of a name, nor an answer that comes byte by byte: a
sender would wait for either until it gave up, with a spool at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import gevent

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.ids import PushId
from hookrouter.domain.push import Batch, Push, Receipt
from hookrouter.ports.receiver import Accepted, PushLog
from hookrouter.ports.stages import Stage, Wake

WITHIN = 0.9
"""Seconds for an answer, and for each of so many bytes more."""
UNATTENDED = 5.0
"""The same where no sender waits; without a limit, one answer that never ends would end all feeding."""
BYTES_A_SPELL = 4 * 1024 * 1024


@contextmanager
def punctual(size: int = 0, within: float = WITHIN) -> Iterator[None]:
    """Raise `StoreAway` when the block takes longer than Redis may take for a push of this size."""
    late = StoreAway("Redis does not answer in time")
    with gevent.Timeout(within * (1 + size / BYTES_A_SPELL), late):
        yield


@dataclass(frozen=True, slots=True)
class PunctualPushLog:
    """A push log that answers in time, or is away; see `ports.receiver.PushLog`."""

    pushes: PushLog
    within: float = WITHIN

    def accept(self, push: Push, batch: Batch) -> tuple[Receipt, Sequence[Stage]]:
        """Accept a push."""
        with punctual(len(push.body), self.within):
            return self.pushes.accept(push, batch)

    def accept_safely(self, push: Push, batch: Batch, *, wait: bool = True) -> Accepted:
        """Accept a push, and wait for replicas if need be."""
        with punctual(len(push.body), self.within):
            return self.pushes.accept_safely(push, batch, wait=wait)

    def missing(self, pushes: Sequence[PushId]) -> Sequence[PushId]:
        """Those that Redis does not have."""
        with punctual(within=self.within):
            return self.pushes.missing(pushes)

    def keep_refused(self, push: Push, refused: str, *, for_good: bool = False) -> None:
        """Keep a push that cannot be read."""
        with punctual(len(push.body), self.within):
            self.pushes.keep_refused(push, refused, for_good=for_good)


@dataclass(frozen=True, slots=True)
class PunctualWake:
    """A doorbell that is rung in time or not at all; see `ports.stages.Wake`."""

    wake: Wake

    def ring(self, stage: Stage) -> None:
        """Ring; the kick makes up for a ring that is lost."""
        with suppress(StoreAway), punctual(within=UNATTENDED):
            self.wake.ring(stage)
