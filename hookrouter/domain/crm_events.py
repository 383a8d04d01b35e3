"""The events that hookrouter reports of its work at the CRM; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopBroken(Event):
    """A write to the CRM was not made: the same was written to the lead again and again, and changed back."""

    name: ClassVar[str] = "loop.broken"
    level: ClassVar[str] = "warning"
    delivery: str
    route: str
    sink: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesReconciled(Event):
    """Changes in the CRM were held against what pushes brought of them; `missed` ones were brought."""

    name: ClassVar[str] = "changes.reconciled"
    source: str
    since: str
    until: str
    known: int
    missed: int
    calls: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadsSwept(Event):
    """The CRM's list of leads was held against those known here: of the `missing` ones, the `gone` were brought."""

    name: ClassVar[str] = "leads.swept"
    source: str
    known: int
    missing: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepDoubted(LeadsSwept):
    """The CRM's list of leads lacked so many of those known here that it was not believed; nothing was concluded."""

    name: ClassVar[str] = "sweep.doubted"
    level: ClassVar[str] = "warning"
