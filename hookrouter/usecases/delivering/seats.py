"""The seats of a worker: each drain has one, with its fair part of the attempts that may be under way at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hookrouter.domain.fair_share import fair_parts


@dataclass(slots=True, eq=False)
class Seat:
    """What one drain may do.

    Attributes:
        wanted: how many attempts its sink may have under way at once.
        places: how many it may have now; attempts begun when it had more may end by themselves.
        is_given_up: another worker is to serve its outbox, or its shard of it.
        is_hanging: one of its attempts hangs, perhaps for minutes; once it is given up, only one begun before counts.
    """

    wanted: int
    places: int
    is_given_up: bool = False
    is_hanging: bool = False

    @property
    def is_to_be_left(self) -> bool:
        """Whether to begin nothing more, and end with what is under way.

        Nobody else may begin before the last attempt has ended. While one hangs, all other places would stand idle that
        long, so they go on; the seat is left once nothing hangs any more that did when it was given up.
        """
        return self.is_given_up and not self.is_hanging


class Seats:
    """The seats of all drains that are under way in one worker."""

    def __init__(self, bound: int) -> None:
        """Allow this many attempts at once in all."""
        self._bound = bound
        self._taken: list[Seat] = []

    @contextmanager
    def take(self, wanted: int) -> Iterator[Seat]:
        """A seat while the block runs."""
        seat = Seat(wanted, wanted)
        self._taken.append(seat)
        self._share()
        try:
            yield seat
        finally:
            self._taken.remove(seat)
            self._share()

    def _share(self) -> None:
        for seat, part in zip(self._taken, fair_parts(self._bound, [each.wanted for each in self._taken]), strict=True):
            seat.places = part
