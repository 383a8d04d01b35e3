"""One delivery within a lead's story."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.assignment import Assigned
from hookrouter.domain.circuit import CIRCUIT_SAYS, Circuit
from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.ids import DeliveryId, RouteName, SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.logged_attempt import ENDS, LoggedAttempt, Result, Story
from hookrouter.domain.pause import Pause
from hookrouter.domain.silence import Silence

OVER = ENDS | {Result.DELIVERED}
"""What an entry of the log may say after which nothing more is to come of a delivery, unless it is replayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDelivery:
    """A delivery of the lead.

    Attributes:
        step: the follow-up step that it reminds of; '' for a route's own message, and where that is not known.
        story: where it is, and every attempt with its answer.
        letter: if it is dead.
        silence: that kept it back.
        content: what is sent, by the rules of now; None where they do not have the delivery, or do not say what a
            reminder says.
        fault: why that cannot be made; '' when it can.
        gathered: how it would share a message with others; '' when it goes alone.
        held_up: what keeps its sink from being told of anything now; '' when nothing does, or it is over.
    """

    id: DeliveryId
    sink: SinkName
    route: RouteName
    story: Story
    step: str = ""
    letter: DeadLetter | None = None
    silence: Silence | None = None
    content: Json = None
    fault: str = ""
    gathered: str = ""
    held_up: str = ""

    @property
    def now(self) -> str:
        """Where it is, or how it ended, in one word."""
        return self.story.now

    @property
    def assigned(self) -> Assigned | None:
        """Whom its lead was given to, for all that it tells."""
        told = [attempt.assigned for attempt in self.story.logged]
        found = self.story.found
        return next((each for each in (*told, found and found.delivery.assigned) if each), None)

    @property
    def revision(self) -> str:
        """Of the configuration that made it; '' where that is not known."""
        found = self.story.found
        if found is not None:
            return found.delivery.revision
        return next((attempt.revision for attempt in self.story.logged if attempt.revision), "")

    def as_json(self) -> dict[str, Json]:
        """As programs are told."""
        until = None if self.story.found is None or self.story.found.until is None else self.story.found.until
        assigned = self.assigned
        return {
            "id": self.id,
            "sink": self.sink,
            "route": self.route,
            "step": self.step or None,
            "now": self.now,
            "until": None if until is None else until.isoformat(),
            "revision": self.revision or None,
            "attempts": self.story.attempts(),
            "assigned": None if assigned is None else {"name": assigned.name, "reason": assigned.reason},
            "held_up": self.held_up or None,
            "silence": None if self.silence is None else self.silence.id,
            "content": self.content,
            "fault": self.fault or None,
        }


def not_over(deliveries: Iterable[DeliveryId], logged: Sequence[LoggedAttempt]) -> list[DeliveryId]:
    """Those of whose end the log does not tell."""
    ended = {attempt.delivery for attempt in logged if attempt.came_to.outcome in OVER}
    return [name for name in deliveries if name not in ended]


def what_holds_up(circuit: Circuit, pause: Pause | None, now: datetime) -> str:
    """What keeps a sink from being told of anything at a moment; '' when nothing does."""
    if pause is not None and pause.holds(now):
        return f"the sink is {pause}"
    return CIRCUIT_SAYS.get(circuit.state(now), "")
