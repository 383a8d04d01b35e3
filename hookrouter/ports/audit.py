"""The audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from hookrouter.domain.audit import Deed
from hookrouter.ports.desk import Page


class AuditLog(Protocol):
    """What operators did."""

    def keep(self, deed: Deed) -> None:
        """Write a deed down. Raises `StoreAway` if it cannot be written."""

    def list(
        self,
        *,
        limit: int,
        after: str | None = None,
        act: str | None = None,
        by: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[Deed]:
        """The deeds, newest first, from a page's end on; if asked, of one kind, a part of a name, or a span of time."""
