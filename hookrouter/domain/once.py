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
    """After a route told its sinks of a lead, it does not do so again for so long; `label` says it in words."""

    every: timedelta
    label: str

    def judge(self, told: PushId | None = None) -> Judgement:
        """What can be said of it by what is known: the push by which the lead was told of, or none."""
        found = f"{told} told of it" if told else "for all that is known here, it was not told of before"
        return Judgement(label=self.label, held=told is None, found=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Which push a route last told its sinks of a lead by, and when that came."""

    push: PushId
    place: int
    at: datetime

    def holds_back(self, occasion: Occasion, every: timedelta) -> bool:
        """Whether the lead is not to be told again; the same push judged anew leads to the same."""
        if (self.push, self.place) == (occasion.push, occasion.place):
            return False
        return occasion.received_at - self.at < every


def told_before(once: Once | None, mark: Mark | None, occasion: Occasion) -> Mark | None:
    """The mark that holds a push back, if it was left before that came; of those that came later it cannot tell."""
    if once is None or mark is None or mark.at > occasion.received_at:
        return None
    return mark if mark.holds_back(occasion, once.every) else None


Marks = Mapping[str, Mark]
"""Of one lead, by the names that `mark_name` gives routes."""

NO_MARKS: Marks = {}


def mark_name(route: str, *, shadow: bool) -> str:
    """The name of a route's mark: what it told while it was tried out counts for nothing afterwards."""
    return f"shadow {route}" if shadow else route


def mark_of(occasion: Occasion) -> Mark:
    """The mark that a push leaves."""
    return Mark(push=occasion.push, place=occasion.place, at=occasion.received_at)
