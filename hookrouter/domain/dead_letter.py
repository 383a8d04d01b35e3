"""A dead letter: a delivery that was given up, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import DeliveryId, RouteName, SinkName
from hookrouter.domain.lead import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A delivery that was given up.

    Attributes:
        reason: a word of `Reason`.
        status: what the far side answered, if it did.
        answer: the beginning of what it said.
        first_at: when it was first tried.
        last_at: when it was last tried, and died.
    """

    delivery: Delivery
    reason: str
    status: int | None
    answer: str
    first_at: datetime
    last_at: datetime

    def summary(self) -> dict[str, Json]:
        """One row of a list of dead letters."""
        return {
            "id": self.delivery.id,
            "sink": self.delivery.sink,
            "route": self.delivery.route,
            "lead": self.delivery.lead_key if not self.delivery.members else f"{len(self.delivery.members)} leads",
            "reason": self.reason,
            "status": self.status,
            "attempts": self.delivery.attempts,
            "first_at": self.first_at.isoformat(),
            "last_at": self.last_at.isoformat(),
        }

    def whole(self) -> dict[str, Json]:
        """Everything that is known of it."""
        delivery = self.delivery
        return {
            **self.summary(),
            "answer": self.answer,
            "push": delivery.push,
            "revision": delivery.revision,
            "source": delivery.source,
            "received_at": delivery.received_at.isoformat(),
            "event": delivery.event.value,
            "changed": list(delivery.changed),
            "previous": dict(delivery.previous),
            "fields": dict(delivery.lead),
            "timeline": [dict(event) for event in delivery.timeline],
            "remainder": delivery.remainder,
            "tries": [attempt.summary() for attempt in delivery.tries],
            "members": [
                {"id": member.id, "route": member.route, "lead": member.lead_key, "fields": dict(member.lead)}
                for member in delivery.members
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadGroup:
    """How many dead letters of one route and sink there are for one reason; `newest` is one of them."""

    sink: SinkName
    route: RouteName
    reason: str
    count: int
    newest: DeliveryId


def grouped(letters: Iterable[DeadLetter]) -> list[DeadGroup]:
    """The letters, the newest of which come first, by sink, route and reason; of the most first."""
    groups: dict[tuple[SinkName, RouteName, str], list[DeliveryId]] = {}
    for letter in letters:
        groups.setdefault((letter.delivery.sink, letter.delivery.route, letter.reason), []).append(letter.delivery.id)
    found = [
        DeadGroup(sink=sink, route=route, reason=reason, count=len(names), newest=names[0])
        for (sink, route, reason), names in groups.items()
    ]
    return sorted(found, key=lambda group: -group.count)
