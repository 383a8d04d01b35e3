"""What hangs is told from what is slow."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hookrouter.domain.pace import Pace


def after(*seconds: float) -> Pace:
    pace = Pace()
    for each in seconds:
        pace.note(each)
    return pace


@pytest.mark.parametrize(
    ("ended", "age", "is_hanging"),
    [
        ([], 1.9, False),
        ([], 2.1, True),
        ([0.05] * 20, 1.9, False),
        ([0.05] * 20, 2.1, True),
        ([4.0] * 20, 11.0, False),
        ([4.0] * 20, 13.0, True),
        ([*[0.05] * 20, 10.0], 2.1, True),
        ([10.0] * 60, 10.0, False),
        ([*[10.0] * 5, *[0.05] * 60], 2.1, True),
    ],
    ids=[
        "the first, young",
        "the first, old",
        "quick ones, young",
        "quick ones, one old",
        "slow ones, one as slow",
        "slow ones, one far slower",
        "one that hung makes not all slow",
        "all hang",
        "what was slow once",
    ],
)
def test_what_takes_far_longer_than_others_hangs(ended: Sequence[float], age: float, is_hanging: bool) -> None:
    assert after(*ended).is_hanging(age) is is_hanging
