"""When a message is no news any more."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.calendar import Holiday, OpenTime, Span
from hookrouter.domain.conditions.during import During
from hookrouter.domain.lateness import late_before

BERLIN = ZoneInfo("Europe/Berlin")
DESK = During(
    time=OpenTime(timezone=BERLIN, days=frozenset(range(5)), hours=(Span(start=8 * 60, end=18 * 60),)), name="desk"
)
FOUR_HOURS = timedelta(hours=4)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_without_a_time_every_hour_counts() -> None:
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)

    assert late_before(None, now, FOUR_HOURS) == now - FOUR_HOURS


@pytest.mark.parametrize(
    ("now", "before"),
    [
        pytest.param("2026-03-04T14:00", "2026-03-04T10:00", id="within a day"),
        pytest.param("2026-03-04T09:00", "2026-03-03T15:00", id="over a night"),
        pytest.param("2026-03-09T10:00", "2026-03-06T16:00", id="over a weekend"),
        pytest.param("2026-03-08T12:00", "2026-03-06T14:00", id="on a Sunday"),
        pytest.param("2026-03-30T10:00", "2026-03-27T16:00", id="over the change to summer time"),
    ],
)
def test_only_open_time_counts(now: str, before: str) -> None:
    assert late_before(DESK, at(now), FOUR_HOURS) == at(before)


def test_what_is_never_open_has_nothing_late() -> None:
    shut = Holiday(first=date(2000, 1, 1), last=date(2100, 1, 1))
    never = During(time=OpenTime(timezone=BERLIN, holidays=(shut,)), name="never")

    assert late_before(never, at("2026-03-04T14:00"), FOUR_HOURS) is None


def test_what_is_always_open_is_as_without_a_time() -> None:
    always = During(time=OpenTime(timezone=BERLIN), name="always")
    now = at("2026-03-04T14:00")

    assert late_before(always, now, timedelta(days=3)) == now - timedelta(days=3)


@given(minutes=st.integers(0, 60 * 24 * 21), hours=st.integers(1, 40))
def test_what_is_late_stays_late(minutes: int, hours: int) -> None:
    now = at("2026-03-20T00:00").astimezone(UTC) + timedelta(minutes=minutes)

    earlier = late_before(DESK, now, timedelta(hours=hours))
    later = late_before(DESK, now + timedelta(minutes=17), timedelta(hours=hours))

    assert earlier is not None
    assert later is not None
    assert earlier <= later <= now
