"""The rhythm of pushes: how often they usually come by hour and weekday, and whether the quiet of now is improbable.

Counted are the minutes in which a push came, not the pushes: an import of a thousand leads is one busy minute, and
must not make the next hour's quiet look improbable. Each hour of the week is learned for itself, and what was long ago
counts less each week, so that the memory is bounded and follows the account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp, log1p

HOUR = timedelta(hours=1)
SLOTS = 168
"""Hours of a week."""
KEEPS = 0.8
"""What a week leaves of the weight of those before it: some five weeks are remembered."""
IMPROBABLE = 1e-4
"""A quiet that comes by itself once in ten thousand times."""
WATCHED_WITHIN = timedelta(hours=2)
"""An hour without a push that is looked at later than this was not watched: who was away may have been ourselves."""
LONGEST = timedelta(days=7)
"""A quiet is judged by its last so much; after a whole week of it nothing is left to doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """One hour of the week: its busy minutes, and how many weeks told of them; both weigh less with age."""

    busy: float = 0.0
    weeks: float = 0.0

    def and_then(self, busy: int) -> Usual:
        """With the same hour of one week more."""
        return Usual(busy=self.busy * KEEPS + busy, weeks=self.weeks * KEEPS + 1)

    def expected(self, share: float) -> float:
        """How many busy minutes a share of this hour usually has."""
        return share * self.busy / self.weeks if self.weeks else 0.0

    def doubt(self, share: float) -> float:
        """How much a share of this hour without a push speaks against chance, as -ln of its probability.

        The rate itself is only known by so many weeks, so few of them leave much to chance (gamma-Poisson).
        """
        return self.busy * log1p(share / self.weeks) if self.weeks else 0.0


NOTHING_LEARNED = Usual()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """No push since a moment: how many busy minutes there usually are in such a time, and how likely it is."""

    since: datetime
    expected: float
    likelihood: float

    @property
    def is_improbable(self) -> bool:
        """Whether chance does not explain it."""
        return self.likelihood < IMPROBABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often pushes usually come: by the hour of the week in UTC, learned up to a full hour."""

    usual: Mapping[int, Usual] = field(default_factory=dict)
    learned_until: datetime | None = None

    def learn(self, busy: Mapping[datetime, int], now: datetime) -> Rhythm:
        """With the hours that are over by now.

        Args:
            busy: the minutes with pushes of each hour that had any.
            now: the hour that runs is not over.
        """
        if self.learned_until is None:
            return self.skip(now)  # what came before the first look was not seen whole
        usual, this_hour = dict(self.usual), hour_of(now)
        for hour in hours_between(max(self.learned_until, this_hour - LONGEST), this_hour):
            count = busy.get(hour, 0)
            if count or hour + HOUR + WATCHED_WITHIN > now:
                usual[slot_of(hour)] = usual.get(slot_of(hour), NOTHING_LEARNED).and_then(min(count, 60))
        return Rhythm(usual=usual, learned_until=max(self.learned_until, this_hour))

    def skip(self, now: datetime) -> Rhythm:
        """Without the hours up to now, this one included: they were not as usual, or not seen whole."""
        return Rhythm(usual=self.usual, learned_until=hour_of(now) + HOUR)

    def judge(self, last_push: datetime | None, now: datetime) -> Quiet | None:
        """The quiet since the last push; None when there never was one."""
        if last_push is None:
            return None
        since = max(last_push, now - LONGEST)
        expected = doubt = 0.0
        for hour in hours_between(hour_of(since), now):
            share = (min(now, hour + HOUR) - max(since, hour)) / HOUR
            usual = self.usual.get(slot_of(hour), NOTHING_LEARNED)
            expected += usual.expected(share)
            doubt += usual.doubt(share)
        return Quiet(since=last_push, expected=expected, likelihood=exp(-doubt))


def hour_of(moment: datetime) -> datetime:
    """The hour that a moment is in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hours_between(start: datetime, end: datetime) -> Iterator[datetime]:
    """The hours from one on that begin before a moment."""
    while start < end:
        yield start
        start += HOUR


def slot_of(hour: datetime) -> int:
    """Which hour of the week it is."""
    return hour.weekday() * 24 + hour.hour
