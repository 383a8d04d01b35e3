"""Streams among workers, and places among the drains of one worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookrouter.domain.fair_share import StreamsSeen, fair_parts


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


Seen = StreamsSeen


@pytest.mark.parametrize(
    ("view", "takes"),
    [
        (Seen(free=["a", "b", "c"]), ["a", "b", "c"]),
        (Seen(free=["a", "b", "c"], workers=2), ["a", "b", "c"]),
        (Seen(free=["a"], mine=["b", "c"], workers=2), ["a"]),
        (Seen(free=["a"], mine=["b"], theirs=[1], workers=2), ["a"]),
        (Seen(free=["a"], mine=["b", "c"], theirs=[1], workers=2), []),
        (Seen(free=["a"], mine=["b", "c"], theirs=[1], workers=2, overdue=1), ["a"]),
        (Seen(free=["a", "b", "c"], mine=["d", "e"], theirs=[1], workers=2, overdue=3), ["a", "b"]),
        (Seen(free=["a", "b"], mine=["c", "d"], theirs=[4], workers=5), ["a", "b"]),
        (Seen(free=["a", "b"], seekers=[0], workers=2), ["a"]),
        (Seen(free=["a", "b", "c"], mine=["d"], theirs=[4, 1], seekers=[1], workers=9), ["a"]),
        (Seen(free=["a"], seekers=[0], workers=2), ["a"]),
        (Seen(free=["a"], mine=["b", "c"], seekers=[0], theirs=[1], workers=3), []),
        (Seen(free=["a", "b"], workers=0), ["a", "b"]),
    ],
    ids=[
        "alone",
        "where nobody else is at work",
        "nor when it has some itself",
        "up to its part",
        "not beyond it",
        "but what nobody takes",
        "and of that not all at once",
        "as many as the richest",
        "while another seeks, no more than that leaves",
        "but one more than the poorest",
        "but one at least",
        "nor one that was left to it",
        "not yet counted",
    ],
)
def test_a_worker_takes_its_part_and_what_no_other_takes(view: StreamsSeen[str], takes: list[str]) -> None:
    assert list(view.to_take) == takes
    assert [*view.to_take, *view.to_leave] == list(view.free)


@pytest.mark.parametrize(
    ("view", "gives"),
    [
        (Seen(mine=["a", "b", "c", "d"], workers=2, seekers=[0]), ["d", "c"]),
        (Seen(mine=["a", "b", "c", "d"], workers=2), []),
        (Seen(mine=["a", "b"], theirs=[2], workers=2, seekers=[0]), []),
        (Seen(mine=["a"], workers=3, seekers=[0]), []),
        (Seen(mine=["a", "b"], leaving=2, workers=2, seekers=[0]), []),
        (Seen(mine=["a", "b", "c", "d"], theirs=[2], workers=4, seekers=[2]), ["d"]),
        (Seen(mine=["a", "b", "c"], theirs=[3], workers=3, seekers=[0]), ["c"]),
    ],
    ids=[
        "beyond its part",
        "while nobody seeks",
        "its part",
        "the last one",
        "given up already",
        "the dead get none",
        "nor does one that has enough",
    ],
)
def test_a_worker_gives_up_what_makes_it_even_with_one_that_seeks(view: StreamsSeen[str], gives: list[str]) -> None:
    assert list(view.to_give_up) == gives


@pytest.mark.parametrize(
    ("view", "is_short"),
    [
        (Seen(theirs=[4], workers=2), True),
        (Seen(theirs=[1, 2], workers=3), True),
        (Seen(mine=["a"], theirs=[3], workers=2), True),
        (Seen(mine=["a"], theirs=[2], workers=2), False),
        (Seen(theirs=[1], workers=2), False),
        (Seen(free=["a"], theirs=[2], workers=2), False),
        (Seen(), False),
    ],
)
def test_a_worker_is_short_while_another_has_two_more(view: StreamsSeen[str], is_short: bool) -> None:
    assert view.is_short is is_short


def test_a_worker_with_more_than_its_part_knows_it() -> None:
    assert Seen(mine=["a", "b"], workers=2).has_too_many
    assert not Seen(mine=["a", "b"], theirs=[1], workers=2).has_too_many


@dataclass
class Company:
    """Workers over streams that never run dry; `counted` live, as far as anybody knows."""

    served: list[list[int]]
    streams: int
    counted: int
    leaving: list[set[int]] = field(default_factory=list)
    seekers: set[int] = field(default_factory=set)
    first_free: dict[int, int] = field(default_factory=dict)
    moves: int = 0

    def look(self, me: int, turn: int, *, ends: bool) -> None:
        """One worker's look; those that it gave up before come to their end, or not yet."""
        if ends:
            self.leaving[me].clear()
        holders = [[*mine, *left] for mine, left in zip(self.served, self.leaving, strict=True)]
        free = sorted(set(range(self.streams)).difference(*holders), key=lambda at: self.first_free.get(at, turn))
        for at in free:
            self.first_free.setdefault(at, turn)
        others = [each for each in range(len(holders)) if each != me]
        view = StreamsSeen(
            mine=self.served[me],
            leaving=len(self.leaving[me]),
            free=free,
            overdue=sum(self.first_free[at] < turn - 3 * len(holders) for at in free),
            theirs=[len(holders[each]) for each in others if holders[each]],
            seekers=[len(holders[each]) for each in others if each in self.seekers],
            workers=self.counted,
        )
        (self.seekers.add if view.is_short else self.seekers.discard)(me)
        given, taken = list(view.to_give_up), list(view.to_take)
        self.served[me] = [*(at for at in self.served[me] if at not in given), *taken]
        self.leaving[me].update(given)
        for at in taken:
            del self.first_free[at]
        self.moves += len(given) + len(taken)


def counts(served: Sequence[Sequence[int]]) -> list[int]:
    return sorted(map(len, served))


@settings(max_examples=200, deadline=None)
@given(
    held=st.lists(st.integers(0, 6), min_size=1, max_size=5),
    free=st.integers(0, 8),
    dead=st.integers(0, 2),
    seed=st.integers(0, 2**32),
)
def test_wherever_it_begins_work_is_soon_spread_evenly_and_stays(
    held: list[int], free: int, dead: int, seed: int
) -> None:
    numbers, chance = iter(range(100)), Random(seed)
    served = [[next(numbers) for _ in range(count)] for count in held]
    company = Company(served, sum(held) + free, len(held) + dead, [set() for _ in held])
    everyone = list(range(len(held)))

    def go_round(rounds: int, turn: int = 0) -> int:
        for _ in range(rounds):
            chance.shuffle(everyone)
            for me in everyone:
                company.look(me, turn, ends=chance.random() < 0.7)
                turn += 1
        return turn

    turn = go_round(60)
    company.moves = 0
    go_round(20, turn)

    assert sum(counts(company.served)) == company.streams
    assert counts(company.served)[-1] - counts(company.served)[0] <= 1
    assert company.moves == 0
