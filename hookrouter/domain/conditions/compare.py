"""Numbers compared with a limit."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hookrouter.domain.lead import Json, number_of, text_of


class Comparison(StrEnum):
    """How a number may stand to a limit."""

    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"


_OPERATORS: dict[Comparison, Callable[[float, float], bool]] = {
    Comparison.GT: operator.gt,
    Comparison.GTE: operator.ge,
    Comparison.LT: operator.lt,
    Comparison.LTE: operator.le,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Holds when the value is a number that stands so to the limit."""

    label: str
    passes: Callable[[float, float], bool]
    limit: float

    def holds(self, value: Json) -> bool:
        """Whether it does; what is no number does not."""
        number = number_of(value)
        return number is not None and self.passes(number, self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Holds when the value is a number from `low` to `high`, both included."""

    label: str
    low: float
    high: float

    def holds(self, value: Json) -> bool:
        """Whether it is; what is no number is not."""
        number = number_of(value)
        return number is not None and self.low <= number <= self.high


def compared(comparison: Comparison, limit: float) -> Compared:
    """The test for a number on one side of a limit."""
    return Compared(label=f"{comparison} {text_of(limit)}", passes=_OPERATORS[comparison], limit=limit)


def between(low: float, high: float) -> Between:
    """The test for a number within limits."""
    return Between(label=f"between [{text_of(low)}, {text_of(high)}]", low=low, high=high)
