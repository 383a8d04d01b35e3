"""What is a fair share: of streams among workers, and of places among the drains of one worker."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

At = TypeVar("At", bound=Hashable)


def fair_parts(bound: int, wants: Sequence[int]) -> list[int]:
    """What each gets of so many places: no more than it wants, and what some do not want goes to the others.

    Everyone gets one at least, also where there are more of them than places.
    """
    parts = [0] * len(wants)
    left, waiting = bound, len(wants)
    for number in sorted(range(len(wants)), key=wants.__getitem__):
        parts[number] = max(1, min(wants[number], left // waiting))
        left, waiting = max(0, left - parts[number]), waiting - 1
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamsSeen(Generic[At]):
    """The streams of one kind with work, such as all outboxes, as one of the workers that share them sees them.

    Nothing that could be served waits for somebody who may be dead: where no other is at work, all that is free is
    taken; else what is beyond one's part only when it is overdue. Whoever has too little for long seeks, and those
    who have more than it give up what makes them even. So they come within one of each other, and stay there.

    Attributes:
        mine: those that it serves, the ones that it had better keep first; `leaving`, how many it has given up, and
            is still at.
        free: those that nobody serves, the ones that it has seen so for longest first.
        overdue: how many of these have been so for so long that no other worker seems to want them.
        theirs: how many each other worker serves that serves any.
        seekers: how many each other worker serves that seeks.
        workers: that live, or did a moment ago, this one among them.
    """

    mine: Sequence[At] = ()
    leaving: int = 0
    free: Sequence[At] = ()
    overdue: int = 0
    theirs: Sequence[int] = ()
    seekers: Sequence[int] = ()
    workers: int = 1

    @property
    def busy(self) -> int:
        """How many there are in all."""
        return len(self.mine) + self.leaving + len(self.free) + sum(self.theirs)

    @property
    def share(self) -> int:
        """How many a worker serves at most while others want the rest."""
        return -(-self.busy // max(1, self.workers))

    @property
    def least(self) -> int:
        """How many are each worker's, where there are enough for all."""
        return max(1, self.busy // max(1, self.workers))

    @property
    def to_take(self) -> Sequence[At]:
        """Those to begin with now: its part of them, and of what no other worker takes."""
        if not self.theirs and not self.seekers:
            return self.free
        # The dead may be counted, too, and its part seem too small: as many as the richest it may always have.
        most = max(self.least, min(self.seekers) + 1) if self.seekers else max(self.share, *self.theirs)
        return self.free[: max(most - len(self.mine), -(-self.overdue // max(1, self.workers)))]

    @property
    def to_give_up(self) -> Sequence[At]:
        """Those to leave to others who seek: what makes it as rich as they will be, from the last on."""
        if not self.seekers:
            return []
        together = len(self.mine) + sum(self.seekers)
        kept = max(self.least, -(-together // (len(self.seekers) + 1)))
        return self.mine[::-1][: max(0, len(self.mine) - kept)]

    @property
    def is_short(self) -> bool:
        """Whether another has so much more than it could have now that one given up would make them more even."""
        return max(self.theirs, default=0) > len(self.mine) + len(self.free) + 1

    @property
    def to_leave(self) -> Sequence[At]:
        """Those that nobody serves and that are another's part."""
        return self.free[len(self.to_take) :]

    @property
    def has_too_many(self) -> bool:
        """Whether it serves more than its part."""
        return len(self.mine) > self.share
