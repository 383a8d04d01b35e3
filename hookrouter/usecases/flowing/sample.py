"""Sample the flow: once a minute, by whichever kick comes first, keep how the figures grew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.figures import Days
from hookrouter.domain.flow_history import Reading, Sample, Totals, current_days, without_people
from hookrouter.ports.census import Census
from hookrouter.ports.flow import FlowHistory
from hookrouter.ports.report import Figures

MOST_PUSHES = 1000
"""Of a minute, whose source is looked up; what they tell is true of the others, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFlow:
    """Takes the samples; nothing is counted for them that is not counted anyway."""

    figures: Figures
    history: FlowHistory
    census: Census
    days: Days

    def run(self, now: datetime) -> bool:
        """Take the sample of the minute, unless that was done; whether this one did.

        What was counted until now is kept with the sample, in one step: so each count is in one sample, whoever takes
        it, and whoever is killed.
        """
        if not self.history.is_over(now):
            return False
        mark, before = self.history.last()
        if not before.is_over(now):
            return False
        totals = read_totals(self.figures, before, self.days, now)
        current = current_days(self.days, now)
        reading = Reading(at=now, totals={day: counts for day, counts in totals.items() if day in current})
        return self.history.keep(mark, reading, self._sample(before, totals, now))

    def _sample(self, before: Reading, totals: Totals, now: datetime) -> Sample | None:
        """What came since; None of the first, for nobody knows since when."""
        if before.at is None or before.begins_anew(now):
            return None
        depths = self.census.depths(now)
        waiting = {sink: depth.all_waiting for sink, depth in depths.items() if depth.all_waiting}
        return Sample(
            at=now,
            seconds=(now - before.at).total_seconds(),
            counts=before.grown(totals),
            pushes=self.history.pushes(before.at, now, MOST_PUSHES),
            waiting=waiting,
            staged=sum(self.census.lags().values()),
        )


def read_totals(figures: Figures, before: Reading, days: Days, now: datetime) -> Totals:
    """The figures of the days in which something may have been counted since a reading."""
    found = figures.of(before.days(days, now))
    return {day: without_people(counts) for day, counts in found.items()}
