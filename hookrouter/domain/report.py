"""A report: what became of the leads of some days, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hookrouter.domain.ids import RouteName

MOST_ROWS = 25
"""Routes, and people, in one report; the others are summed up."""
THE_OTHERS = "all others"
BY_NO_ROUTE = RouteName("weekly-report")
"""What stands for the route of a report, which comes by none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All of some days.

    Attributes:
        leads: that came in, created or updated.
        new: those of them that were created.
        missed: those of them that no push brought.
        routed: those of them that a route took.
        promised: messages by routes with an objective.
        late: those of them that came later than that.
        kept_back: messages that a silence, or `once`, held back.
        reacted: leads that somebody reacted to.
        reacted_half: within what time to half of them, in words; '' when to none.
    """

    leads: int = 0
    new: int = 0
    missed: int = 0
    routed: int = 0
    delivered: int = 0
    promised: int = 0
    late: int = 0
    dead: int = 0
    reminded: int = 0
    kept_back: int = 0
    reacted: int = 0
    reacted_half: str = ""

    @property
    def is_nothing(self) -> bool:
        """Whether nothing happened at all."""
        return not (self.leads or self.delivered or self.dead or self.reminded or self.kept_back or self.reacted)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRow:
    """What one route did.

    Attributes:
        half: within what time half of its messages were there, in words; '' when there were none.
        most: the same for 95 of a hundred, or for as many as are promised.
        promise: its objective in words, such as `95 % within 1 min`; '' when nothing is promised.
        is_kept: whether that was kept.
        reacted: leads of which it told and that somebody reacted to.
        reacted_half: within what time to half of them; '' when to none.
        reacted_most: the same for 95 of a hundred.
    """

    name: str
    leads: int
    delivered: int
    late: int
    dead: int
    half: str = ""
    most: str = ""
    promise: str = ""
    is_kept: bool = True
    reacted: int = 0
    reacted_half: str = ""
    reacted_most: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """The messages about leads that one person was given, and the leads that were the person's after a reaction."""

    name: str
    delivered: int
    late: int
    dead: int
    reminded: int
    reacted: int = 0
    reacted_half: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One day."""

    day: date
    leads: int
    delivered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of the leads of some days; `before` is the same of as many days before."""

    first: date
    last: date
    totals: Totals
    before: Totals
    days: tuple[DayRow, ...]
    routes: tuple[RouteRow, ...]
    people: tuple[PersonRow, ...]
