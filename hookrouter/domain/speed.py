"""Speed to lead: how long it takes from a lead's change in the CRM until somebody is seen to react."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookrouter.domain.change import Change, LeadEvent
from hookrouter.domain.health import Part, Status
from hookrouter.domain.ids import RouteName
from hookrouter.domain.lead import text_of
from hookrouter.domain.spans import span_in_words

REACTIONS = ("leadStatus", "ownerID")
"""The fields whose change, by anybody but us, shows that somebody has seen to the lead."""
OWNER = "ownerID"
LONGEST_ID = 20
"""Digits of an id in the CRM; whoever has another is nobody, so that no push makes a person of its own to count."""
LONGEST = timedelta(days=30)
"""Who reacts later does not react to what was told then."""
SOON = timedelta(minutes=15)
WITHIN = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 4 * 60, 24 * 60, 3 * 24 * 60))
"""The limits by which reactions are counted."""

MOST_ROUTES = 20
"""That a lead waits by: where hundreds take every lead, its snapshot would otherwise be mostly that."""

Waiting = Mapping[RouteName, datetime]
"""Since when a lead waits for somebody to react, by the routes that told of it."""
NOBODY_WAITS: Waiting = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """Somebody was seen to react to a lead.

    Attributes:
        person: whose the lead is then, by the id in the CRM; '' when it is nobody's.
        took: from the change that was told of to this one, by the CRM's clock.
    """

    route: RouteName
    person: str
    took: timedelta


def reactions_to(change: Change, waiting: Waiting, at: datetime) -> list[Reaction]:
    """Who reacts by a change, our own writes left out, to what.

    Args:
        change: the lead compared with its last snapshot.
        waiting: since when it waits.
        at: when it was changed.
    """
    if not waiting or change.event is not LeadEvent.UPDATED or not any(name in change.previous for name in REACTIONS):
        return []
    person = _known_id(text_of(change.lead.fields.get(OWNER)).strip())
    return [
        Reaction(route=route, person=person, took=max(timedelta(), at - since))
        for route, since in waiting.items()
        if at - since <= LONGEST
    ]


def _known_id(owner: str) -> str:
    return owner if owner.isascii() and owner.isdecimal() and len(owner) <= LONGEST_ID else ""


def waiting_after(
    change: Change, waiting: Waiting, told: Sequence[RouteName], reactions: Sequence[Reaction], at: datetime
) -> Waiting:
    """Since when a lead waits, after a change of which these routes told.

    The change by which somebody reacts is no new one to react to, for those who were waited for.
    """
    if change.event is LeadEvent.DELETED:
        return NOBODY_WAITS
    goes_on = {} if reactions else waiting
    begins = {route: at for route in told[: max(0, MOST_ROUTES - len(goes_on))] if route not in waiting}
    return {**goes_on, **begins} if begins or reactions else waiting


@dataclass(slots=True)
class Speed:
    """Reactions of one route or person, counted.

    Attributes:
        seconds: of all together.
        within: how many there were up to each limit of `WITHIN` and beyond the one before; the last counts the rest.
    """

    count: int = 0
    seconds: int = 0
    within: list[int] = field(default_factory=lambda: [0] * (len(WITHIN) + 1))

    def add(self, other: Speed) -> None:
        """Take in the count of another while."""
        self.count += other.count
        self.seconds += other.seconds
        self.within = [one + more for one, more in zip(self.within, other.within, strict=True)]

    @property
    def mean(self) -> timedelta | None:
        """How long it took on the average."""
        return timedelta(seconds=self.seconds / self.count) if self.count else None


def place_of(took: timedelta) -> int:
    """In which of the counts a reaction counts."""
    return bisect_left(WITHIN, took)


@dataclass(frozen=True, slots=True)
class SpeedReport:
    """Reactions by route and by person, the person by the id in the CRM."""

    routes: Mapping[str, Speed]
    people: Mapping[str, Speed]


def speed_parts(report: SpeedReport) -> list[Part]:
    """How fast people are, by route, for those who look at how everything does."""
    return [
        Part(name=f"speed:{route}", status=Status.PASS, value=_in_words(speed))
        for route, speed in sorted(report.routes.items())
        if speed.count
    ]


def _in_words(speed: Speed) -> str:
    """`12 reactions, 7 within 15 min, 4 min on the average`."""
    within = sum(speed.within[: WITHIN.index(SOON) + 1])
    mean = span_in_words(speed.seconds / speed.count)
    return f"{speed.count} reaction{'s' * (speed.count != 1)}, {within} within 15 min, {mean} on the average"
