"""What reports are made of, and that each is sent once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.figures import Figure


class Figures(Protocol):
    """The figures of each day."""

    def of(self, days: Sequence[date]) -> Mapping[date, Counter[Figure]]:
        """The figures of these days."""


class Reported(Protocol):
    """Up to when reports have been sent."""

    def last(self) -> str:
        """The last moment that was noted, with its rule; '' if none was."""

    def send(self, was: str, now: str, deliveries: Sequence[Delivery]) -> bool:
        """Note a moment and put the deliveries into their outboxes in one step; False if another process did since."""


def noted(due: datetime, rule: str) -> str:
    """A moment with its rule, as it is noted."""
    return f"{due.isoformat()} {rule}"
