"""Loops: the same written to a lead again and again, because something changes it back each time.

Two routes that undo each other's writes do so, or a route and an automation of the CRM's. Nothing tells them from an
honest change at the first round, so a few rounds are let pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

WRITES_A_ROUND = 10
"""A route that writes something else each time may write so many times as often: it may count, or keep a score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopBounds:
    """How often the same may be written to a lead within a time, where it was changed in between."""

    rounds: int = 5
    within: timedelta = timedelta(hours=1)

    @property
    def writes(self) -> int:
        """How often one route may write to a lead, whatever it writes."""
        return self.rounds * WRITES_A_ROUND


def why_loop(bounds: LoopBounds, *, same: int, any_: int) -> str:
    """Why one more write is a loop's; '' when it is none.

    Args:
        bounds: of the sink.
        same: how often the same was written within the time, and changed something.
        any_: how often the route wrote anything.
    """
    minutes = round(bounds.within.total_seconds() / 60)
    end = f"within {minutes} minutes: a loop. Look what else changes the lead, or raise `loop` of the sink"
    if same >= bounds.rounds:
        return f"this route wrote the same to this lead {same} times, and it was changed back each time, {end}"
    if any_ >= bounds.writes:
        return f"this route wrote to this lead {any_} times {end}"
    return ""
