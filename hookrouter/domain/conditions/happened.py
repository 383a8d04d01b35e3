"""A condition on what the lead did: how often one kind of event stands in its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hookrouter.domain.case import Case
from hookrouter.domain.conditions.field import ValueTest
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.lead import CLOCKS_DIFFER, Json, crm_time

_NEVER = datetime.min.replace(tzinfo=UTC)
"""Stands for the time of an event that says none: it is older than all others."""

Events = Sequence[Mapping[str, Json]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Holds when the history has so many events of a source; without a history it never holds.

    What happened after the push does not count, however late the history is asked for. An event that stands there
    twice happened twice (crm-api 5.2).

    Attributes:
        count: what their number must be.
        span: only events that had passed no longer than this when the lead was pushed.
        newest: only events among so many newest of the lead, whatever their sources.
        limits: `span` and `newest` in words, as in ` within 7d`.
    """

    source: str
    count: ValueTest
    span: timedelta | None = None
    newest: int | None = None
    limits: str = ""
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", f"{self.source} count {self.count.label}{self.limits}")

    def holds(self, case: Case) -> bool:
        """Whether it has."""
        return case.timeline is not None and self.count.holds(self._counted(case.timeline, case.at))

    def judge(self, case: Case) -> Judgement:
        """How many there were."""
        if case.timeline is None:
            return Judgement(label=self.label, held=False, found="the lead's history is not known")
        counted = self._counted(case.timeline, case.at)
        return Judgement(label=self.label, held=self.count.holds(counted), found=f"was {counted}")

    def _counted(self, timeline: Events, at: datetime) -> int:
        earliest = None if self.span is None else at - self.span
        return sum(
            source == self.source and (earliest is None or moment >= earliest)
            for source, moment in self._looked_at(timeline, at)
        )

    def _looked_at(self, timeline: Events, at: datetime) -> Iterator[tuple[Json, datetime]]:
        """The events that may count, by source and time."""
        timed = ((event.get("eventSource"), crm_time(event.get("createTimestamp")) or _NEVER) for event in timeline)
        happened = (each for each in timed if each[1] <= at + CLOCKS_DIFFER)
        if self.newest is None:
            return happened
        return iter(sorted(happened, key=lambda each: each[1], reverse=True)[: self.newest])
