"""What the configuration says of times is read as it is meant, or refused with what to do."""

from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.calendar import Holiday, OpenTime, Span
from hookrouter.wire.config.faults import Faults
from hookrouter.wire.rules.during import read_during
from hookrouter.wire.rules.times import NamedTimes, read_time
from hookrouter.wire.rules.values import Place

NEW_YORK = "America/New_York"
ZONE = ZoneInfo(NEW_YORK)
WEEK = frozenset(range(5))
DESK = {"days": "mon-fri", "hours": "08:00-18:00", "timezone": NEW_YORK}
TIMES = {"sales-desk": DESK, "always": {"timezone": "UTC"}}
NAMED_SO = "give the name of one, such as America/New_York (did you mean America/New_York?)"
HERE = Place(path=("times", "it"))


def named(written=None):
    times = NamedTimes(TIMES if written is None else written)
    times.read_all()
    return times


def time_of(**keys):
    return read_time({"timezone": NEW_YORK} | keys, HERE).time


def faults_of(read, *values):
    with pytest.raises(Faults) as raised:
        read(*values)
    return [(".".join(map(str, fault.path)), fault.message) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("mon", {0}),
        ("Mon - Fri", {0, 1, 2, 3, 4}),
        ("sat-sun", {5, 6}),
        ("fri-mon", {4, 5, 6, 0}),
        ("sunday", {6}),
        ("monday-friday", {0, 1, 2, 3, 4}),
        (["mon", "wed"], {0, 2}),
        (["mon-tue", "sat"], {0, 1, 5}),
        ("mon-sun", set(range(7))),
    ],
)
def test_days(written, days):
    assert time_of(days=written).days == days


@pytest.mark.parametrize(
    ("written", "spans"),
    [
        ("08:00-18:00", [(480, 1080)]),
        ("8:00 - 18:00", [(480, 1080)]),
        (["08:00-12:00", "13:00-17:30"], [(480, 720), (780, 1050)]),
        ("22:00-06:00", [(1320, 360)]),
        ("18:00-24:00", [(1080, 1440)]),
        ("18:00-00:00", [(1080, 1440)]),
        ("00:00-24:00", [(0, 1440)]),
    ],
)
def test_hours(written, spans):
    assert time_of(hours=written).hours == tuple(Span(start=start, end=end) for start, end in spans)


@pytest.mark.parametrize(
    ("written", "days_off"),
    [
        ("2026-12-25", [(date(2026, 12, 25), date(2026, 12, 25))]),
        (["2026-12-24 to 2026-12-26"], [(date(2026, 12, 24), date(2026, 12, 26))]),
        (
            ["2026-11-26", "2026-12-31 to 2027-01-01"],
            [(date(2026, 11, 26),) * 2, (date(2026, 12, 31), date(2027, 1, 1))],
        ),
    ],
)
def test_days_off(written, days_off):
    assert time_of(**{"except": written}).holidays == tuple(Holiday(first=first, last=last) for first, last in days_off)


def test_what_is_not_said_is_every_day_and_all_day():
    assert time_of() == OpenTime(timezone=ZONE)


@pytest.mark.parametrize(
    ("key", "written", "message"),
    [
        ("days", "mondey", "a day is needed, such as mon, or some, such as mon-fri (did you mean monday?)"),
        ("days", "weekdays", "days are written as in mon-fri (did you mean mon-fri?)"),
        ("days", "mon-", "a day is needed, such as mon, or some, such as mon-fri"),
        ("days", [], "an empty list matches nothing"),
        ("days", 1, "a day is needed, such as mon, or some, such as mon-fri"),
        ("days", {"mon": True}, "a day is needed, such as mon, or some, such as mon-fri"),
        ("hours", "8-18", 'hours are needed, such as "08:00-18:00" (did you mean "08:00-18:00"?)'),
        ("hours", "0800-1800", 'hours are needed, such as "08:00-18:00" (did you mean "08:00-18:00"?)'),
        ("hours", "8:00 to 18:30", 'hours are needed, such as "08:00-18:00" (did you mean "08:00-18:30"?)'),
        ("hours", "office", 'hours are needed, such as "08:00-18:00"'),
        ("hours", "08:00-25:00", "25:00 is no time of day: they go from 00:00 to 24:00"),
        ("hours", "08:60-09:00", "08:60 is no time of day: they go from 00:00 to 24:00"),
        ("hours", "24:00-06:00", "24:00 ends a day and begins none: write 00:00"),
        ("hours", "08:00-08:00", "these hours begin when they end: leave out `hours` for the whole day"),
        ("except", "2026-02-30", "the calendar has no 2026-02-30"),
        (
            "except",
            "2026-12-26 to 2026-12-24",
            "2026-12-24 lies before 2026-12-26: the earlier date comes first (did you mean 2026-12-24 to 2026-12-26?)",
        ),
        (
            "except",
            "24.12.2026",
            "a date is needed, such as 2026-12-24, or some, such as 2026-12-24 to 2026-12-26",
        ),
        (
            "except",
            "2020-01-01 to 2099-12-31",
            "more than ten years are off: leave the time out, or look at the years",
        ),
        (
            "timezone",
            "America/NewYork",
            f"there is no timezone `America/NewYork`: {NAMED_SO}",
        ),
        (
            "timezone",
            "new york",
            f"there is no timezone `new york`: {NAMED_SO}",
        ),
        (
            "timezone",
            "../../etc/passwd",
            "there is no timezone `../../etc/passwd`: give the name of one, such as America/New_York",
        ),
        ("zone", "UTC", "`zone` is not known here: it is called `timezone`"),
        ("hour", "UTC", "`hour` is not known here: it is called `hours`"),
        ("day_of_month", "1", "`day_of_month` is not known here; known are days, hours, timezone, except"),
    ],
)
def test_a_fault_says_what_to_do(key, written, message):
    assert faults_of(read_time, {"timezone": NEW_YORK} | {key: written}, HERE) == [(f"times.it.{key}", message)]


def test_all_faults_are_told_at_once_each_at_its_place():
    told = faults_of(read_time, {"days": ["mon", "xyz"], "hours": ["9-17"], "except": ["x"]}, HERE)

    assert [place for place, _ in told] == ["times.it.days.1", "times.it.hours.0", "times.it.except.0", "times.it"]
    assert told[-1][1] == "`timezone` is missing: the name of one, such as America/New_York"


@pytest.mark.parametrize(
    ("written", "label", "drops", "open_on_saturday"),
    [
        ("sales-desk", "during sales-desk", False, False),
        ({"time": "sales-desk"}, "during sales-desk", False, False),
        ({"time": "sales-desk", "outside": "hold"}, "during sales-desk", False, False),
        ({"time": "sales-desk", "outside": "drop"}, "during sales-desk", True, False),
        ({"not": "sales-desk"}, "not during sales-desk", False, True),
        ({"not": {"time": "sales-desk"}, "outside": "drop"}, "not during sales-desk", True, True),
        ({"days": "sat", "timezone": NEW_YORK}, f"during sat {NEW_YORK}", False, True),
        ({"not": {"days": ["sat", "sun"], "timezone": "UTC"}}, "not during sat, sun UTC", False, False),
    ],
)
def test_when_a_route_is_open(written, label, drops, open_on_saturday):
    read = read_during(written, HERE, named())

    assert (read.during.label, read.drops) == (label, drops)
    assert read.during.is_open(datetime(2026, 11, 21, 18, tzinfo=UTC)) is open_on_saturday


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("sales", [("", "there is no time `sales`: known are always, sales-desk (did you mean sales-desk?)")]),
        ({"time": "nights"}, [(".time", "there is no time `nights`: known are always, sales-desk")]),
        ({"time": ["always"]}, [(".time", "the name of one of the file's `times` is needed")]),
        (
            {"time": "sales-desk", "outside": "discard"},
            [
                (
                    ".outside",
                    "give hold (deliveries wait until it opens) or drop (the route takes no lead) (did you mean drop?)",
                )
            ],
        ),
        ({"time": "sales-desk", "days": "mon"}, [(".days", "`days` cannot stand beside `time`")]),
        ({"not": "sales-desk", "time": "always"}, [(".time", "`time` cannot stand beside `not`")]),
        ({"not": "always"}, [("", "it is open all the time, so this never is")]),
        ({}, [("", "a time is needed: the name of one in `times`, or {days: …, hours: …, timezone: …}")]),
        ({"outside": "drop"}, [("", "`timezone` is missing: the name of one, such as America/New_York")]),
    ],
)
def test_a_fault_of_during_says_what_to_do(written, told):
    expected = [(f"times.it{place}", message) for place, message in told]
    assert faults_of(read_during, written, HERE, named()) == expected


def test_a_faulty_time_is_told_once_and_not_where_it_is_asked_for():
    times = named({"desk": {"days": "mon"}})

    assert read_during("desk", HERE, times) is None
    assert [fault.path for fault in times.faults] == [("times", "desk")]


def test_times_that_nobody_asks_for_are_doubtful():
    times = named()
    read_during("sales-desk", HERE, times)

    assert [fault.message for fault in times.unused()] == ["no route asks for the time `always`"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from([*DESK.values()]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["days", "hours", "timezone", "except", "time", "not", "outside", "x"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)


@given(json_values)
def test_whatever_is_written_is_read_or_refused(value):
    with suppress(Faults):
        assert read_during(value, HERE, named()) is not None
