"""The CRM, and what saves calls to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from hookrouter.domain.crm_write import Action, CrmWrite
from hookrouter.domain.lead import Fields, Json
from hookrouter.domain.outcome import Outcome
from hookrouter.wire.crm.envelope import WriteResult

PAGE_OF_EVENTS = 500
"""Events in one answer of the CRM; a page with fewer is the last."""


class History(Protocol):
    """The CRM's memory of a lead."""

    async def timeline(self, lead: str, source: str | None, offset: int = 0) -> Sequence[Mapping[str, Json]]:
        """A page of events of a lead, of one event source or of all. Raises `CrmAway` or `CrmRefused`."""


class LeadCopies(Protocol):
    """The CRM's own copies of leads, inactive ones too, up to 500 a call; unknown leads are left out."""

    async def by_ids(self, ids: Sequence[str]) -> Sequence[dict[str, Json]]:
        """The leads of these ids. Raises `CrmAway` or `CrmRefused`."""

    async def by_addresses(self, addresses: Sequence[str]) -> Sequence[dict[str, Json]]:
        """The leads of these e-mail addresses. Raises `CrmAway` or `CrmRefused`."""


class TimelineCache(Protocol):
    """Histories remembered for minutes."""

    async def get(
        self, lead: str, source: str | None, *, since: datetime | None = None
    ) -> Sequence[Mapping[str, Json]] | None:
        """What is remembered, if the CRM was asked for it at that moment or later."""

    async def put(
        self, lead: str, source: str | None, events: Sequence[Mapping[str, Json]], *, asked_at: datetime
    ) -> None:
        """Remember what the CRM answered when it was asked at this moment."""


MOST_MEMBERS = 100
"""Leads whose lists the CRM gives in one answer (crm-api 3.10)."""


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
        """Take a permit; returns zero if there was one, else how long to wait before asking again."""


class Subscriptions(Protocol):
    """Where the CRM is asked to push."""

    async def subscribe(self, url: str) -> bool:
        """Have lead updates pushed to a URL; True if the CRM says it will. Raises `CrmAway` or `CrmRefused`."""


class CrmWriter(Protocol):
    """Writes to the CRM for the deliveries of all sinks."""

    async def write(self, write: CrmWrite) -> Outcome:
        """Write one object, together with what others write at the same moment; returns what came of it."""


class CrmObjects(Protocol):
    """Objects written to the CRM, up to 500 a call."""

    async def write(self, action: Action, objects: Sequence[Fields]) -> Sequence[WriteResult]:
        """Write objects; one result for each, in order. Raises `CrmAway` or `CrmRefused` if none was written."""

    async def logged(self, calls: Sequence[Fields]) -> Sequence[WriteResult]:
        """Which of these calls the leads' events show, one result for each. Raises the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollection:
    """What is remembered before an object is written.

    Attributes:
        same: how often the same was lately written to the lead and changed something.
        any: how often its route lately wrote anything to the lead.
        in_doubt: whether an earlier try of the delivery began and what came of it was never noted.
    """

    same: int = 0
    any: int = 0
    in_doubt: bool = False


class WriteMemory(Protocol):
    """What we wrote to leads lately, by which echoes and loops are recognised."""

    async def recall(self, writes: Sequence[CrmWrite]) -> Sequence[Recollection]:
        """What is remembered of each write."""

    async def note(self, writes: Sequence[CrmWrite]) -> Sequence[bool]:
        """Remember writes before they are made, because the echo may come before the answer.

        Returns for each whether nothing was remembered of it before.
        """

    async def settle(self, writes: Sequence[CrmWrite], written: Sequence[bool | None], noted: Sequence[bool]) -> None:
        """Remember what came of each write.

        Args:
            writes: those that were tried.
            written: whether each was made and changed something; None if nobody knows.
            noted: what `note` returned for each.
        """

    async def note_loop(self, write: CrmWrite) -> None:
        """Show those who look that a loop was broken."""
