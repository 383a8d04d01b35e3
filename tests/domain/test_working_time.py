"""Working time is counted as a person with a watch would count it, minute by minute, over changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hookrouter.domain.calendar import Holiday, OpenTime, Span
from hookrouter.domain.conditions.during import During
from hookrouter.domain.working_time import moment_after

MINUTE = timedelta(minutes=1)
BERLIN, NEW_YORK, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
WEEKDAYS = frozenset(range(5))


def at_desk(
    zone: ZoneInfo = BERLIN, start: int = 9 * 60, end: int = 17 * 60, *, holidays: tuple[Holiday, ...] = ()
) -> During:
    time = OpenTime(timezone=zone, days=WEEKDAYS, hours=(Span(start=start, end=end),), holidays=holidays)
    return During(time=time, name="desk")


def wall(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("began", "minutes", "due"),
    [
        pytest.param("2027-03-22 10:00", 15, "2027-03-22 10:15", id="within the day"),
        pytest.param("2027-03-22 07:00", 15, "2027-03-22 09:15", id="before the desk opens"),
        pytest.param("2027-03-22 16:50", 15, "2027-03-23 09:05", id="over the night"),
        pytest.param("2027-03-26 16:50", 15, "2027-03-29 09:05", id="over a weekend on which summer begins"),
        pytest.param("2027-03-22 16:45", 15, "2027-03-23 09:00", id="ends as the desk closes: at the next opening"),
        pytest.param("2027-03-22 09:00", 8 * 60, "2027-03-23 09:00", id="a whole working day"),
        pytest.param("2027-10-29 16:00", 120, "2027-11-01 10:00", id="over a weekend on which winter begins"),
    ],
)
def test_a_step_is_due_at_the_working_minute(began: str, minutes: int, due: str) -> None:
    assert moment_after(wall(began), timedelta(minutes=minutes), at_desk()) == wall(due)


def test_holidays_are_no_working_time() -> None:
    easter = Holiday(first=date(2027, 3, 26), last=date(2027, 3, 29))

    due = moment_after(wall("2027-03-25 16:30"), timedelta(hours=1), at_desk(holidays=(easter,)))

    assert due == wall("2027-03-30 09:30")


def test_an_hour_that_the_clock_skips_is_not_worked_and_one_that_it_shows_twice_is_worked_twice() -> None:
    nights = During(time=OpenTime(timezone=BERLIN, hours=(Span(start=60, end=4 * 60),)), name="nights")

    skipped = moment_after(wall("2027-03-28 01:00"), timedelta(hours=2, minutes=30), nights)
    doubled = moment_after(wall("2027-10-31 01:00"), timedelta(hours=3, minutes=30), nights)

    assert skipped == wall("2027-03-29 01:30")  # from 1 to 4 o'clock are two hours
    assert doubled == wall("2027-10-31 03:30")  # and here four


def test_without_a_time_every_minute_counts() -> None:
    began = wall("2027-03-27 23:00")

    assert moment_after(began, timedelta(hours=4), None) == began.astimezone(UTC) + timedelta(hours=4)


def test_what_would_take_longer_than_ten_years_is_never_due() -> None:
    once_a_week = OpenTime(timezone=BERLIN, days=frozenset({0}), hours=(Span(start=540, end=541),))

    assert moment_after(wall("2027-03-22 10:00"), timedelta(days=30), During(time=once_a_week, name="minute")) is None


def test_what_never_opens_again_is_never_due() -> None:
    always_away = Holiday(first=date(2027, 1, 1), last=date(2049, 1, 1))

    assert moment_after(wall("2027-03-22 10:00"), MINUTE, at_desk(holidays=(always_away,))) is None


def counted_by_hand(began: datetime, minutes: int, time: During) -> datetime:
    """With a watch: one minute after the other, each counted if the time is open in it."""
    at, left = began, minutes
    while not (left == 0 and time.is_open(at)):
        left -= 1 if time.is_open(at) else 0
        at += MINUTE
    return at


spans = st.tuples(st.integers(0, 23 * 60), st.integers(30, 600)).map(
    lambda both: Span(start=both[0], end=(both[0] + both[1]) % (24 * 60) or 24 * 60)
)
around_changes = st.sampled_from(["2027-03-12", "2027-03-26", "2027-04-02", "2027-10-01", "2027-10-29", "2027-11-05"])


@settings(max_examples=60, deadline=None)
@given(
    day=around_changes,
    minute=st.integers(0, 4 * 24 * 60),
    minutes=st.integers(1, 900),
    zone=st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE]),
    hours=st.lists(spans, min_size=1, max_size=2),
    outside=st.booleans(),
)
@example(day="2027-03-26", minute=0, minutes=900, zone=BERLIN, hours=[Span(start=60, end=240)], outside=False)
@example(day="2027-10-01", minute=100, minutes=300, zone=LORD_HOWE, hours=[Span(start=90, end=150)], outside=True)
def test_it_agrees_with_a_count_by_hand(
    *, day: str, minute: int, minutes: int, zone: ZoneInfo, hours: list[Span], outside: bool
) -> None:
    time = During(time=OpenTime(timezone=zone, days=WEEKDAYS, hours=tuple(hours)), name="some time", outside=outside)
    began = datetime.fromisoformat(day).replace(tzinfo=UTC) + minute * MINUTE

    assert moment_after(began, minutes * MINUTE, time) == counted_by_hand(began, minutes, time)
