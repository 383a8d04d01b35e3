"""What is a fair share: of streams among workers, and of places among the drains of one worker."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

At = TypeVar("At", bound=Hashable)


def fair_parts(bound: int, wants: Sequence[int]) -> list[int]:
    """How many places each gets: no more than it wants, and what some do not want goes to the others.

    Everyone gets at least one, even where there are fewer places than takers.
    """
    parts = [0] * len(wants)
    left, waiting = bound, len(wants)
    for number in sorted(range(len(wants)), key=wants.__getitem__):
        parts[number] = max(1, min(wants[number], left // waiting))
        left, waiting = max(0, left - parts[number]), waiting - 1
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamsSeen(Generic[At]):
    """The streams of one kind with work, such as all outboxes, as seen by one of the workers that share them.

    No stream waits for a worker that may be dead: where no other worker is active, all free streams are taken;
    otherwise, those beyond one's part only once they are overdue. A worker that has been short of streams for a while
    seeks, and those that have more give up enough to be even with it. So all end up within one stream of each other.

    Attributes:
        mine: the streams it serves, those it should rather keep first; `leaving` is how many it has given up but is
            still serving.
        free: the streams that nobody serves, those that it has seen free for longest first.
        overdue: how many of these have been free so long that no other worker seems to want them.
        theirs: how many streams each other worker serves that serves any.
        seekers: how many streams each other worker serves that seeks more.
        workers: how many workers live, or did a moment ago, this one included.
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
        """How many streams with work there are in all."""
        return len(self.mine) + self.leaving + len(self.free) + sum(self.theirs)

    @property
    def share(self) -> int:
        """The most that a worker serves while others want the rest."""
        return -(-self.busy // max(1, self.workers))

    @property
    def least(self) -> int:
        """How many each worker gets at least, where there are enough for all."""
        return max(1, self.busy // max(1, self.workers))

    @property
    def to_take(self) -> Sequence[At]:
        """The free streams to take now: its part of them, and of those that no other worker takes."""
        if not self.theirs and not self.seekers:
            return self.free
        # Dead workers may still be counted, which makes its part look too small; as many as the richest is always fair.
        most = max(self.least, min(self.seekers) + 1) if self.seekers else max(self.share, *self.theirs)
        return self.free[: max(most - len(self.mine), -(-self.overdue // max(1, self.workers)))]

    @property
    def to_give_up(self) -> Sequence[At]:
        """The streams to leave to workers that seek: enough to be even with them, the last of `mine` first."""
        if not self.seekers:
            return []
        together = len(self.mine) + sum(self.seekers)
        kept = max(self.least, -(-together // (len(self.seekers) + 1)))
        return self.mine[::-1][: max(0, len(self.mine) - kept)]

    @property
    def is_short(self) -> bool:
        """Whether another worker has so many more that its giving one up would make the two more even."""
        return max(self.theirs, default=0) > len(self.mine) + len(self.free) + 1

    @property
    def to_leave(self) -> Sequence[At]:
        """The free streams that are another worker's part."""
        return self.free[len(self.to_take) :]

    @property
    def has_too_many(self) -> bool:
        """Whether this worker serves more than its part."""
        return len(self.mine) > self.share
