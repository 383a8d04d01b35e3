"""What is learned of the rhythm of pushes, and what of a quiet is improbable by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.rhythm import HOUR, LONGEST, SLOTS, Quiet, Rhythm, hour_of, hours_between

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = timedelta(days=7)
OFFICE = range(8, 18)


def office_hours(hour: datetime) -> int:
    """An office that has pushes in every second minute of its hours, and none else."""
    return 30 if hour.weekday() < 5 and hour.hour in OFFICE else 0


def lived(usual: Callable[[datetime], int], weeks: int, rhythm: Rhythm | None = None) -> Rhythm:
    """So many weeks, looked at each hour."""
    rhythm = rhythm or Rhythm().learn({}, MONDAY - timedelta(minutes=30))
    start = rhythm.learned_until
    assert start is not None
    busy: dict[datetime, int] = {}
    for hour in hours_between(start, start + weeks * WEEK):
        busy[hour] = usual(hour)
        rhythm = rhythm.learn({at: count for at, count in busy.items() if count}, hour + HOUR)
    return rhythm


def after(rhythm: Rhythm, last: datetime, quiet_for: timedelta) -> Quiet:
    quiet = rhythm.judge(last, last + quiet_for)
    assert quiet is not None
    return quiet


@pytest.fixture(scope="module")
def office() -> Rhythm:
    return lived(office_hours, weeks=4)


def test_an_hour_of_quiet_at_work_is_improbable_and_a_night_is_not(office: Rhythm) -> None:
    tuesday = MONDAY + 4 * WEEK + timedelta(days=1)

    at_work = after(office, tuesday.replace(hour=10), HOUR)
    by_night = after(office, tuesday.replace(hour=17, minute=59), timedelta(hours=14))

    assert (at_work.is_improbable, by_night.is_improbable) == (True, False)
    assert 25 < at_work.expected < 35


def test_a_whole_weekend_is_just_a_weekend_until_monday_at_work(office: Rhythm) -> None:
    friday = (MONDAY + 4 * WEEK + timedelta(days=4)).replace(hour=17, minute=59)

    assert not after(office, friday, timedelta(days=2, hours=14)).is_improbable
    assert after(office, friday, timedelta(days=2, hours=16)).is_improbable


def test_a_single_week_leaves_more_to_chance_than_many() -> None:
    one, many = lived(office_hours, weeks=1), lived(office_hours, weeks=8)
    at_ten, quiet_for = (MONDAY + 8 * WEEK).replace(hour=10), timedelta(minutes=10)

    assert after(one, at_ten, quiet_for).likelihood > after(many, at_ten, quiet_for).likelihood


def test_nothing_is_improbable_before_anything_was_learned_or_came() -> None:
    assert not after(Rhythm(), MONDAY, timedelta(days=30)).is_improbable
    assert lived(office_hours, weeks=1).judge(None, MONDAY) is None


def test_a_burst_in_one_minute_promises_no_busy_hour() -> None:
    bursts = lived(lambda hour: int(hour.hour == 9), weeks=8)
    nine = (MONDAY + 8 * WEEK).replace(hour=9)

    assert not after(bursts, nine, HOUR).is_improbable


def test_a_new_way_of_life_is_learned_and_the_old_one_forgotten(office: Rhythm) -> None:
    moved = lived(lambda hour: office_hours(hour - timedelta(hours=12)), weeks=8, rhythm=office)
    ten = (MONDAY + 12 * WEEK + timedelta(days=1)).replace(hour=10)

    assert not after(moved, ten, timedelta(minutes=15)).is_improbable
    assert after(moved, ten.replace(hour=22), HOUR).is_improbable


def test_hours_that_nobody_watched_teach_nothing(office: Rhythm) -> None:
    away = office.learn({}, MONDAY + 5 * WEEK)  # one look after a whole week

    just_over = {SLOTS - 2, SLOTS - 1}
    assert {slot for slot, one in away.usual.items() if one != office.usual[slot]} <= just_over


def test_hours_of_a_broken_way_are_skipped(office: Rhythm) -> None:
    broken = office
    for hour in hours_between(MONDAY + 4 * WEEK, MONDAY + 5 * WEEK):
        broken = broken.skip(hour + HOUR)

    assert broken.usual == office.usual
    assert broken.learned_until == MONDAY + 5 * WEEK + HOUR


minutes = st.integers(0, 60)
histories = st.dictionaries(st.integers(0, 6 * SLOTS - 1), minutes, max_size=200)


def by_hour(history: Mapping[int, int]) -> dict[datetime, int]:
    return {MONDAY + place * HOUR: count for place, count in history.items() if count}


def learned(history: Mapping[int, int], looks: int) -> Rhythm:
    rhythm, busy = Rhythm().learn({}, MONDAY - timedelta(minutes=1)), by_hour(history)
    for look in range(1, looks + 1):
        rhythm = rhythm.learn(busy, MONDAY + look * HOUR)
    return rhythm


@given(histories, st.integers(0, 6 * SLOTS), st.lists(st.integers(1, 20_000), min_size=2, max_size=6))
def test_the_longer_a_quiet_the_less_likely_it_is(history: Mapping[int, int], looks: int, spans: list[int]) -> None:
    rhythm, last = learned(history, looks), MONDAY + looks * HOUR

    quiets = [
        after(rhythm, last, timedelta(minutes=span)) for span in sorted(spans) if span <= LONGEST / timedelta(minutes=1)
    ]

    likelihoods = [quiet.likelihood for quiet in quiets]
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert all(
        0 <= likelihood <= 1 and quiet.expected >= 0 for quiet, likelihood in zip(quiets, likelihoods, strict=True)
    )


@given(histories, st.integers(0, 6 * SLOTS))
def test_what_is_remembered_is_bounded_by_a_week_of_hours(history: Mapping[int, int], looks: int) -> None:
    rhythm = learned(history, looks)

    assert len(rhythm.usual) <= SLOTS
    assert all(one.weeks <= 5.0001 and one.busy <= 301 for one in rhythm.usual.values())


@given(histories, st.lists(st.integers(1, 59), max_size=40))
def test_looking_twice_at_an_hour_learns_it_once(history: Mapping[int, int], again: list[int]) -> None:
    once, busy, rhythm = learned(history, 40), by_hour(history), Rhythm().learn({}, MONDAY - timedelta(minutes=1))
    for look in range(1, 41):
        rhythm = rhythm.learn(busy, MONDAY + look * HOUR)
        for minute in again[:3]:
            rhythm = rhythm.learn(busy, MONDAY + look * HOUR + timedelta(minutes=minute))

    assert rhythm == once


@given(st.timedeltas(timedelta(), timedelta(days=366)), st.integers(1, 40))
def test_a_rhythm_never_learns_the_hour_that_runs(since: timedelta, hours: int) -> None:
    now = MONDAY + since
    rhythm = Rhythm().learn({}, now).learn({hour_of(now): 60}, now)

    assert rhythm.usual == {}
    assert rhythm.learn({}, now + hours * HOUR).learned_until == max(hour_of(now) + HOUR, hour_of(now + hours * HOUR))
