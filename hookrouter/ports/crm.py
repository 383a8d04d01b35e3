"""The CRM, and what spares it calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from hookrouter.domain.lead import Json

PAGE_OF_EVENTS = 500
"""Events that the CRM tells at once; a page with fewer is the last."""


class History(Protocol):
    """The CRM's memory of a lead."""

    async def timeline(self, lead: str, source: str | None, offset: int = 0) -> Sequence[Mapping[str, Json]]:
        """A page of events of a lead, of one event source or of all. Raises `CrmAway` or `CrmRefused`."""


class LeadCopies(Protocol):
    """The CRM's own copies of leads, up to 500 a call, also of inactive ones; those it does not know are left out."""

    async def by_ids(self, ids: Sequence[str]) -> Sequence[dict[str, Json]]:
        """The leads of these ids. Raises `CrmAway` or `CrmRefused`."""

    async def by_addresses(self, addresses: Sequence[str]) -> Sequence[dict[str, Json]]:
        """The leads of these e-mail addresses. Raises `CrmAway` or `CrmRefused`."""


class TimelineCache(Protocol):
    """Histories remembered for minutes."""

    async def get(
        self, lead: str, source: str | None, *, since: datetime | None = None
    ) -> Sequence[Mapping[str, Json]] | None:
        """What is remembered, if it was asked for at that moment or later."""

    async def put(
        self, lead: str, source: str | None, events: Sequence[Mapping[str, Json]], *, asked_at: datetime
    ) -> None:
        """Remember what the CRM was asked for at a moment."""


MOST_MEMBERS = 100
"""Leads whose lists the CRM tells at once (crm-api 3.10)."""


class Memberships(Protocol):
    """The lists that leads are on."""

    async def lists_of(self, leads: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The names of the lists of each of up to 100 leads. Raises `CrmAway` or `CrmRefused`."""


class MembershipCache(Protocol):
    """Memberships remembered for minutes."""

    async def get(self, leads: Sequence[str]) -> Mapping[str, tuple[str, ...]]: ...
    async def put(self, memberships: Mapping[str, Sequence[str]]) -> None: ...


class RateLimit(Protocol):
    """A bucket of permits that all processes share."""

    async def take(self) -> timedelta:
        """Take a permit: zero if there was one, else how long to wait before asking again."""


class Subscriptions(Protocol):
    """The CRM asked to push."""

    async def subscribe(self, url: str) -> bool:
        """Have lead updates pushed to a URL; whether the CRM says it will. Raises `CrmAway` or `CrmRefused`."""
