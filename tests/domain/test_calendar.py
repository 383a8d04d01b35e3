"""When a time is open, against a model that asks the wall clock minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hookrouter.domain.calendar import Holiday, OpenTime, Span

NEW_YORK = ZoneInfo("America/New_York")
DESK = OpenTime(
    timezone=NEW_YORK,
    days=frozenset(range(5)),
    hours=(Span(start=8 * 60, end=18 * 60),),
    holidays=(Holiday(first=date(2026, 11, 26), last=date(2026, 11, 26)),),
)
NIGHT = OpenTime(timezone=NEW_YORK, days=frozenset({4}), hours=(Span(start=22 * 60, end=6 * 60),))
MODEL_MINUTES = 3 * 24 * 60

ZONES = [
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
]
AROUND_CLOCK_CHANGES = [
    "2026-03-08",
    "2026-11-01",
    "2026-03-29",
    "2026-10-25",
    "2026-04-05",
    "2026-10-04",
    "2011-12-30",
]
spans = st.builds(Span, start=st.integers(0, 1439), end=st.integers(1, 1440))
times = st.builds(
    OpenTime,
    timezone=st.sampled_from(ZONES).map(ZoneInfo),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    hours=st.lists(spans, min_size=1, max_size=2).map(tuple),
    holidays=st.sampled_from([(), (Holiday(first=date(2026, 3, 8), last=date(2026, 3, 9)),)]),
)
moments = st.builds(
    lambda day, minutes: datetime.fromisoformat(f"{day}T00:00:00+00:00") + timedelta(minutes=minutes),
    st.sampled_from(AROUND_CLOCK_CHANGES),
    st.integers(-2880, 2880),
)


def open_by_the_wall_clock(time, at):
    """By the words of the definition: lay every day's hours out as minutes with their dates, and look."""
    local = at.astimezone(time.timezone).replace(tzinfo=None, second=0, microsecond=0)
    for day in (local.date() - timedelta(days=1), local.date()):
        if day.weekday() not in time.days or any(off.first <= day <= off.last for off in time.holidays):
            continue
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock shows no zone
        for span in time.hours:
            length = span.end - span.start if span.end > span.start else span.end + 1440 - span.start
            begin = midnight + timedelta(minutes=span.start)
            if begin <= local < begin + timedelta(minutes=length):
                return True
    return False


@settings(max_examples=60, deadline=None)
@given(times, moments)
@example(OpenTime(timezone=NEW_YORK, hours=(Span(start=150, end=200),)), datetime(2026, 3, 8, 6, 0, tzinfo=UTC))
@example(OpenTime(timezone=NEW_YORK, hours=(Span(start=1380, end=90),)), datetime(2026, 11, 1, 5, 45, tzinfo=UTC))
def test_it_opens_when_a_model_that_asks_every_minute_says_so(time, at):
    minutes = (at + timedelta(minutes=number) for number in range(MODEL_MINUTES))
    expected = next((minute for minute in minutes if open_by_the_wall_clock(time, minute)), None)

    opens = time.opens(at)

    assert time.is_open(at) is open_by_the_wall_clock(time, at)
    if expected is not None:
        assert opens == expected
    else:
        assert opens is None or opens >= at + timedelta(minutes=MODEL_MINUTES)


@settings(max_examples=60, deadline=None)
@given(times, moments)
@example(OpenTime(timezone=NEW_YORK, hours=(Span(start=100, end=150),)), datetime(2026, 3, 8, 6, 50, tzinfo=UTC))
@example(OpenTime(timezone=NEW_YORK, hours=(Span(start=0, end=90),)), datetime(2026, 11, 1, 5, 15, tzinfo=UTC))
@example(OpenTime(timezone=NEW_YORK, hours=(Span(start=1380, end=90),)), datetime(2026, 11, 1, 4, 45, tzinfo=UTC))
def test_it_closes_when_a_model_that_asks_every_minute_says_so(time, at):
    minutes = (at + timedelta(minutes=number) for number in range(MODEL_MINUTES))
    expected = next((minute for minute in minutes if not open_by_the_wall_clock(time, minute)), None)

    closes = time.closes(at)

    if expected is not None:
        assert closes == expected
    else:
        assert closes is None or closes >= at + timedelta(minutes=MODEL_MINUTES)


def test_what_never_closes_says_so():
    assert OpenTime(timezone=NEW_YORK).closes(datetime(2026, 11, 27, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("time", "at", "opens"),
    [
        pytest.param(DESK, "2026-11-25T17:59:59-05:00", "2026-11-25T17:59:59-05:00", id="open now"),
        pytest.param(DESK, "2026-11-25T18:00:00-05:00", "2026-11-27T08:00:00-05:00", id="over a holiday"),
        pytest.param(DESK, "2026-11-28T09:00:00-05:00", "2026-11-30T08:00:00-05:00", id="over a weekend"),
        pytest.param(DESK, "2026-03-07T09:00:00-05:00", "2026-03-09T08:00:00-04:00", id="over a change of the clock"),
        pytest.param(NIGHT, "2026-11-28T05:59:00-05:00", "2026-11-28T05:59:00-05:00", id="Friday's night on Saturday"),
        pytest.param(NIGHT, "2026-11-27T05:59:00-05:00", "2026-11-27T22:00:00-05:00", id="not Thursday's night"),
    ],
)
def test_it_opens_at(time, at, opens):
    assert time.opens(datetime.fromisoformat(at)) == datetime.fromisoformat(opens)


def test_what_never_opens_says_so():
    never = OpenTime(timezone=NEW_YORK, holidays=(Holiday(first=date(2020, 1, 1), last=date(2099, 1, 1)),))

    assert never.opens(datetime(2026, 11, 27, tzinfo=UTC)) is None
