"""What is counted for each lead and each attempt, gathered in this process and written some at a time.

A count in a file that processes share costs more than all else that is reported of a delivery.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Counts
from collections.abc import Sequence

from prometheus_client import Counter, Histogram

GATHERED = 64
"""So many counts are gathered at most."""


class BatchHistogram(Histogram):
    """A histogram that takes several observations at the price of one."""

    def observe_all(self, amounts: Sequence[float]) -> None:
        """As `observe` does with each."""
        self._sum.inc(sum(amounts))
        for place, number in Counts(bisect_left(self._upper_bounds, amount) for amount in amounts).items():
            self._buckets[place].inc(number)


class Batches:
    """Counts and observations that are not written yet."""

    def __init__(self) -> None:
        """Start empty."""
        self._counts: Counts[Counter] = Counts()
        self._amounts: dict[BatchHistogram, list[float]] = {}
        self._gathered = 0

    def count(self, *series: Counter) -> None:
        """Count one more of each."""
        for each in series:
            self._counts[each] += 1
        self._gathered += 1
        if self._gathered >= GATHERED:
            self.write()

    def amounts_of(self, series: BatchHistogram) -> list[float]:
        """Where amounts to observe are appended to, for as long as the process lives."""
        return self._amounts.setdefault(series, [])

    def write(self) -> None:
        """Write what was gathered."""
        counts, self._counts = self._counts, Counts()
        self._gathered = 0
        for counter, number in counts.items():
            counter.inc(number)
        for histogram, amounts in [*self._amounts.items()]:
            if amounts:
                observed = amounts[:]
                del amounts[: len(observed)]  # more may have come from another thread
                histogram.observe_all(observed)
