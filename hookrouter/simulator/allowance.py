"""How many calls the simulated CRM allows, a second and a day."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What an account may call.

    Attributes:
        per_second: calls in any one second; 0 is without limit.
        per_day: calls a day, which begins at midnight in UTC.
    """

    per_second: int = 10
    per_day: int = 50_000

    def __post_init__(self) -> None:
        if not (0 <= self.per_second <= MOST and 0 <= self.per_day <= MOST):
            raise ValueError(f"per_second and per_day are numbers from 0 to {MOST}")
