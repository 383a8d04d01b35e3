"""The streams between the stages, each under a lease."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from hookrouter.domain.delivery import Delivery, Occasion
from hookrouter.domain.figures import Tally
from hookrouter.domain.handing import Handed
from hookrouter.domain.ids import EntryId, LeadKey, PushId, RouteName, SourceName, Who
from hookrouter.domain.lead import Lead
from hookrouter.domain.lead_clock import KnownClocks
from hookrouter.domain.once import Marks
from hookrouter.domain.own_writes import Written
from hookrouter.domain.pending import Pending
from hookrouter.domain.rejection import Rejection
from hookrouter.domain.remembered import Before, Snapshot
from hookrouter.domain.routing import Enrichment
from hookrouter.domain.silence import Listening
from hookrouter.domain.withheld import Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeEntry:
    """Some leads of one push that wait to be routed.

    Attributes:
        routed: how many leads of the entry were routed already; these are no longer in `leads`.
    """

    id: EntryId
    occasions: tuple[Occasion, ...]
    leads: tuple[Lead, ...]
    routed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HydrateEntry:
    """Some leads of one push that wait for the CRM's copies of them.

    Attributes:
        prove: whether only what the CRM confirms may be routed.
        asked: whether the CRM was asked once and did not know these leads.
    """

    id: EntryId
    occasions: tuple[Occasion, ...]
    leads: tuple[Lead, ...]
    prove: bool
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HydratedEntries:
    """What became of a batch of entries; written in one atomic step with their removal.

    Attributes:
        leads: the leads that can be routed now, in the order of their entries.
        again: entries for the leads that are to be asked for once more.
    """

    entries: Sequence[EntryId]
    leads: Sequence[tuple[Occasion, Lead]]
    rejected: Sequence[Rejection]
    again: Sequence[HydrateEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichEntry:
    """The deliveries of one lead by one route that wait for its history."""

    id: EntryId
    enrichment: Enrichment
    deliveries: tuple[Delivery, ...]
    since: datetime

    @property
    def due(self) -> datetime | None:
        """When it goes on even without an answer from the CRM; None means never."""
        patience = self.enrichment.patience
        return None if patience is None else self.since + patience


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingEntry:
    """A lead of which some routes can only be decided by its history."""

    id: EntryId
    pending: Pending


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedEntry:
    """What became of a pending lead; written in one atomic step with its removal.

    Attributes:
        was_told: whether the CRM has just told its history, and so is not away.
        keep_marks: how long the marks of routes with `once` count.
        tally: what it adds to the figures of the day.
    """

    entry: EntryId
    handed: Handed = field(default_factory=Handed)
    rejected: Sequence[Rejection] = ()
    was_told: bool = False
    keep_marks: timedelta = timedelta()
    tally: Tally | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBack:
    """Something we wrote to a lead, under one of its names, that came back."""

    source: SourceName
    name: LeadKey
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedEntries:
    """What became of a batch of intake entries; written in one atomic step with their removal.

    Attributes:
        begun: the entry behind these, if some of its leads were routed too, with how many.
        before: how the leads of each push were before it, by their places in it.
        keep_marks: how long the marks of routes with `once` count.
        come_back: what we wrote to leads that came back, and need not be recognised again.
        canaries: when the pushes of canaries came, by their marks.
        tally: what they add to the figures of the day.
    """

    entries: Sequence[EntryId]
    begun: tuple[EntryId, int] | None
    snapshots: Mapping[tuple[SourceName, LeadKey], Snapshot]
    before: Mapping[PushId, Mapping[int, Before]]
    handed: Handed
    pending: Sequence[Pending]
    rejected: Sequence[Rejection]
    keep_marks: timedelta = timedelta()
    come_back: Sequence[ComeBack] = ()
    canaries: Mapping[str, datetime] = field(default_factory=dict)
    tally: Tally | None = None


class Intake(Protocol):
    """One partition of the intake, under a lease."""

    async def read(self, count: int) -> Sequence[IntakeEntry]:
        """The oldest entries; they stay until they are committed."""

    async def snapshots(self, leads: Sequence[tuple[SourceName, LeadKey]]) -> Sequence[Snapshot | None]:
        """The last snapshot of each lead."""

    async def marks(self, leads: Sequence[Who]) -> Sequence[Marks]:
        """What routes with `once` remember of each lead."""

    async def silences(self) -> Sequence[Listening]:
        """What operators have said so far that sinks are not to be told of."""

    async def clocks(self, leads: Sequence[Who], routes: Collection[RouteName]) -> Sequence[KnownClocks]:
        """The clocks of each lead by these routes."""

    async def written(self, names: Sequence[Who]) -> Sequence[Sequence[Written]]:
        """What we wrote lately to the leads of these names."""

    async def commit(self, routed: RoutedEntries) -> bool:
        """Write what became of the entries and remove them; False, and nothing written, if the lease was lost."""

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit says if it was lost."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""


class Hydrator(Protocol):
    """The leads that wait for the CRM's copies of them, under a lease."""

    async def gather(self, leads: int) -> Sequence[HydrateEntry]:
        """The oldest entries, with at most this many leads in all; they stay until they are committed."""

    async def commit(self, hydrated: HydratedEntries) -> bool:
        """Write what became of the entries and remove them; False, and nothing written, if the lease was lost."""

    async def note_away(self, reason: str) -> None:
        """Show those who look that the CRM is away, until the next commit."""

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit says if it was lost."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""


class Enricher(Protocol):
    """One partition of the leads that wait for their history, under a lease."""

    async def read(self, count: int, after: EntryId | None) -> Sequence[EnrichEntry]:
        """The oldest entries behind `after`; they stay until they are committed."""

    async def commit(self, entries: Sequence[EntryId], deliveries: Sequence[Delivery]) -> bool:
        """Put the deliveries into their outboxes and remove the entries; False if the lease was lost."""

    async def withheld(self) -> Withheld:
        """What waits for the CRM."""

    async def note_away(self, reason: str) -> None:
        """Show those who look that the CRM is away, until somebody notes that it is back."""

    async def note_back(self) -> None:
        """Show that the CRM is back."""

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit says if it was lost."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""


class Pendings(Protocol):
    """One partition of the leads that wait to be decided, under a lease."""

    async def read(self, count: int, after: EntryId | None) -> Sequence[PendingEntry]:
        """The oldest entries behind `after`; they stay until they are committed."""

    async def marks(self, lead: Who) -> Marks:
        """What routes with `once` remember of a lead."""

    async def silences(self) -> Sequence[Listening]:
        """What operators have said so far that sinks are not to be told of."""

    async def clocks(self, leads: Sequence[Who], routes: Collection[RouteName]) -> Sequence[KnownClocks]:
        """The clocks of each lead by these routes."""

    async def commit(self, decided: DecidedEntry) -> bool:
        """Write what became of the lead and remove its entry; False, and nothing written, if the lease was lost."""

    async def withheld(self) -> Withheld:
        """What waits for the CRM."""

    async def note_away(self, reason: str) -> None:
        """Show those who look that the CRM is away, until a commit says that it is not."""

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit says if it was lost."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
