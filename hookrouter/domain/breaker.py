"""A breaker: a neighbour that keeps failing is left alone for a while, and then tried by one caller at a time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

FAILURES = 3
WITHIN = 5.0
"""So many failures within so many seconds open it."""
PAUSE = 2.0
"""Seconds between two tries while it is open."""


@dataclass(slots=True)
class Breaker:
    """The breaker of one neighbour in one process; all moments are monotonic seconds."""

    _failures: deque[float] = field(default_factory=lambda: deque(maxlen=FAILURES))
    _next_try: float | None = None

    def allows(self, now: float) -> bool:
        """Whether the neighbour may be asked; while it is open, the one who may is the only one for a pause."""
        if self._next_try is None:
            return True
        if now < self._next_try:
            return False
        self._next_try = now + PAUSE
        return True

    def failed(self, now: float) -> None:
        """Count a failure."""
        self._failures.append(now)
        if len(self._failures) == FAILURES and now - self._failures[0] <= WITHIN:
            self._next_try = now + PAUSE

    def succeeded(self) -> None:
        """The neighbour is back."""
        self._failures.clear()
        self._next_try = None
