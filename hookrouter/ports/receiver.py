"""Where the receiver keeps pushes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from hookrouter.domain.ids import PushId
from hookrouter.domain.push import Batch, Push, Receipt
from hookrouter.ports.stages import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What became of a push: its receipt, the stages that must be woken, and whether replicas have it as asked."""

    receipt: Receipt
    rings: Sequence[Stage]
    is_safe: bool


class PushLog(Protocol):
    """Where pushes are put safely."""

    def accept(self, push: Push, batch: Batch) -> tuple[Receipt, Sequence[Stage]]:
        """Write a push, its leads and its rejected leads in one atomic step, or find that it was sent before.

        Returns the receipt and the stages that must be woken. By then the push is as durable as the server alone can
        make it.
        """

    def accept_safely(self, push: Push, batch: Batch, *, wait: bool = True) -> Accepted:
        """Accept a push and wait briefly for replicas, if that is asked for; without `wait` none has confirmed it."""

    def missing(self, pushes: Sequence[PushId]) -> Sequence[PushId]:
        """The pushes that the server does not have: it never had them, or lost them when a replica took over."""

    def keep_refused(self, push: Push, refused: str, *, for_good: bool = False) -> None:
        """Keep a push in which no lead could be found, so that people can learn from its shape.

        If there are too many the oldest are forgotten early, except those kept `for_good`.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledPush:
    """A push in the spool and its place there; one that was refused, not answered 200, is kept to learn from."""

    place: int
    push: Push
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolDepth:
    """How many pushes and bytes of bodies wait in the spool, and how many may."""

    pushes: int
    size: int
    most_pushes: int
    most: int

    @property
    def is_half_full(self) -> bool:
        """Whether half of its room is taken."""
        return self.pushes * 2 >= self.most_pushes or self.size * 2 >= self.most


class Spool(Protocol):
    """Where pushes are kept on disk while Redis is away; every method may raise `SpoolAway`."""

    def keep(self, push: Push, receipt: Receipt) -> Receipt:
        """Write a push to disk; returns its receipt, or the first one's if the source's same body is kept already."""

    def keep_refused(self, push: Push) -> None:
        """Write a push in which no lead could be found to disk, if there is ample room."""

    def oldest(self, count: int, after: int = 0) -> Sequence[SpooledPush]:
        """The pushes behind a place that have waited longest."""

    def names(self, count: int, after: int = 0) -> Sequence[tuple[int, PushId]]:
        """The places and ids of the pushes behind a place that have waited longest."""

    def remove(self, spooled: Sequence[SpooledPush]) -> None:
        """Forget pushes that Redis has now."""

    def depth(self) -> SpoolDepth:
        """How much waits, and how much there may be."""

    def free(self) -> int:
        """How many bytes the disk has left."""

    def feeding(self) -> AbstractContextManager[bool]:
        """Whether this process may feed what waits to Redis while the block runs; only one at a time may."""
