"""What to do about a clock whose next step is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hookrouter.domain.case import Case
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery, make_delivery
from hookrouter.domain.follow_up import FollowUp, FollowUpStep
from hookrouter.domain.ids import SinkName, TeamName
from hookrouter.domain.lead import Fields
from hookrouter.domain.lead_clock import LeadClock

EDITED_WITHIN = timedelta(minutes=5)
"""A mounted configuration reaches all machines of a cluster in about one minute."""
LOOK_AGAIN = timedelta(seconds=30)
"""When a clock is looked at again that cannot go on yet: so does one whose route is paused."""
CLAIMED_BEFORE = timedelta(minutes=5)
"""So long before a clock began a claim counts yet: it is dated by the receiver's clock, which may be behind."""


class EndOf(StrEnum):
    """Why a clock ends."""

    HANDLED = "handled"
    DONE = "done"
    REMOVED = "removed"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A step that is due now, with what its sinks are given.

    Attributes:
        place: the lead's in its push.
        team: of which another person gets the lead; None when whoever has it keeps it.
        had: who had the lead and is not to get it again.
    """

    step: FollowUpStep
    deliveries: tuple[Delivery, ...]
    place: int
    team: TeamName | None = None
    had: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What comes of a clock that was looked at when it was due.

    Attributes:
        reminders: what is to be said now.
        clock: as it goes on, and `until` its next step is due; None when it ends.
        end: why it does then.
    """

    reminders: tuple[Reminder, ...] = ()
    clock: LeadClock | None = None
    until: datetime | None = None
    end: EndOf | None = None


def look_at(
    clock: LeadClock,
    follow_up: FollowUp | None,
    lead: Fields,
    now: datetime,
    revision: str = "",
    *,
    claimed_at: datetime | None = None,
) -> Due:
    """Judge a clock at a moment.

    Args:
        clock: whose next step is due, for all that was known when it was wound.
        follow_up: of its route now; None when the route is gone, or follows up no more.
        lead: as it is now, as the CRM wrote it.
        now: the moment, by the store's clock.
        revision: of the configuration.
        claimed_at: when somebody claimed the lead in a chat, if anybody did.
    """
    if follow_up is None:
        if now - clock.began < EDITED_WITHIN:  # the edit by which it began may not have come to this process yet
            return Due(clock=clock, until=now + LOOK_AGAIN)
        return Due(end=EndOf.REMOVED)
    if claimed_at is not None and claimed_at >= clock.began - CLAIMED_BEFORE:
        return Due(end=EndOf.HANDLED)
    case = clock.case(lead, now)
    handled = clock.handled_by(follow_up, case)
    seen = replace(clock, handled=clock.handled | handled)
    left = seen.left(follow_up)
    if not left:
        return Due(end=EndOf.HANDLED if handled or clock.handled else EndOf.REMOVED)
    moments = {step.name: follow_up.due(step, clock.began) for step in left}
    due = [step for step in left if (at := moments[step.name]) is not None and at <= now]
    if due and follow_up.time is not None and not follow_up.time.is_open(now):  # it comes late, and waits like all else
        opens = follow_up.time.opens(now)
        return Due(end=EndOf.NEVER) if opens is None else Due(clock=seen, until=opens)
    seen = replace(seen, said=seen.said | {step.name for step in due})
    return _going_on(seen, follow_up, _reminders(seen, due, follow_up.team, case, revision))


def _going_on(clock: LeadClock, follow_up: FollowUp, reminders: tuple[Reminder, ...]) -> Due:
    if not clock.left(follow_up):
        return Due(reminders=reminders, end=EndOf.DONE)
    until = clock.next_due(follow_up)
    if until is None:
        return Due(reminders=reminders, end=EndOf.NEVER)
    return Due(reminders=reminders, clock=clock, until=until)


def _reminders(
    clock: LeadClock, due: list[FollowUpStep], team: TeamName | None, case: Case, revision: str
) -> tuple[Reminder, ...]:
    """What is said: each sink once, by the latest of the steps that came due together; but no handing over is lost."""
    latest: Mapping[SinkName, FollowUpStep] = {sink: step for step in due for sink in step.to}
    change = replace(case.change, event=LeadEvent.UPDATED)
    occasion = replace(clock.occasion, received_at=case.at)
    return tuple(
        Reminder(
            step=step,
            deliveries=tuple(
                make_delivery(occasion, change, clock.route, sink, revision, step=step.name)
                for sink in step.to
                if latest[sink] is step or step.to_next
            ),
            place=occasion.place,
            team=team if step.to_next else None,
            had=clock.had,
        )
        for step in due
    )
