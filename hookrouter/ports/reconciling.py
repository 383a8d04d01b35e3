"""What reconcile asks, remembers and brings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hookrouter.domain.ids import LeadKey, PushId, SourceName, Who
from hookrouter.domain.lead import Fields, Json
from hookrouter.domain.own_writes import Written
from hookrouter.domain.push import Batch, Push
from hookrouter.domain.reconciling import Kind, ReconcileRun, ReconcileTally, Span
from hookrouter.domain.remembered import Snapshot
from hookrouter.domain.sweeping import Swept

Page = Sequence[dict[str, Json]]


class ChangedLeads(Protocol):
    """The CRM's copies of the leads that changed in a span of time.

    Attributes:
        calls: how many calls to the CRM's API were made for them.
    """

    calls: int

    def pages(self, kind: Kind, span: Span) -> AsyncIterator[Page]:
        """All these copies, some more than once. Raises `CrmAway`, `CrmRefused` or `ToldToStop`."""


class ReconcileMemory(Protocol):
    """What is remembered of a source between runs."""

    async def snapshots(self, source: SourceName, leads: Sequence[LeadKey]) -> Sequence[Snapshot | None]:
        """Each lead as last seen."""

    async def written(self, names: Sequence[Who]) -> Sequence[Sequence[Written]]:
        """What we wrote lately to the leads of these names and has not come back yet."""

    async def arrivals(self, pushes: Sequence[PushId]) -> Mapping[PushId, datetime]:
        """When pushes came, of those that are still kept."""

    async def has_pushed(self, source: SourceName, start: datetime, end: datetime) -> bool:
        """Whether a push of leads came in a span of time."""

    async def oldest_waiting(self) -> datetime | None:
        """When the oldest push came of which a lead has yet to be compared with its snapshot."""

    async def mark(self, source: SourceName) -> datetime | None:
        """Up to when all changes are accounted for; None before the first run."""

    async def begin(self, source: SourceName, at: datetime) -> None:
        """Remember when the first run was."""

    async def begun(self, source: SourceName) -> datetime | None:
        """When the first run was; None if that is not known, as after a first run by hand from a given moment."""

    async def is_due(self, source: SourceName, now: datetime) -> bool:
        """Whether another run is due at a moment; the first one always is."""

    async def advance(self, source: SourceName, mark: datetime) -> None:
        """Move the mark on, never back."""

    async def note_run(self, source: SourceName, tally: ReconcileTally, at: datetime, due: datetime) -> None:
        """Remember what a run found, and when the next is due."""


class Bring(Protocol):
    """Puts leads where pushes put theirs."""

    async def bring(self, push: Push, batch: Batch) -> None:
        """Store a batch safely, and wake the stage that routes it."""


class ActiveLeads(Protocol):
    """The CRM's list of active leads."""

    def ids(self) -> AsyncIterator[str]:
        """The id of each, once. Raises `CrmAway` or `CrmRefused`."""


class KnownLeads(Protocol):
    """The known leads of a source, and when they are to be swept."""

    def active(self, source: SourceName) -> AsyncIterator[Mapping[LeadKey, Fields]]:
        """The leads that have an id and were last seen active, some at a time."""

    async def must_sweep(self, source: SourceName, now: datetime) -> bool:
        """Whether a sweep is due."""

    async def note_swept(self, source: SourceName, swept: Swept, doubt: str) -> None:
        """Remember what a whole sweep found, and why it was not believed; '' if it was."""

    async def note_sweep(self, source: SourceName, due: datetime) -> None:
        """Remember when the next sweep is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What is remembered of a source, for those who only look.

    Attributes:
        runs: the runs, newest first.
        accounted: up to when all changes are accounted for.
        due: when the next run is due.
        sweep_due: when the next sweep is due.
        swept: what the last whole sweep found.
        doubt: why that was not believed; '' if it was.
    """

    runs: Sequence[ReconcileRun] = ()
    accounted: datetime | None = None
    due: datetime | None = None
    sweep_due: datetime | None = None
    swept: Swept | None = None
    doubt: str = ""


class ReconcileLog(Protocol):
    """What runs of reconcile left behind."""

    def of(self, source: SourceName, most: int) -> Reconciled:
        """What is remembered of a source, with at most this many of its runs."""
