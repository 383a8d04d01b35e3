"""The events that hookrouter reports of leads' clocks; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderDue(Event):
    """Nobody reacted to a lead in time: a follow-up step was due, and `sinks` are told."""

    name: ClassVar[str] = "reminder.due"
    push: str
    source: str
    place: int
    route: str
    step: str
    sinks: int
    deliveries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadAnswered(Event):
    """Somebody was seen to react to a lead of which a route had told, after so many seconds by the CRM's clock."""

    name: ClassVar[str] = "lead.answered"
    level: ClassVar[str] = "debug"
    push: str
    source: str
    place: int
    route: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEnded(Event):
    """A lead's clock ended when it was due; `why` is handled, done, removed (its steps) or never (opens its time)."""

    name: ClassVar[str] = "clock.ended"
    level: ClassVar[str] = "debug"
    push: str
    source: str
    place: int
    route: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFailed(Event):
    """Looking at a lead whose step was due failed in an error of ours; its clock ended."""

    name: ClassVar[str] = "clock.failed"
    level: ClassVar[str] = "error"
    push: str
    source: str
    place: int
    route: str
    kind: str
