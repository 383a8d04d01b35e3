"""A moment that comes once a week, by the clock on the wall."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
_WEEK = re.compile(r"([0-9]{4})-?W([0-9]{2})")


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


def span_said(since: date | None, week: str | None, today: date, *, kept: timedelta) -> Span:
    """The days that are meant, none of them yet to come nor forgotten; the last seven with today, if nothing is said.

    Args:
        since: from this day to today.
        week: `2026-W47`, or `last`.
        today: the day at hand.
        kept: for how long figures are kept.

    Raises:
        ValueError: these are no such days.
    """
    if since is not None and week is not None:
        raise ValueError("say since when, or which week, not both")
    span = Span(first=since or today - WEEK + DAY, last=today) if week is None else _week_said(week, today)
    if span.first > today:
        raise ValueError("these days are yet to come")
    if span.first <= today - kept:
        raise ValueError(f"figures are kept for {kept.days} days: since {today - kept + DAY} at the earliest")
    return span


def _week_said(text: str, today: date) -> Span:
    monday = today - timedelta(days=today.weekday())
    if text == "last":
        return Span(first=monday - WEEK, last=monday - DAY)
    written = _WEEK.fullmatch(text)
    try:
        first = date.fromisocalendar(int(written[1]), int(written[2]), 1) if written else None
    except ValueError:
        first = None
    if first is None:
        raise ValueError(f"{text!r} is no week, such as 2026-W47, or `last`")
    return Span(first=first, last=min(first + WEEK - DAY, max(today, first)))
