"""Once: a route that does not tell its sinks of the same lead again for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.delivery import Occasion
from hookrouter.domain.ids import PushId
from hookrouter.domain.judgement import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """How long a route does not tell its sinks of a lead again after it did; `label` says so in words."""

    every: timedelta
    label: str

    def judge(self, told: PushId | None = None) -> Judgement:
        """How this condition is judged, given the push that told of the lead before, if one is known."""
        found = f"{told} told of it" if told else "for all that is known here, it was not told of before"
        return Judgement(label=self.label, held=told is None, found=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The push by which a route last told its sinks of a lead, and when that came."""

    push: PushId
    place: int
    at: datetime

    def holds_back(self, occasion: Occasion, every: timedelta) -> bool:
        """Whether the lead must not be told of again; the push that left the mark is not held back by it."""
        if (self.push, self.place) == (occasion.push, occasion.place):
            return False
        return occasion.received_at - self.at < every


def told_before(once: Once | None, mark: Mark | None, occasion: Occasion) -> Mark | None:
    """The mark that holds a push back, if it was left before that push came; a later mark says nothing about it."""
    if once is None or mark is None or mark.at > occasion.received_at:
        return None
    return mark if mark.holds_back(occasion, once.every) else None


Marks = Mapping[str, Mark]
"""The marks of one lead, by the names that `mark_name` gives to routes."""

NO_MARKS: Marks = {}


def mark_name(route: str, *, shadow: bool) -> str:
    """The name of a route's mark; a shadow has its own, as what it told while it was tried out does not count later."""
    return f"shadow {route}" if shadow else route


def mark_of(occasion: Occasion) -> Mark:
    """The mark that a push leaves."""
    return Mark(push=occasion.push, place=occasion.place, at=occasion.received_at)
