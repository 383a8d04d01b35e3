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


class CrmWriter(Protocol):
    """Who writes to the CRM for the deliveries of all sinks."""

    async def write(self, write: CrmWrite) -> Outcome:
        """Write one object, together with what others write at the same moment; what came of it."""


class CrmObjects(Protocol):
    """Objects written to the CRM, up to 500 a call."""

    async def write(self, action: Action, objects: Sequence[Fields]) -> Sequence[WriteResult]:
        """One result for each, in order. Raises `CrmAway` or `CrmRefused` when nothing was written at all."""

    async def logged(self, calls: Sequence[Fields]) -> Sequence[WriteResult]:
        """Which of these calls the leads' events show. Raises likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollection:
    """What is remembered before an object is written.

    Attributes:
        same: how often the same was written to the lead lately, and changed something each time.
        any: how often its route wrote anything to the lead.
        in_doubt: an earlier try of the delivery began, and nobody wrote what came of it.
    """

    same: int = 0
    any: int = 0
    in_doubt: bool = False


class WriteMemory(Protocol):
    """What we wrote to leads lately: by it an echo is recognised, and a loop."""

    async def recall(self, writes: Sequence[CrmWrite]) -> Sequence[Recollection]:
        """What is remembered of each."""

    async def note(self, writes: Sequence[CrmWrite]) -> Sequence[bool]:
        """Remember what is written now, before it is, for its echo may be faster than its answer.

        Returns whether of each nothing was remembered before.
        """

    async def settle(self, writes: Sequence[CrmWrite], written: Sequence[bool | None], noted: Sequence[bool]) -> None:
        """Remember what came of each.

        Args:
            writes: which were made.
            written: whether each was, and changed something; None when nobody knows.
            noted: what `note` said of each.
        """

    async def note_loop(self, write: CrmWrite) -> None:
        """Let those who look know that a loop was broken."""
