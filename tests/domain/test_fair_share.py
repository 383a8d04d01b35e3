"""Shards among workers, and places among the drains of one worker."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.fair_share import ShardsSeen, fair_parts


@pytest.mark.parametrize(
    ("bound", "wants", "parts"),
    [
        (256, [32], [32]),
        (256, [32] * 8, [32] * 8),
        (64, [32, 32, 32, 32], [16, 16, 16, 16]),
        (64, [4, 100, 100], [4, 30, 30]),
        (64, [100, 4, 20], [40, 4, 20]),
        (10, [3, 3, 3, 3], [2, 2, 3, 3]),
        (2, [5, 5, 5], [1, 1, 1]),
        (2, [], []),
    ],
    ids=str,
)
def test_what_one_does_not_want_goes_to_the_others(bound: int, wants: list[int], parts: list[int]) -> None:
    assert fair_parts(bound, wants) == parts


@given(bound=st.integers(1, 300), wants=st.lists(st.integers(1, 1000), max_size=40))
def test_parts_keep_to_the_bound_and_nobody_goes_without(bound: int, wants: list[int]) -> None:
    parts = fair_parts(bound, wants)

    assert all(1 <= part <= want for part, want in zip(parts, wants, strict=True))
    assert sum(parts) <= max(bound, len(wants))
    assert sum(parts) == sum(wants) or sum(parts) >= min(bound, sum(wants))


def seen(**said: Any) -> ShardsSeen[str]:
    usual: dict[str, Any] = {
        "mine": [],
        "leaving": 0,
        "free": [],
        "overdue": 0,
        "theirs": 0,
        "workers": 1,
        "others_seek": False,
    }
    return ShardsSeen(**{**usual, **said})


@pytest.mark.parametrize(
    ("view", "takes"),
    [
        (seen(free=["a", "b", "c"]), ["a", "b", "c"]),
        (seen(free=["a", "b", "c"], workers=2), ["a", "b"]),
        (seen(free=["a"], mine=["b"], theirs=1, workers=2), ["a"]),
        (seen(free=["a"], mine=["b", "c"], theirs=1, workers=2), []),
        (seen(free=["a"], mine=["b", "c"], theirs=1, workers=2, overdue=1), ["a"]),
        (seen(free=["a", "b"], workers=0), ["a", "b"]),
    ],
    ids=["alone", "one of two", "up to its part", "not beyond it", "but what nobody takes", "not yet counted"],
)
def test_a_worker_takes_its_part_and_what_no_other_takes(view: ShardsSeen[str], takes: list[str]) -> None:
    assert list(view.to_take) == takes


@pytest.mark.parametrize(
    ("view", "gives"),
    [
        (seen(mine=["a", "b", "c", "d"], workers=2, others_seek=True), ["d", "c"]),
        (seen(mine=["a", "b", "c", "d"], workers=2), []),
        (seen(mine=["a", "b"], theirs=2, workers=2, others_seek=True), []),
        (seen(mine=["a"], workers=3, others_seek=True), []),
        (seen(mine=["a", "b"], leaving=2, workers=2, others_seek=True), []),
    ],
    ids=["beyond its part", "while nobody seeks", "its part", "the last one", "given up already"],
)
def test_a_worker_gives_up_what_is_beyond_its_part_to_one_that_seeks(view: ShardsSeen[str], gives: list[str]) -> None:
    assert list(view.to_give_up) == gives


@pytest.mark.parametrize(
    ("view", "seeks"),
    [
        (seen(theirs=4, workers=2), True),
        (seen(mine=["a"], theirs=3, workers=2), True),
        (seen(mine=["a", "b"], theirs=2, workers=2), False),
        (seen(free=["a", "b"], theirs=2, workers=2), False),
        (seen(), False),
    ],
)
def test_a_worker_seeks_while_it_has_less_than_its_part(view: ShardsSeen[str], seeks: bool) -> None:
    assert view.seeks is seeks


@given(shards=st.integers(0, 12), workers=st.integers(1, 5))
def test_after_some_looks_work_is_spread_evenly(shards: int, workers: int) -> None:
    served: list[list[int]] = [list(range(shards)), *([] for _ in range(workers - 1))]
    seekers: set[int] = set()
    for turn in range(12 * workers):
        me = turn % workers
        taken = {shard for mine in served for shard in mine}
        free = [shard for shard in range(shards) if shard not in taken]
        view = seen(
            mine=served[me],
            free=free,
            theirs=len(taken) - len(served[me]),
            workers=workers,
            others_seek=bool(seekers - {me}),
        )
        (seekers.add if view.seeks else seekers.discard)(me)
        left = set(view.to_give_up)
        served[me] = [*(shard for shard in served[me] if shard not in left), *view.to_take]

    assert sorted(shard for mine in served for shard in mine) == list(range(shards))
    counts = sorted(map(len, served))
    assert counts[0] >= shards // workers
    assert counts[-1] <= max(1, shards // workers) + 1
