"""What is fair among those who share: shards among workers, and places among the drains of one worker."""

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
class ShardsSeen(Generic[At]):
    """Shards with work, of all sinks that have several, as one of their workers sees them.

    Attributes:
        mine: those that it serves; `leaving`, how many it has given up, and is still at.
        free: those that nobody serves, the ones that it has seen so for longest first.
        overdue: how many of these have been so for so long that no other worker seems to want them.
        theirs: how many others serve.
        workers: that live, this one among them.
        others_seek: whether another worker has none to serve, or fewer than its share.
    """

    mine: Sequence[At]
    leaving: int
    free: Sequence[At]
    overdue: int
    theirs: int
    workers: int
    others_seek: bool

    @property
    def busy(self) -> int:
        """How many there are in all."""
        return len(self.mine) + self.leaving + len(self.free) + self.theirs

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
        """Those to begin with now: its part of them, and what no other worker takes."""
        return self.free[: max(self.share - len(self.mine), self.overdue)]

    @property
    def to_give_up(self) -> Sequence[At]:
        """Those to leave to others who seek: what it has beyond its part, the last begun first."""
        beyond = len(self.mine) - self.least
        return self.mine[::-1][:beyond] if self.others_seek and beyond > 0 else []

    @property
    def seeks(self) -> bool:
        """Whether it would serve more than it can have now."""
        return self.theirs > 0 and len(self.mine) + len(self.free) < self.least
