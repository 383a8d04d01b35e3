"""A pause: who holds the deliveries of a sink or a route, since when, how long and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.lead import Json

ITSELF = "hookrouter"
"""Who paused a sink whose far side said that it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What is held until somebody resumes it, or until a moment."""

    by: str
    reason: str
    since: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it still holds."""
        return self.until is None or now < self.until

    def summary(self) -> dict[str, Json]:
        """What an operator is shown."""
        return {
            "by": self.by,
            "reason": self.reason,
            "since": self.since.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
        }

    def __str__(self) -> str:
        """`paused by ada until 2026-11-18 12:00 UTC: Slack is down`."""
        until = "" if self.until is None else f" until {self.until:%Y-%m-%d %H:%M} UTC"
        return f"paused by {self.by}{until}" + (f": {self.reason}" if self.reason else "")
