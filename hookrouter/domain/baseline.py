"""The baseline: which of the CRM's leads are taken as last seen, so that their next pushes tell what really changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hookrouter.domain.lead import UPDATED_FIELD, Fields, Json, Lead, crm_time

SETTLED_AFTER = timedelta(minutes=10)
"""A lead that changed later than this may have its push under way yet: taken as seen, the push would change nothing."""


class Standing(StrEnum):
    """How the CRM's copy of a lead stands to its snapshot."""

    NEW = "new"
    NEWER = "newer"
    KNOWN = "known"
    RECENT = "recent"


def standing(lead: Lead, snapshot: Fields | None, settled: datetime) -> Standing:
    """Judge a copy.

    Args:
        lead: as the CRM has it.
        snapshot: the lead as last seen; None when it never was.
        settled: what changed later is left to its push.
    """
    updated = lead.updated_at
    if updated is not None and updated > settled:
        return Standing.RECENT
    if snapshot is None:
        return Standing.NEW
    seen = crm_time(snapshot.get(UPDATED_FIELD))
    # Of the same second, or of an age that nobody knows, the one that a push brought stays.
    return Standing.NEWER if updated is not None and seen is not None and seen < updated else Standing.KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineTally:
    """How far a baseline has come.

    Attributes:
        read: leads that the CRM gave, from the first one on.
        new: they had no snapshot.
        newer: their snapshot was older than the CRM's copy.
        known: their snapshot stays.
        recent: they changed just now, and are left to their pushes.
        unreadable: what the CRM gave is no lead that a push could bring.
        is_whole: whether the end was reached.
    """

    read: int = 0
    new: int = 0
    newer: int = 0
    known: int = 0
    recent: int = 0
    unreadable: int = 0
    is_whole: bool = False

    def plus(self, *, read: int, unreadable: int, standings: list[Standing]) -> BaselineTally:
        """With one more page."""
        return replace(
            self,
            read=self.read + read,
            unreadable=self.unreadable + unreadable,
            new=self.new + standings.count(Standing.NEW),
            newer=self.newer + standings.count(Standing.NEWER),
            known=self.known + standings.count(Standing.KNOWN),
            recent=self.recent + standings.count(Standing.RECENT),
        )

    def as_json(self) -> dict[str, Json]:
        """As the command prints it."""
        return {
            "read": self.read,
            "new": self.new,
            "newer": self.newer,
            "known": self.known,
            "recent": self.recent,
            "unreadable": self.unreadable,
            "whole": self.is_whole,
        }
