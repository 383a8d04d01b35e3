"""A rejection: a lead of a push that could not be routed, with its faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.lead import Json


def rejection_id(push: PushId, place: int) -> str:
    """The name of a rejected lead: its push's, with its place therein."""
    return f"{push}-{place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A rejected lead; `place` is its number within the push, `errors` are its faults by field."""

    id: str
    push: PushId
    source: SourceName
    place: int
    at: datetime
    errors: Mapping[str, str]
    lead: Json

    def summary(self) -> dict[str, Json]:
        """One row of a list of rejected leads."""
        return {
            "id": self.id,
            "source": self.source,
            "push": self.push,
            "place": self.place,
            "at": self.at.isoformat(),
            "errors": dict(self.errors),
        }

    def whole(self) -> dict[str, Json]:
        """Everything that is known of it."""
        return {**self.summary(), "lead": self.lead}
