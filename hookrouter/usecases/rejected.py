"""Rejected leads: look at what could not be routed."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.errors import NotFound
from hookrouter.domain.rejection import Rejection
from hookrouter.ports.desk import Page, RejectedLeads


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtRejected:
    """Shows the rejected leads."""

    rejected: RejectedLeads

    def list(self, *, limit: int, after: str | None = None) -> Page[Rejection]:
        """The newest rejections behind a page's end."""
        return self.rejected.list(limit=limit, after=after)

    def show(self, rejection: str) -> Rejection:
        """One rejection.

        Raises:
            NotFound: there is none of this id.
        """
        found = self.rejected.find(rejection)
        if found is None:
            raise NotFound(f"there is no rejected lead {rejection}; `hookrouter rejected list` shows those there are")
        return found
