"""Follow-up: what a route does when nobody has reacted to a lead in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from hookrouter.domain.case import Case
from hookrouter.domain.condition import Condition
from hookrouter.domain.conditions.during import During
from hookrouter.domain.ids import SinkName, TeamName
from hookrouter.domain.working_time import moment_after


class Words(Protocol):
    """What a reminder says, filled with what is known of the lead."""

    def render(self, context: Mapping[str, object]) -> str:
        """Fill it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpStep:
    """One step.

    Attributes:
        after: so much working time after the route took the lead.
        name: the same in words, by which the step is known: `15m`.
        unless: it is left out when all of these hold; none means that it never is.
        to: the sinks that are reminded.
        say: what they are told; None is the usual text.
        to_next: the lead goes to another person of the route's team, and they are told of that.
        writers: those of the sinks that tell the CRM of that, and no person.
    """

    after: timedelta
    name: str
    to: tuple[SinkName, ...]
    unless: tuple[Condition, ...] = ()
    say: Words | None = field(default=None, compare=False)
    to_next: bool = False
    writers: tuple[SinkName, ...] = ()

    def is_handled(self, case: Case) -> bool:
        """Whether somebody did what the step waits for."""
        return bool(self.unless) and all(condition.holds(case) for condition in self.unless)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The steps of a route, the earliest first.

    Attributes:
        time: the route's, in which alone its clock runs.
        team: the route's, if it has one.
    """

    steps: tuple[FollowUpStep, ...]
    time: During | None = None
    team: TeamName | None = None

    def with_writers(self, sinks: Sequence[SinkName]) -> FollowUp:
        """With sinks that tell the CRM whose the lead is: they are told, too, when it goes to another person."""
        if not sinks:
            return self
        steps = tuple(
            replace(step, to=tuple(dict.fromkeys((*step.to, *sinks))), writers=tuple(sinks)) if step.to_next else step
            for step in self.steps
        )
        return replace(self, steps=steps)

    def due(self, step: FollowUpStep, began: datetime) -> datetime | None:
        """When a step is due on a clock that began at a moment; None when that never comes."""
        return moment_after(began, step.after, self.time)

    def in_words(self, moment: datetime) -> str:
        """A moment as the route's clock on the wall shows it, else in UTC."""
        return f"{moment:%Y-%m-%d %H:%M} UTC" if self.time is None else self.time.on_the_wall(moment)

    def next_due(self, steps: Sequence[FollowUpStep], began: datetime) -> datetime | None:
        """When the earliest of some steps is due."""
        return self.due(min(steps, key=lambda step: step.after), began) if steps else None
