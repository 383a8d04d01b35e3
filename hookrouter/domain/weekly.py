"""A moment that comes once a week, as a clock on the wall shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Whole days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> tuple[date, ...]:
        """Each of them."""
        return tuple(self.first + number * DAY for number in range((self.last - self.first).days + 1))

    @property
    def before(self) -> Span:
        """As many days before, the same of the week: weekends compare with weekends."""
        length = ceil(len(self.days) / len(DAYS)) * WEEK
        return Span(first=self.first - length, last=self.last - length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A day of the week and a time; Monday is 0."""

    day: int
    at: time
    zone: ZoneInfo

    @property
    def label(self) -> str:
        """As people write it: `mon 08:00 Europe/Berlin`."""
        return f"{DAYS[self.day]} {self.at:%H:%M} {self.zone.key}"

    def last_due(self, now: datetime) -> datetime:
        """The latest of these moments that is not yet to come.

        A time that the clock skips comes when it has skipped it, one that it shows twice comes the first time: once a
        week either way.
        """
        today = now.astimezone(self.zone).date()
        day = today - timedelta(days=(today.weekday() - self.day) % len(DAYS))
        moment = self._moment(day)
        return moment if moment <= now else self._moment(day - WEEK)

    def reported(self, due: datetime) -> Span:
        """The seven whole days before the day on which it is due."""
        day = due.astimezone(self.zone).date()
        return Span(first=day - WEEK, last=day - DAY)

    def _moment(self, day: date) -> datetime:
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)
