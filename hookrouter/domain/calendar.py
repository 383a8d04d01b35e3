"""When a time of the week is open, in its own timezone, and when it opens next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WHOLE_DAY = 24 * 60
FARTHEST = 3660
"""Days to look ahead; what does not open within ten years never does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Hours of a day, in minutes since its midnight on the wall clock; they belong to the day they begin on.

    Attributes:
        end: the first minute that is outside; not after `start` when the hours go on over midnight.
    """

    start: int = 0
    end: int = WHOLE_DAY

    @property
    def over_midnight(self) -> bool:
        """Whether the hours end on the day after."""
        return self.end <= self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """Days on which nothing opens, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTime:
    """Days and hours as a clock on the wall shows them.

    The wall clock decides: an hour that the clock skips does not come, and one that it shows twice is open twice.

    Attributes:
        days: Monday is 0.
    """

    timezone: ZoneInfo
    days: frozenset[int] = frozenset(range(7))
    hours: tuple[Span, ...] = (Span(),)
    holidays: tuple[Holiday, ...] = ()

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at a moment."""
        local = at.astimezone(self.timezone)
        today, minute = local.date(), local.hour * 60 + local.minute
        return any(self._covers(span, today, minute) for span in self.hours)

    def opens(self, at: datetime, days: int = FARTHEST) -> datetime | None:
        """The first moment, from this one on, at which it is open; None when there is none in so many days."""
        return self._next(at, days, is_open=True)

    def closes(self, at: datetime, days: int = FARTHEST) -> datetime | None:
        """The first moment, from this one on, at which it is not open; None when there is none in so many days."""
        return self._next(at, days, is_open=False)

    def _next(self, at: datetime, days: int, *, is_open: bool) -> datetime | None:
        begin = at.astimezone(UTC)
        if self.is_open(begin) is is_open:
            return begin
        for number in range(days):
            after = begin + number * DAY
            until = after + DAY
            moments = {moment for moment in self._changes(after, until) if after < moment <= until}
            change = min((moment for moment in moments if self.is_open(moment) is is_open), default=None)
            if change is not None:
                return change
        return None

    def _covers(self, span: Span, today: date, minute: int) -> bool:
        if not span.over_midnight:
            return span.start <= minute < span.end and self._works_on(today)
        if minute >= span.start and self._works_on(today):
            return True
        return minute < span.end and self._works_on(today - DAY)

    def _works_on(self, day: date) -> bool:
        if day.weekday() not in self.days:
            return False
        return not any(holiday.first <= day <= holiday.last for holiday in self.holidays)

    def _changes(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """All moments of about a day at which it may open or close: hours' ends, and the clock's own changes."""
        day = after.astimezone(self.timezone).date()
        last = until.astimezone(self.timezone).date()
        while day <= last:
            for minute in {minute for span in self.hours for minute in (span.start, span.end % WHOLE_DAY)}:
                wall = datetime.combine(day, time(minute // 60, minute % 60), self.timezone)
                yield wall.replace(fold=0).astimezone(UTC)
                yield wall.replace(fold=1).astimezone(UTC)
            day += DAY
        if self._offset(after) != self._offset(until):
            yield self._clock_change(after, until)

    def _clock_change(self, low: datetime, high: datetime) -> datetime:
        """The moment between at which the clock is moved, which zones do on a whole second."""
        before = self._offset(low)
        low, high = low.replace(microsecond=0), high.replace(microsecond=0)
        while high - low > timedelta(seconds=1):
            middle = (low + (high - low) / 2).replace(microsecond=0)
            low, high = (middle, high) if self._offset(middle) == before else (low, middle)
        return high

    def _offset(self, at: datetime) -> timedelta | None:
        return at.astimezone(self.timezone).utcoffset()
