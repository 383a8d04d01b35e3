"""A rejection: a lead of a push that could not be routed, with its faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from hookrouter.domain.delivery import Occasion
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.lead import Json, Lead


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


def unroutable(occasion: Occasion, lead: Lead, kind: str, at: datetime) -> Rejection:
    """The rejection of a lead whose judging failed in an error of ours of this kind."""
    return Rejection(
        id=rejection_id(occasion.push, occasion.place),
        push=occasion.push,
        source=occasion.source,
        place=occasion.place,
        at=at,
        errors={"": f"it could not be routed ({kind}): a defect of hookrouter, please report it"},
        lead=cast("Json", lead.fields),
    )
