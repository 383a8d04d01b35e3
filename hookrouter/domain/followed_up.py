"""A clock that runs, as an operator sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.follow_up import FollowUp
from hookrouter.domain.ids import RouteName
from hookrouter.domain.lead import Json
from hookrouter.domain.lead_clock import LeadClock

SAID, HANDLED, TO_COME = "said", "handled", "to come"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOfClock:
    """A step of a route as one clock has it; `due` is None when that never comes."""

    name: str
    state: str
    due: datetime | None
    to: tuple[str, ...]

    def summary(self) -> dict[str, Json]:
        """What an operator is shown."""
        due = None if self.due is None else self.due.isoformat()
        return {"step": self.name, "state": self.state, "due": due, "to": list(self.to)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedUp:
    """A lead whose clock runs, with the steps of its route as they are now, the earliest first.

    Attributes:
        steps: none when the route is gone, so that the clock ends as soon as it is looked at.
    """

    clock: LeadClock
    steps: tuple[StepOfClock, ...]

    @property
    def next_step(self) -> StepOfClock | None:
        """What comes next, if nobody reacts."""
        return next((step for step in self.steps if step.state == TO_COME), None)

    def summary(self) -> dict[str, Json]:
        """What an operator is shown."""
        clock, following = self.clock, self.next_step
        return {
            "lead": clock.key,
            "route": clock.route,
            "source": clock.occasion.source,
            "push": clock.occasion.push,
            "began": clock.began.isoformat(),
            "next": None if following is None else following.summary(),
            "steps": [step.summary() for step in self.steps],
        }


def followed_up(clock: LeadClock, follow_ups: Mapping[RouteName, FollowUp]) -> FollowedUp:
    """A clock with the steps that its route has now."""
    follow_up = follow_ups.get(clock.route)
    steps = () if follow_up is None else follow_up.steps
    return FollowedUp(
        clock=clock,
        steps=tuple(
            StepOfClock(
                name=step.name,
                state=SAID if step.name in clock.said else HANDLED if step.name in clock.handled else TO_COME,
                due=None if follow_up is None else follow_up.due(step, clock.began),
                to=step.to,
            )
            for step in steps
        ),
    )
