"""The figures that a report is made of: what happened on a day, counted where it happens."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from hookrouter.domain.assignment import Assigned
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.handing import Handed
from hookrouter.domain.push import Via
from hookrouter.domain.speed import WITHIN, Reaction

KEPT = timedelta(days=36)
"""A week, the one it is compared with, and three more to look back on."""


class Kind(StrEnum):
    """What is counted."""

    LEADS = "leads"  # created or updated
    NEW = "new"  # those of them that were created
    MISSED = "missed"  # those of them that no push brought, and reconcile did
    ROUTED = "routed"  # those that a route took, by their push alone
    TAKEN = "taken"  # leads that a route took
    REPEATED = "repeated"  # deliveries that were not made, for the lead was told of a while ago
    SILENCED = "silenced"  # deliveries that were not made, for a silence held them back
    SHADOWED = "shadowed"  # leads that a route would have taken, were it no shadow
    DELIVERED = "delivered"
    LATE = "late"  # those of them that came later than the route's objective
    WAITED = "waited"  # those of them that waited for so long, by `upto`
    REMINDED = "reminded"  # reminders that arrived; they are none of the others
    DEAD = "dead"
    REACTED = (
        "reacted"  # first reactions to leads, by `upto`: once by each route that told, once by person and no route
    )


class Figure(NamedTuple):
    """One counter of a day; it is a tuple because it is made and looked up for every lead and every delivery.

    Attributes:
        upto: the seconds that a delivery waited at most, for `WAITED`: one of `STEPS`, '' beyond all of them. For
            `REACTED` those that a lead waited, one of `REACTION_STEPS`.
        person: whom the lead was given to, as `person_of` spells it; for `REACTED` the id of whose it is then. It
            stands last, for a name may hold anything.
    """

    kind: Kind
    route: str = ""
    sink: str = ""
    upto: str = ""
    person: str = ""


STEPS = (5, 15, 30, 60, 120, 300, 900, 3600, 14_400, 86_400)
"""Seconds: coarse, for a report says `within 2 minutes` and no more."""

STEP_NAMES = tuple(map(str, STEPS))

REACTION_STEPS = tuple(int(limit.total_seconds()) for limit in WITHIN)
"""The same for reactions of people, who are slower."""

REACTION_STEP_NAMES = tuple(map(str, REACTION_STEPS))

Arrival = tuple[str, str, str, str, bool, bool]
"""The route, sink and person of messages that arrived, up to how long they took, and whether they were late, or
reminders."""

LEADS, NEW, MISSED, ROUTED = (Figure(kind) for kind in (Kind.LEADS, Kind.NEW, Kind.MISSED, Kind.ROUTED))
COUNTED_EVENTS = frozenset({LeadEvent.CREATED, LeadEvent.UPDATED})
"""Of leads that count as come in; what is unchanged, stale or our own echo is no news to anybody."""


@dataclass(frozen=True, slots=True)
class Days:
    """When a day begins: at midnight where the report is read."""

    zone: tzinfo = UTC

    def of(self, moment: datetime) -> date:
        """The day of a moment."""
        return moment.astimezone(self.zone).date()


IN_UTC = Days()


@dataclass(slots=True)
class Tally:
    """What is to be added to a day's figures."""

    day: date
    counts: Counter[Figure] = field(default_factory=Counter)

    def came_in(self, event: LeadEvent, via: Via) -> None:
        """Count a lead."""
        if event not in COUNTED_EVENTS:
            return
        self.counts[LEADS] += 1
        if event is LeadEvent.CREATED:
            self.counts[NEW] += 1
        if via is Via.RECONCILE:
            self.counts[MISSED] += 1

    def was_handed(self, handed: Handed, event: LeadEvent, *, is_routed: bool = False) -> None:
        """Count what one lead was handed on as, by whatever told its routes; `is_routed`: it counts as that already."""
        counts = self.counts
        if handed.routes and event in COUNTED_EVENTS and not is_routed:
            counts[ROUTED] += 1
        for route in handed.routes:
            counts[_taken(route)] += 1
        for route in handed.shadow_routes:
            counts[Figure(Kind.SHADOWED, route)] += 1
        for delivery, _ in handed.repeats:
            counts[Figure(Kind.REPEATED, delivery.route)] += 1
        for delivery, _ in handed.silenced:
            counts[Figure(Kind.SILENCED, delivery.route)] += 1
        if handed.reactions:
            self._was_reacted_to(handed.reactions)

    def _was_reacted_to(self, reactions: Sequence[Reaction]) -> None:
        """Count who reacted to one lead: the person once, however many routes had told of it, from the first on."""
        for each in reactions:
            self.counts[Figure(Kind.REACTED, each.route, "", _reaction_step(each.took))] += 1
        first = max(reactions, key=lambda each: each.took)
        self.counts[Figure(Kind.REACTED, "", "", _reaction_step(first.took), first.person)] += 1

    def arrived(self, arrival: Arrival, number: int) -> None:
        """Count messages that arrived; a reminder is late by nature, and is counted by itself."""
        route, sink, person, upto, is_late, is_reminder = arrival
        if is_reminder:
            self.counts[Figure(Kind.REMINDED, route, sink, "", person)] += number
            return
        self.counts[Figure(Kind.DELIVERED, route, sink, "", person)] += number
        self.counts[Figure(Kind.WAITED, route, "", upto)] += number
        if is_late:
            self.counts[Figure(Kind.LATE, route, "", "", person)] += number

    def died(self, delivery: Delivery) -> None:
        """Count a message that was given up."""
        self.counts[Figure(Kind.DEAD, delivery.route, delivery.sink, "", person_of(delivery.assigned))] += 1


@lru_cache(maxsize=1024)
def _taken(route: str) -> Figure:
    """The counter of a route; it is made once, for every lead asks for some."""
    return Figure(Kind.TAKEN, route)


def person_of(assigned: Assigned | None) -> str:
    """Whom a lead was given to: the id in the CRM, which has no space, and the name; '' for nobody."""
    if assigned is None or not assigned.owner:
        return ""
    return f"{assigned.owner} {assigned.name}".rstrip()


def step_of(waited: timedelta) -> str:
    """The step that a time falls under."""
    place = bisect_left(STEPS, waited.total_seconds())
    return STEP_NAMES[place] if place < len(STEP_NAMES) else ""


def _reaction_step(took: timedelta) -> str:
    place = bisect_left(REACTION_STEPS, took.total_seconds())
    return REACTION_STEP_NAMES[place] if place < len(REACTION_STEP_NAMES) else ""
