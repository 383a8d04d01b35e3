"""What was measured, and how figures are drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Self

from benchmarks.pushing import Pushed

Figures = dict[str, dict[str, float]]
"""Figures by what they are of, then by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One receiver under one load; p50 and p99 in milliseconds, its CPU in microseconds a lead."""

    pushes_per_second: float
    leads_per_second: float
    p50: float
    p99: float
    cpu: float

    @classmethod
    def of(cls, load: Pushed, leads: int, cpu: float) -> Self:
        """The figures of a load of pushes with this many leads each, for which so many seconds of CPU were used."""
        rate = load.pushes / load.took
        return cls(
            pushes_per_second=rate,
            leads_per_second=rate * leads,
            p50=percentile(load.seconds, 50) * 1e3,
            p99=percentile(load.seconds, 99) * 1e3,
            cpu=cpu / (load.pushes * leads) * 1e6,
        )


def median_answers(runs: Sequence[Answers]) -> dict[str, float]:
    """The median of each figure over several runs."""
    return {
        "pushes_per_s": median(each.pushes_per_second for each in runs),
        "leads_per_s": median(each.leads_per_second for each in runs),
        "p50_ms": median(each.p50 for each in runs),
        "p99_ms": median(each.p99 for each in runs),
        "cpu_us_per_lead": median(each.cpu for each in runs),
    }


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that this share of the values does not exceed."""
    return sorted(values)[ceil(len(values) * percent / 100) - 1]
