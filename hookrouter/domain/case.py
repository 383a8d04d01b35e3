"""A case: a changed lead, with all else that a route may ask about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.change import Change
from hookrouter.domain.ids import SourceName
from hookrouter.domain.lead import Fields, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What routes judge.

    Attributes:
        source: where the lead was pushed.
        at: the moment that counts, which is when its push arrived.
        timeline: the lead's history as the CRM gives it; None while nobody has asked for it.
    """

    change: Change
    source: SourceName
    at: datetime
    timeline: Sequence[Mapping[str, Json]] | None = None

    @property
    def fields(self) -> Fields:
        """The lead's fields as they are now."""
        return self.change.lead.fields
