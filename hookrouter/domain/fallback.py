"""A fallback: the sink that is told when another has been dead for a given time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookrouter.domain.circuit import Circuit
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import DeliveryId, SinkName
from hookrouter.domain.pause import ITSELF, Pause

USUAL_PATIENCE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """Where a sink's deliveries go once it has been dead for `after`."""

    to: SinkName
    after: timedelta = USUAL_PATIENCE

    def dead_since(self, circuit: Circuit, pause: Pause | None, now: datetime) -> datetime | None:
        """Since when the sink has been dead, as its circuit is open or the far side said that it is gone.

        A sink that somebody paused is not dead, because whoever did that wants its deliveries to wait.
        """
        if pause is not None and pause.holds(now):
            return pause.since if pause.by == ITSELF else None
        return circuit.opened_at

    def is_due(self, circuit: Circuit, pause: Pause | None, now: datetime) -> bool:
        """Whether the sink has been dead for long enough."""
        since = self.dead_since(circuit, pause, now)
        return since is not None and now >= since + self.after


def fallen_back(delivery: Delivery, to: SinkName) -> tuple[Delivery, ...]:
    """The fresh delivery that goes to another sink instead of this one; for a digest, one for each member.

    Whether it is news there, and how many share a message, is for the other sink to judge. Its name is derived from the
    delivery's, so that the same delivery always falls back to the same one, whoever does it again.
    """
    return tuple(
        replace(
            each,
            id=_id_elsewhere(each.id, to),
            sink=to,
            in_place_of=delivery.sink,
            attempts=0,
            first_attempt_at=None,
            remainder=None,
            tries=(),
            late="",
        )
        for each in delivery.members or (delivery,)
    )


def _id_elsewhere(name: DeliveryId, to: SinkName) -> DeliveryId:
    return DeliveryId("d_" + hashlib.sha256(f"{name}\x1f{to}".encode()).hexdigest()[:32])
