"""The follow-up steps of a route, explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.routing import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedStep:
    """A follow-up step, and when it would be due if nobody reacted; None is never.

    Attributes:
        next_of: the team of which another person would get the lead then.
    """

    step: str
    due: datetime | None
    due_in_words: str
    to: tuple[SinkName, ...]
    unless: tuple[str, ...]
    next_of: str = ""

    def as_json(self) -> dict[str, Json]:
        """As `explain --json` prints it."""
        due = None if self.due is None else self.due.isoformat()
        following: dict[str, Json] = {"assign": "next"} if self.next_of else {}
        return {"step": self.step, "due": due, "to": list(self.to), "unless": list(self.unless), **following}


def explained_steps(route: Route, at: datetime) -> tuple[ExplainedStep, ...]:
    """The steps of a route that takes a lead at a moment."""
    follow_up = route.follow_up
    if follow_up is None or route.shadow:
        return ()
    dues = [(step, follow_up.due(step, at)) for step in follow_up.steps]
    return tuple(
        ExplainedStep(
            step=step.name,
            due=due,
            due_in_words="never" if due is None else follow_up.in_words(due),
            to=step.to,
            unless=tuple(condition.label for condition in step.unless),
            next_of=follow_up.team or "" if step.to_next else "",
        )
        for step, due in dues
    )
