"""What stands around a use case, and remembers what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hookrouter.clock import SystemClock
from hookrouter.domain.events import Event
from hookrouter.ports.stages import Stage


class ShiftedClock(SystemClock):
    """The machine's clock, put forward when a test says so."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class Notes:
    """What was reported, and which stages were rung for; nobody is woken."""

    events: list[Event] = field(default_factory=list)
    rings: list[Stage] = field(default_factory=list)

    def report(self, event: Event) -> None:
        self.events.append(event)

    def flush(self) -> None:
        pass

    def ring(self, stage: Stage) -> None:
        self.rings.append(stage)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]
