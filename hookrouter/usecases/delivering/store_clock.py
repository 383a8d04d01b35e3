"""The store's clock, which all workers share: one worker's own may be wrong, or be set."""

from __future__ import annotations

from datetime import datetime, timedelta

from hookrouter.ports.surroundings import Clock


class StoreClock:
    """Tells the time that the store last told, counted on from there; all else is the process' own."""

    def __init__(self, own: Clock) -> None:
        """Tell the process' own time until the store has told its time."""
        self._own = own
        self._told = own.now()
        self._told_at = own.monotonic()

    def set(self, now: datetime) -> None:
        """Take the store's word for what time it is."""
        self._told, self._told_at = now, self._own.monotonic()

    def now(self) -> datetime:
        """The present moment."""
        return self._told + timedelta(seconds=self._own.monotonic() - self._told_at)

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return self._own.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._own.sleep(seconds)

    def roll(self) -> float:
        """A number from 0 to 1, for jitter."""
        return self._own.roll()

    def new_id(self, prefix: str) -> str:
        """A fresh id."""
        return self._own.new_id(prefix)
