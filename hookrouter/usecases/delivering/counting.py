"""Counting: what settled deliveries add to the figures of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.figures import IN_UTC, Days, Tally
from hookrouter.domain.objective import NO_OBJECTIVES, Objectives
from hookrouter.domain.schedule import Bury, Finish
from hookrouter.ports.outbox import Attempted, Settlement


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts by the objectives of the routes, in the days of who reads the report."""

    objectives: Objectives = field(default_factory=lambda: NO_OBJECTIVES)
    days: Days = IN_UTC

    def tally(self, settlements: Sequence[Settlement], now: datetime) -> Tally:
        """What is counted of deliveries that ended, each member of a digest by itself; what waits is not over."""
        tally = Tally(self.days.of(now))
        for each in settlements:
            match each:
                case Attempted(delivery=delivery, step=Finish(), attempt=attempt):
                    for told in _leads_of(delivery):
                        waited = self.objectives.waited(told, attempt.ended)
                        tally.was_delivered(told, waited, is_late=self.objectives.are_missed(told.route, waited))
                case Attempted(delivery=delivery, step=Bury()):
                    for told in _leads_of(delivery):
                        tally.died(told)
                case _:
                    pass
        return tally


def _leads_of(delivery: Delivery) -> Sequence[Delivery]:
    """The leads that were told of; a report tells of none."""
    return () if delivery.report is not None else delivery.members or (delivery,)
