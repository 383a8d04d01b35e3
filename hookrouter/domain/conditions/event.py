"""A condition on what happened to the lead."""

from __future__ import annotations

from dataclasses import dataclass, field

from hookrouter.domain.change import Change, LeadEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class EventIs:
    """Holds when one of these happened; for a condition within others, a route as a whole has `events`."""

    events: frozenset[LeadEvent]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", f"event {' or '.join(sorted(self.events))}")

    def failure(self, change: Change) -> str | None:
        """What happened instead."""
        return None if change.event in self.events else f"{self.label} (was {change.event})"
