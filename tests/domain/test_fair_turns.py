"""Everybody gets the own share of the turns, and is at no moment a whole lead off it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.fair_turns import next_turn, without

shares_of_teams = st.lists(st.integers(1, 100), min_size=1, max_size=12).map(
    lambda shares: {f"m{number}": share for number, share in enumerate(shares)}
)


def turns(shares: Mapping[str, int], count: int) -> list[str]:
    credits_now: Mapping[str, int] = {}
    unit, taken = 0, []
    for _ in range(count):
        turn = next_turn(shares, credits_now, unit)
        credits_now, unit = turn.credits, turn.unit
        taken.append(turn.whose)
    return taken


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"a": 1}, "aaaa"),
        ({"a": 1, "b": 1, "c": 1}, "abcabc"),
        ({"a": 2, "b": 1, "c": 1}, "abcaabca"),
        ({"a": 1, "b": 3}, "bbabbbab"),
    ],
    ids=["alone", "equal shares", "two to one to one", "the smaller share first"],
)
def test_turns_are_spread_evenly(shares: Mapping[str, int], expected: str) -> None:
    assert "".join(turns(shares, len(expected))) == expected


@given(shares=shares_of_teams, count=st.integers(1, 300))
def test_nobody_is_a_whole_lead_off_the_own_share_at_any_moment(shares: Mapping[str, int], count: int) -> None:
    whole = sum(shares.values())
    had: Counter[str] = Counter()

    for number, whose in enumerate(turns(shares, count), 1):
        had[whose] += 1
        for name, share in shares.items():
            assert abs(had[name] - Fraction(number * share, whole)) < 1


@given(
    shares=shares_of_teams,
    presences=st.lists(st.tuples(st.integers(1, 9), st.sets(st.integers(0, 11), min_size=1)), min_size=1, max_size=40),
)
def test_whoever_comes_and_goes_stays_within_two_leads_of_what_was_earned_while_there(
    shares: Mapping[str, int], presences: list[tuple[int, set[int]]]
) -> None:
    """What is owed is the difference between what was earned while there and what was taken."""
    credits_now: Mapping[str, int] = {}
    unit = 0
    names = list(shares)
    for count, numbers in presences:
        there = {names[number]: shares[names[number]] for number in sorted(numbers) if number < len(names)}
        for _ in range(count if there else 0):
            turn = next_turn(there, credits_now, unit)
            credits_now, unit = turn.credits, turn.unit
            assert turn.whose in there
            assert all(abs(credit) < 2 * unit for credit in credits_now.values())


def test_whoever_was_away_finds_no_pile() -> None:
    shares = {"a": 1, "b": 1}
    turn = next_turn(shares, {}, 0)
    for _ in range(50):
        turn = next_turn({"b": 1}, turn.credits, turn.unit)

    taken = []
    for _ in range(6):
        turn = next_turn(shares, turn.credits, turn.unit)
        taken.append(turn.whose)

    assert Counter(taken) == {"a": 3, "b": 3}


def test_a_claim_is_worth_as_much_of_a_lead_after_the_shares_were_changed() -> None:
    half = next_turn({"a": 1, "b": 1}, {}, 0)

    after = next_turn({"a": 3, "b": 1, "c": 4}, half.credits, half.unit)

    assert Fraction(half.credits["b"], half.unit) == Fraction(1, 2)
    assert Fraction(after.credits["b"], after.unit) == Fraction(1, 2) + Fraction(1, 8) - (after.whose == "b")


def test_what_somebody_who_left_was_owed_goes_to_the_others_by_their_shares() -> None:
    assert without({"c": 90}, {"a": -30, "b": -60}, {"a": 2, "b": 1}) == {"a": 30, "b": -30}
    assert without({}, {"a": 5}, {"a": 1}) == {"a": 5}
