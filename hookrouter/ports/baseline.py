"""What a baseline is read from, and where it is laid down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.lead import Fields, Json


class LeadPages(Protocol):
    """All active leads of the CRM, in its order."""

    async def page(self, offset: int, limit: int) -> Sequence[dict[str, Json]]:
        """Some leads from this place in the list of all; none means the end. Raises `CrmAway` or `CrmRefused`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A snapshot as it was found; `mark` tells whether it is still the same when it is about to be replaced."""

    fields: Fields | None
    mark: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A snapshot to lay down in the place of `over`."""

    lead: LeadKey
    fields: Fields
    over: Seen


class Snapshots(Protocol):
    """Leads as last seen."""

    async def seen(self, source: SourceName, leads: Sequence[LeadKey]) -> Sequence[Seen]:
        """The snapshot of each lead."""

    async def lay(self, source: SourceName, snapshots: Sequence[Laid]) -> Sequence[bool]:
        """Lay snapshots down and return of each whether it was; one that a push has replaced meanwhile stays."""

    async def oldest_waiting(self) -> datetime | None:
        """When the oldest push came of which a lead has yet to be compared with its snapshot."""

    async def place(self, source: SourceName) -> int:
        """How many leads an interrupted baseline had read; 0 if there is none."""

    async def note_place(self, source: SourceName, read: int) -> None:
        """Note how many leads have been read; 0 at the end."""
