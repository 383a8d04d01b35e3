"""The CRM, and what spares it calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from hookrouter.domain.lead import Json


class History(Protocol):
    """The CRM's memory of a lead."""

    async def timeline(self, lead: str, source: str | None) -> Sequence[Mapping[str, Json]]:
        """Events of a lead, of one event source or of all. Raises `CrmAway` or `CrmRefused`."""


class TimelineCache(Protocol):
    """Histories remembered for minutes."""

    async def get(self, lead: str, source: str | None) -> Sequence[Mapping[str, Json]] | None: ...
    async def put(self, lead: str, source: str | None, events: Sequence[Mapping[str, Json]]) -> None: ...


class RateLimit(Protocol):
    """A bucket of permits that all processes share."""

    async def take(self) -> timedelta:
        """Take a permit: zero if there was one, else how long to wait before asking again."""


class Subscriptions(Protocol):
    """The CRM asked to push."""

    async def subscribe(self, url: str) -> bool:
        """Have lead updates pushed to a URL; whether the CRM says it will. Raises `CrmAway` or `CrmRefused`."""
