"""When a weekly moment comes, over changes of the clock, and which days a report is of."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.weekly import Span, Weekly

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
MONDAY_MORNING = Weekly(day=0, at=time(8), zone=NEW_YORK)
ZONES = st.sampled_from([ZoneInfo("UTC"), BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")])
RULES = st.builds(
    Weekly, day=st.integers(0, 6), at=st.times().map(lambda at: at.replace(second=0, microsecond=0)), zone=ZONES
)
MOMENTS = st.datetimes(datetime(2020, 1, 8), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - it gets one


def test_it_comes_at_eight_on_the_wall_before_and_after_the_clock_is_moved() -> None:
    winter = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    summer = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)

    assert MONDAY_MORNING.last_due(winter) == winter
    assert MONDAY_MORNING.last_due(summer - timedelta(seconds=1)) == winter
    assert MONDAY_MORNING.last_due(summer) == summer


@pytest.mark.parametrize(
    ("day", "due"),
    [
        pytest.param(date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC), id="an-hour-that-the-clock-skips"),
        pytest.param(date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="an-hour-that-it-shows-twice"),
    ],
)
def test_it_comes_once_in_the_night_in_which_the_clock_is_moved(day: date, due: datetime) -> None:
    rule = Weekly(day=6, at=time(2, 30), zone=BERLIN)
    hours = [datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=10 * n) for n in range(60)]

    assert {rule.last_due(hour) for hour in hours} == {due, rule.last_due(due - timedelta(seconds=1))}
    assert rule.last_due(due - timedelta(seconds=1)) < due - timedelta(days=6)


@given(RULES, MOMENTS)
def test_the_last_one_is_never_ahead_and_never_more_than_a_week_and_a_days_change_ago(
    rule: Weekly, now: datetime
) -> None:
    due = rule.last_due(now)

    assert due <= now
    assert now - due <= timedelta(days=8, hours=2)  # a zone may leave out a whole day
    assert rule.last_due(due) == due


@given(RULES, MOMENTS)
def test_the_reported_days_are_seven_and_end_before_the_day_it_is_due(rule: Weekly, now: datetime) -> None:
    due = rule.last_due(now)
    span = rule.reported(due)

    assert len(span.days) == 7
    assert span.last == due.astimezone(rule.zone).date() - timedelta(days=1)
    assert span.before == Span(first=span.first - timedelta(days=7), last=span.first - timedelta(days=1))


@pytest.mark.parametrize(("days", "earlier"), [(1, 7), (5, 7), (7, 7), (8, 14), (30, 35)])
def test_days_are_compared_with_the_same_days_of_a_week_before(days: int, earlier: int) -> None:
    first = date(2026, 11, 16)
    span = Span(first=first, last=first + timedelta(days=days - 1))

    assert (span.before.first, len(span.before.days)) == (first - timedelta(days=earlier), days)
