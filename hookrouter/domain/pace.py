"""How long a sink's attempts usually take, and which one hangs because it takes far longer."""

from __future__ import annotations

from dataclasses import dataclass

HANGS_AFTER = 2.0
"""Seconds; what is over sooner need not be told from what hangs."""
FAR_LONGER = 3.0
"""A sink whose every attempt takes a while is slow; one that takes so many times as long as they do hangs."""
WEIGHT = 1 / 16
"""Of the last attempt; a single one that lasted until its time-out does not make all others slow."""


@dataclass(slots=True)
class Pace:
    """What is known of a sink's attempts.

    Attributes:
        usual: seconds that one takes, the latest counting most; None before the first has ended.
    """

    usual: float | None = None

    def note(self, seconds: float) -> None:
        """Learn from an attempt that has ended."""
        self.usual = seconds if self.usual is None else self.usual + WEIGHT * (seconds - self.usual)

    def is_hanging(self, seconds: float) -> bool:
        """Whether an attempt that is so old, and still under way, may last until its time-out."""
        return seconds > max(HANGS_AFTER, FAR_LONGER * (self.usual or 0.0))
