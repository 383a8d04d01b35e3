"""When one more write to a lead is a loop's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookrouter.domain.loops import LoopBounds, why_loop

BOUNDS = LoopBounds(rounds=3, within=timedelta(minutes=10))


@pytest.mark.parametrize(
    ("same", "any_", "why"),
    [
        (0, 0, ""),
        (2, 29, ""),
        (3, 3, "this route wrote the same to this lead 3 times, and it was changed back each time, within 10 minutes"),
        (1, 30, "this route wrote to this lead 30 times within 10 minutes"),
    ],
)
def test_a_loop_is_told_by_how_often_the_same_or_anything_was_written(same: int, any_: int, why: str) -> None:
    told = why_loop(BOUNDS, same=same, any_=any_)

    assert told.startswith(why)
    assert bool(told) is bool(why)
