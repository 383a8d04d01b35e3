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


class LeadCopies(Protocol):
    """The CRM's own copies of leads, up to 500 a call, also of inactive ones; those it does not know are left out."""

    async def by_ids(self, ids: Sequence[str]) -> Sequence[dict[str, Json]]:
        """The leads of these ids. Raises `CrmAway` or `CrmRefused`."""

    async def by_addresses(self, addresses: Sequence[str]) -> Sequence[dict[str, Json]]:
        """The leads of these e-mail addresses. Raises `CrmAway` or `CrmRefused`."""


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
