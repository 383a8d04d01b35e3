"""The one place that asks what time it is, sleeps, and rolls dice."""

from __future__ import annotations

import random  # noqa: TID251 - this module owns the dice
import secrets
import time
from datetime import UTC, datetime

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux' other clock stands still while the machine is suspended: a lease would seem held that passed on meanwhile."""


class SystemClock:
    """The machine's clock and dice."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this module owns the clock

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back, and goes on while the machine is suspended."""
        return time.clock_gettime(_CLOCK)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)  # noqa: TID251 - this module owns the clock

    def roll(self) -> float:
        """A number from 0 to 1, for jitter."""
        return random.random()  # noqa: S311 - jitter needs no secrecy

    def new_id(self, prefix: str) -> str:
        """A fresh id that sorts by the time of its making: `<prefix>_<12 hex of ms><12 random hex>`."""
        milliseconds = int(time.time() * 1000)  # noqa: TID251 - this module owns the clock
        return f"{prefix}_{milliseconds:012x}{secrets.token_hex(6)}"
