"""Times of the week, as the configuration writes them: days, hours, a timezone, and days off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from hookrouter.domain.calendar import Holiday, OpenTime, Span
from hookrouter.domain.lead import Json, text_of
from hookrouter.wire.config.faults import Fault, Faults, did_you_mean, known_names
from hookrouter.wire.config.gathering import Gathering
from hookrouter.wire.config.json_shapes import Shape, a_map, one_or_more, text, told
from hookrouter.wire.config.timezones import read_zone
from hookrouter.wire.rules.values import Place, read_each

SECTION = "times"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OTHER_DAYS = {"weekdays": "mon-fri", "workdays": "mon-fri", "weekend": "sat-sun", "weekends": "sat-sun"}
_OTHER_DAYS |= {"daily": "mon-sun", "all": "mon-sun", "everyday": "mon-sun"}
DAYS_PATTERN = r"[A-Za-z]{3,9}(?: ?- ?[A-Za-z]{3,9})?"

HOURS_PATTERN = r"[0-9]{1,2}:[0-9]{2} ?- ?[0-9]{1,2}:[0-9]{2}"
_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})")
_ALMOST_HOURS = re.compile(r"([0-9]{1,2})(?::?([0-9]{2}))?\s*(?:-|–|to)\s*([0-9]{1,2})(?::?([0-9]{2}))?")  # noqa: RUF001 - what people paste
WHOLE_DAY = 24 * 60

DATES_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: to [0-9]{4}-[0-9]{2}-[0-9]{2})?"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EARLIEST_YEAR, LATEST_YEAR = 1970, 2999
LONGEST_OFF = timedelta(days=3660)
"""Beyond ten years off, nobody looks when it opens again."""

MOST = 1000
"""Hours, and days off, of one time."""

_OTHER_KEYS = {
    "day": "days",
    "weekdays": "days",
    "hour": "hours",
    "time": "hours",
    "zone": "timezone",
    "tz": "timezone",
    "time_zone": "timezone",
    "location": "timezone",
    "holidays": "except",
    "exclude": "except",
}
KEYS = ("days", "hours", "timezone", "except")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTime:
    """A time, with what it is called: its name, or its days and hours as they are written."""

    time: OpenTime
    name: str


@dataclass(slots=True)
class NamedTimes:
    """All times that one configuration names; each is read once, and its faults are told at its own place."""

    written: Mapping[str, Json]
    faults: list[Fault] = field(default_factory=list)
    _read: dict[str, OpenTime] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)

    def read_all(self) -> None:
        """Read every time, whether a route asks for it or not."""
        for name, value in self.written.items():
            try:
                self._read[name] = read_time(value, Place(path=(SECTION, name))).time
            except Faults as found:
                self.faults += found.faults

    def find(self, name: str, place: Place) -> WrittenTime | None:
        """The time of a name; None when it has faults, which are told already.

        Raises:
            Faults: there is none.
        """
        self._asked.add(name)
        if name not in self.written:
            known = known_names(name, sorted(self.written)) if self.written else ": the section `times` names none"
            raise place.fault(f"there is no time `{name}`{known}")
        time = self._read.get(name)
        return None if time is None else WrittenTime(time=time, name=name)

    def unused(self) -> Iterator[Fault]:
        """A doubt of each time that no route asks for."""
        for name in self.written:
            if name not in self._asked:
                yield Fault(path=(SECTION, name), message=f"no route asks for the time `{name}`", at_key=True)


def read_time(value: Json, place: Place) -> WrittenTime:
    """Read days, hours, timezone and days off.

    Raises:
        Faults: with all of them.
    """
    if not isinstance(value, dict):
        raise place.fault('a time is needed, as in {days: mon-fri, hours: "08:00-18:00", timezone: America/New_York}')
    gathering = Gathering()
    with gathering:
        _refuse_unknown(value, place)
    days, hours, holidays = frozenset(range(7)), [Span()], list[Holiday]()
    with gathering:
        if "days" in value:
            days = frozenset().union(*read_each(value["days"], place.at("days"), _read_days))
    with gathering:
        if "hours" in value:
            hours = read_each(_few(value["hours"], place.at("hours")), place.at("hours"), _read_hours)
    with gathering:
        if "except" in value:
            holidays = read_days_off(value["except"], place.at("except"))
    zone: ZoneInfo | None = None
    with gathering:
        zone = _read_zone(value, place)
    gathering.finish()
    time = OpenTime(timezone=cast("ZoneInfo", zone), days=days, hours=tuple(hours), holidays=tuple(holidays))
    return WrittenTime(time=time, name=_in_words(value))


def read_days_off(value: Json, place: Place) -> list[Holiday]:
    """Read dates, or ranges of them: one, or a list of some.

    Raises:
        Faults: with all of them.
    """
    return read_each(_few(value, place), place, _read_holiday)


def never_opens(time: OpenTime, *, outside: bool) -> bool:
    """Whether a time, or all that is outside it, is never open, whatever the day."""
    first = min((holiday.first for holiday in time.holidays), default=date(EARLIEST_YEAR + 1, 1, 1))
    at = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=7)
    return (time.closes(at) if outside else time.opens(at)) is None


def _refuse_unknown(value: Mapping[str, Json], place: Place) -> None:
    faults: list[Fault] = []
    for key in value:
        if key not in KEYS:
            called = _OTHER_KEYS.get(key)
            hint = f": it is called `{called}`" if called else did_you_mean(key, KEYS)
            message = f"`{key}` is not known here{hint or '; known are ' + ', '.join(KEYS)}"
            faults.append(Fault(path=(*place.path, key), message=message, at_key=True))
    if faults:
        raise Faults(faults)


def _few(value: Json, place: Place) -> Json:
    if isinstance(value, list) and len(value) > MOST:
        raise place.fault(f"{MOST} are the most")
    return value


def _read_days(value: Json, place: Place) -> frozenset[int]:
    """A day, or some from one to another, over Sunday if need be."""
    written = value.strip().lower() if isinstance(value, str) else ""
    if written in _OTHER_DAYS:
        raise place.fault(f"days are written as in mon-fri (did you mean {_OTHER_DAYS[written]}?)")
    first, dash, last = (part.strip() for part in written.partition("-"))
    start = _read_day(first, place)
    end = _read_day(last, place) if dash else start
    return frozenset((start + number) % 7 for number in range((end - start) % 7 + 1))


def _read_day(written: str, place: Place) -> int:
    for names in (DAYS, _LONG_DAYS):
        if written in names:
            return names.index(written)
    near = did_you_mean(written, (*_LONG_DAYS, *DAYS)) if written else ""
    raise place.fault(f"a day is needed, such as mon, or some, such as mon-fri{near}")


def _read_hours(value: Json, place: Place) -> Span:
    written = value.strip() if isinstance(value, str) else ""
    found = _HOURS.fullmatch(written)
    if found is None:
        almost = _ALMOST_HOURS.fullmatch(written)
        hint = f' (did you mean "{_as_hours(almost)}"?)' if almost else ""
        raise place.fault(f'hours are needed, such as "08:00-18:00"{hint}')
    start, end = _minute(found[1], found[2], place), _minute(found[3], found[4], place)
    if start == WHOLE_DAY:
        raise place.fault("24:00 ends a day and begins none: write 00:00")
    if start == end:
        raise place.fault("these hours begin when they end: leave out `hours` for the whole day")
    return Span(start=start, end=end or WHOLE_DAY)


def _as_hours(almost: re.Match[str]) -> str:
    return f"{int(almost[1]):02}:{almost[2] or '00'}-{int(almost[3]):02}:{almost[4] or '00'}"


def _minute(hours: str, minutes: str, place: Place) -> int:
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > WHOLE_DAY:  # noqa: PLR2004 - minutes of an hour
        raise place.fault(f"{hours}:{minutes} is no time of day: they go from 00:00 to 24:00")
    return minute


def _read_zone(value: Mapping[str, Json], place: Place) -> ZoneInfo:
    written = value.get("timezone")
    if written is None:
        raise place.fault("`timezone` is missing: the name of one, such as America/New_York")
    try:
        return read_zone("" if isinstance(written, list | dict) else text_of(written))
    except ValueError as error:
        raise place.at("timezone").fault(str(error)) from error


def _read_holiday(value: Json, place: Place) -> Holiday:
    written = value if isinstance(value, str) else ""
    first, _, last = written.partition(" to ")
    begin = _read_date(first, place)
    end = _read_date(last, place) if last else begin
    if end < begin:
        raise place.fault(f"{end} lies before {begin}: the earlier date comes first (did you mean {end} to {begin}?)")
    if end - begin > LONGEST_OFF:
        raise place.fault("more than ten years are off: leave the time out, or look at the years")
    return Holiday(first=begin, last=end)


def _read_date(written: str, place: Place) -> date:
    try:
        if _DATE.fullmatch(written.strip()) and EARLIEST_YEAR <= int(written.strip()[:4]) <= LATEST_YEAR:
            return date.fromisoformat(written.strip())
    except ValueError:
        raise place.fault(f"the calendar has no {written.strip()}") from None
    raise place.fault("a date is needed, such as 2026-12-24, or some, such as 2026-12-24 to 2026-12-26")


def _in_words(value: Mapping[str, Json]) -> str:
    """A time that has no name, as it is written."""
    parts = (value.get("days"), value.get("hours"), value.get("timezone"))
    words = [", ".join(map(str, part)) if isinstance(part, list) else str(part) for part in parts if part is not None]
    off = " with days off" if value.get("except") else ""
    return " ".join(words) + off


def time_shape() -> dict[str, Shape]:
    """What an editor takes for the keys of a time."""
    return {
        "days": told(one_or_more(text(DAYS_PATTERN, example="mon-fri")), "the days, such as mon-fri; all unless said"),
        "hours": told(
            one_or_more(text(HOURS_PATTERN, example="08:00-18:00")),
            'from when to when, such as "08:00-18:00"; over midnight too, then they belong to the day they begin on',
        ),
        "timezone": told(text(), "whose clock counts, such as America/New_York"),
        "except": told(days_off_definition(), "dates, or ranges of them, on which nothing opens"),
    }


def days_off_definition() -> Shape:
    """What an editor takes for dates, or ranges of them."""
    return one_or_more(text(DATES_PATTERN, example="2026-12-24 to 2026-12-26"))


def time_definition() -> Shape:
    """What an editor takes for a time."""
    return a_map(time_shape(), required=("timezone",))
