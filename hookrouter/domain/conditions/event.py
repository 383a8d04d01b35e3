"""A condition on what happened to the lead."""

from __future__ import annotations

from dataclasses import dataclass, field

from hookrouter.domain.case import Case
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.judgement import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class EventIs:
    """Holds when one of these happened; for a condition within others, a route as a whole has `events`."""

    events: frozenset[LeadEvent]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", f"event {' or '.join(sorted(self.events))}")

    def holds(self, case: Case) -> bool:
        """Whether one of them did."""
        return case.change.event in self.events

    def judge(self, case: Case) -> Judgement:
        """What happened."""
        return Judgement(label=self.label, held=self.holds(case), found=f"was {case.change.event}")
