"""A lead's clock: it begins when a route with follow-up steps takes the lead, and ends when somebody has reacted.

A lead has one clock a route. When the route takes it again while that runs, it goes on: a lead that is pushed every few
minutes would otherwise never be followed up. The push by which somebody reacts begins none anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NewType

from hookrouter.domain.case import Case
from hookrouter.domain.change import Change, LeadEvent, compare
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.follow_up import FollowUp, FollowUpStep
from hookrouter.domain.ids import LeadKey, RouteName, Who
from hookrouter.domain.lead import Fields, Lead
from hookrouter.domain.own_writes import FOLLOWERS
from hookrouter.domain.silence import NOT_SILENCED, Silenced

ClockId = NewType("ClockId", str)
"""A lead's clock by a route: 32 hex digits, which name nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadClock:
    """The clock of one lead by one route.

    Attributes:
        occasion: of the push by which the route took the lead.
        began: when it did, by the store's clock.
        lead: as it was then, as the CRM wrote it.
        own: what we ourselves wrote to it since, which is nobody's reaction.
        handled: the steps that somebody's reaction has done away with.
        said: those that were due and are done.
        had: who had the lead and lost it to the next of the team, by their ids in the CRM.
    """

    route: RouteName
    occasion: Occasion
    key: LeadKey
    began: datetime
    lead: Fields = field(repr=False)
    own: Fields = field(default_factory=dict, repr=False)
    handled: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    had: tuple[str, ...] = ()

    @property
    def who(self) -> Who:
        """Whose it is."""
        return self.occasion.source, self.key

    @property
    def id(self) -> ClockId:
        """Its name."""
        return clock_id(self.who, self.route)

    def left(self, follow_up: FollowUp) -> tuple[FollowUpStep, ...]:
        """The steps that are still to come."""
        over = self.handled | self.said
        return tuple(step for step in follow_up.steps if step.name not in over)

    def next_due(self, follow_up: FollowUp) -> datetime | None:
        """When the next step is due; None when none is to come."""
        return follow_up.next_due(self.left(follow_up), self.began)

    def case(self, lead: Fields, at: datetime) -> Case:
        """The lead as it is, against how it was when the route took it."""
        seen = Lead(key=self.key, fields=lead)
        change = compare(seen, {**self.lead, **self.own}, now=at)
        return Case(change=change, source=self.occasion.source, at=at)

    def with_own(self, names: Sequence[str], lead: Fields) -> LeadClock:
        """The clock that knows of these fields of a lead that we wrote them, and what the CRM changed with them."""
        ours = [each for name in names for each in (name, *FOLLOWERS.get(name, ())) if each in lead]
        return replace(self, own={**self.own, **{name: lead[name] for name in ours}}) if ours else self

    def handled_by(self, follow_up: FollowUp, case: Case) -> frozenset[str]:
        """Those of the steps to come that a lead as it is does away with."""
        return frozenset(step.name for step in self.left(follow_up) if step.is_handled(case))


Clocks = Mapping[RouteName, LeadClock]
"""Of one lead, by route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A clock begins; `due` is when its first step is."""

    clock: LeadClock
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A clock goes on, and something about it is another; `due` is when its next step is."""

    clock: LeadClock
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A clock ends, for somebody has reacted or the lead is gone."""

    clock: LeadClock


ClockNews = Begun | Noted | Ended
"""What becomes of a clock by a push."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownClocks:
    """What is known of a lead's clocks at a moment, by the store's clock."""

    now: datetime
    clocks: Clocks

    def after(self, news: Sequence[ClockNews]) -> KnownClocks:
        """What is known when this has become of them."""
        clocks = dict(self.clocks)
        for each in news:
            if isinstance(each, Ended):
                clocks.pop(each.clock.route, None)
            else:
                clocks[each.clock.route] = each.clock
        return replace(self, clocks=clocks)


def clock_id(who: Who, route: RouteName) -> ClockId:
    """The name of a lead's clock by a route."""
    return ClockId(hashlib.sha256("\x1f".join((*who, route)).encode()).hexdigest()[:32])


def heed_push(
    change: Change, own: Sequence[str], known: KnownClocks, follow_ups: Mapping[RouteName, FollowUp]
) -> list[ClockNews]:
    """What a push means for the clocks of its lead.

    Args:
        change: the lead compared with its last snapshot.
        own: the fields whose change was our own writing.
        known: of the clocks that run.
        follow_ups: of the routes that have steps now.
    """
    if change.event is LeadEvent.STALE:
        return []
    news: list[ClockNews] = []
    for route, clock in known.clocks.items():
        follow_up = follow_ups.get(route)
        if follow_up is None:
            continue  # whoever serves what is due ends it
        now = _after_push(clock, follow_up, change, own, known.now)
        if now is clock:
            continue
        due = None if now is None else now.next_due(follow_up)
        news.append(Ended(clock=clock) if now is None or due is None else Noted(clock=now, due=due))
    return news


def _after_push(
    clock: LeadClock, follow_up: FollowUp, change: Change, own: Sequence[str], at: datetime
) -> LeadClock | None:
    if change.event is LeadEvent.DELETED:
        return None
    seen = clock.with_own(own, change.received)
    case = seen.case(change.received, at)
    handled = seen.handled_by(follow_up, case)
    seen = replace(seen, handled=seen.handled | handled) if handled else seen
    return seen if seen.left(follow_up) else None


def begin_clocks(
    occasion: Occasion,
    change: Change,
    told: Collection[RouteName],
    known: KnownClocks,
    follow_ups: Mapping[RouteName, FollowUp],
    *,
    silenced: Silenced = NOT_SILENCED,
) -> list[ClockNews]:
    """The clocks that begin with a push: none that would only remind who is not even told of the lead.

    Args:
        occasion: when and where the lead was pushed.
        change: the lead.
        told: the routes that took it and told somebody.
        known: of the clocks that ran when it came.
        follow_ups: of the routes that have steps.
        silenced: the sinks that are not told of the lead.
    """
    news: list[ClockNews] = []
    for route in told:
        follow_up = follow_ups.get(route)
        if follow_up is None or route in known.clocks or change.event is LeadEvent.DELETED:
            continue
        if all(sink in silenced for step in follow_up.steps for sink in step.to):
            continue
        clock = LeadClock(route=route, occasion=occasion, key=change.lead.key, began=known.now, lead=change.received)
        due = clock.next_due(follow_up)
        if due is not None:
            news.append(Begun(clock=clock, due=due))
    return news
