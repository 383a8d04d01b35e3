"""Counting: what settled deliveries add to the figures of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.figures import IN_UTC, Arrival, Days, Tally, person_of, step_of
from hookrouter.domain.objective import NO_OBJECTIVES, Objectives
from hookrouter.domain.schedule import Bury, Finish
from hookrouter.ports.outbox import Attempted, Settlement


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts by the objectives of the routes, in the days of whoever reads the report."""

    objectives: Objectives = field(default_factory=lambda: NO_OBJECTIVES)
    days: Days = IN_UTC

    def tally(self, settlements: Sequence[Settlement], now: datetime) -> Tally:
        """Count deliveries that have ended, each member of a digest by itself; what waits has not ended."""
        tally = Tally(self.days.of(now))
        arrived: dict[Arrival, int] = {}  # summed first by what they have in common, as this runs for every delivery
        for each in settlements:
            if not isinstance(each, Attempted):
                continue
            if isinstance(each.step, Finish):
                for told in _leads_of(each.delivery):
                    arrival = self._arrival(told, each.attempt.ended)
                    arrived[arrival] = arrived.get(arrival, 0) + 1
            elif isinstance(each.step, Bury):
                for told in _leads_of(each.delivery):
                    tally.died(told)
        for arrival, number in arrived.items():
            tally.arrived(arrival, number)
        return tally

    def _arrival(self, delivery: Delivery, now: datetime) -> Arrival:
        route, waited = delivery.route, self.objectives.waited(delivery, now)
        person = "" if delivery.assigned is None else person_of(delivery.assigned)
        is_late = self.objectives.are_missed(route, waited)
        return route, delivery.sink, person, step_of(waited), is_late, bool(delivery.step)


def _leads_of(delivery: Delivery) -> Sequence[Delivery]:
    """One delivery for each lead that was told of; a report or an alert tells of none."""
    return delivery.members or (delivery,) if delivery.is_of_a_lead else ()
