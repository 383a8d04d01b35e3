"""A silence: for a while, some sinks are not told of the leads that match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.case import Case
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.condition import Condition
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json

MOST_SILENCES = 50
"""Each is asked of every lead; who needs more needs a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Who is silent about which leads, until when and why; `match` is written as in a route."""

    id: str
    match: Json
    sinks: tuple[SinkName, ...]
    by: str
    reason: str
    since: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it is not over."""
        return now < self.until

    def summary(self) -> dict[str, Json]:
        """What an operator is shown."""
        return {
            "id": self.id,
            "match": self.match,
            "sinks": list(self.sinks),
            "by": self.by,
            "reason": self.reason,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
        }

    def __str__(self) -> str:
        """`s_3f0a by ada until 2026-11-18 12:00 UTC: an import`."""
        return f"{self.id} by {self.by} until {self.until:%Y-%m-%d %H:%M} UTC" + (
            f": {self.reason}" if self.reason else ""
        )


@dataclass(frozen=True, slots=True)
class Listening:
    """A silence, ready to judge leads; without `events` whatever happened to them."""

    silence: Silence
    conditions: tuple[Condition, ...]
    events: frozenset[LeadEvent] | None = None

    def covers(self, case: Case, now: datetime) -> bool:
        """Whether it is silent about a lead."""
        if not self.silence.holds(now) or (self.events is not None and case.change.event not in self.events):
            return False
        return all(condition.holds(case) for condition in self.conditions)


Silenced = Mapping[SinkName, str]
"""The sinks that are not told of a lead, each with the silence that says so."""

NOT_SILENCED: Silenced = {}


def silenced(silences: Iterable[Listening], case: Case, now: datetime) -> Silenced:
    """Which sinks are not told of a lead at a moment."""
    covering = [each.silence for each in silences if each.covers(case, now)]
    return {sink: silence.id for silence in covering for sink in silence.sinks}
