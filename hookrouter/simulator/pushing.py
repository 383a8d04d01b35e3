"""How the simulated CRM pushes: in which shape, what of, and how badly."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.simulator.shapes import Coverage, Labelling, Shape, Transfer

LONGEST = 3600.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushing:
    """Options of the pushes; shares are of all changes that are to be pushed, and no change has two fates.

    Attributes:
        shape: what a push looks like.
        labelling: what its Content-Type says.
        transfer: how its body goes over the wire.
        coverage: how much of a lead is in it.
        numbers: ids, scores and flags are numbers in it; else texts, as the API reads them out.
        batch_delay: seconds in which changes are collected before they go out together.
        creates: new leads are pushed too.
        own_writes: what is written through the API is pushed too.
        lost: the share of changes that are never pushed.
        doubled: the share that is pushed twice, the second time with a later batch.
        reordered: the share that is held until a newer change of the same lead was taken.
        delayed: the share that comes late.
        held: the seconds by which a delayed change is late, and after which a reordered one waits no longer.
    """

    shape: Shape = Shape.LIST
    labelling: Labelling = Labelling.RIGHT
    transfer: Transfer = Transfer.PLAIN
    coverage: Coverage = Coverage.WHOLE
    numbers: bool = False
    batch_delay: float = 0.2
    creates: bool = True
    own_writes: bool = True
    lost: float = 0.0
    doubled: float = 0.0
    reordered: float = 0.0
    delayed: float = 0.0
    held: float = 2.0

    def __post_init__(self) -> None:
        shares = (self.lost, self.doubled, self.reordered, self.delayed)
        if min(shares) < 0 or sum(shares) > 1:
            raise ValueError("lost, doubled, reordered and delayed are shares from 0 to 1, and together at most 1")
        if not (0 <= self.batch_delay <= LONGEST and 0 <= self.held <= LONGEST):
            raise ValueError(f"batch_delay and held are seconds from 0 to {LONGEST:.0f}")
