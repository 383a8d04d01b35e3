"""What surrounds every use case: time, and an observer who is told what happens."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from hookrouter.domain.events import Event


class Clock(Protocol):
    """Time and dice."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...
    def roll(self) -> float: ...
    def new_id(self, prefix: str) -> str: ...


class Observer(Protocol):
    """Where facts are reported; never raises."""

    def report(self, event: Event) -> None: ...
    def flush(self) -> None:
        """Pass on what is held back for a moment; called every now and then, and when a process ends."""
