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
        calls: of the CRM's API that were made for them.
    """

    calls: int

    def pages(self, kind: Kind, span: Span) -> AsyncIterator[Page]:
        """All of them, some more than once. Raises `CrmAway`, `CrmRefused` or `ToldToStop`."""


class ReconcileMemory(Protocol):
    """What is remembered of a source between runs."""

    async def snapshots(self, source: SourceName, leads: Sequence[LeadKey]) -> Sequence[Snapshot | None]:
        """Each lead as last seen."""

    async def written(self, names: Sequence[Who]) -> Sequence[Sequence[Written]]:
        """What we wrote lately to the leads of these names, and has not come back."""

    async def arrivals(self, pushes: Sequence[PushId]) -> Mapping[PushId, datetime]:
        """When pushes came, as far as they are kept."""

    async def has_pushed(self, source: SourceName, start: datetime, end: datetime) -> bool:
        """Whether a push of leads came in a span of time."""

    async def oldest_waiting(self) -> datetime | None:
        """When the oldest push came whose leads have not all been compared with their snapshots."""

    async def mark(self, source: SourceName) -> datetime | None:
        """Up to when all changes are accounted for; None before the first run."""

    async def begin(self, source: SourceName, at: datetime) -> None:
        """Remember when the first run was."""

    async def begun(self, source: SourceName) -> datetime | None:
        """When the first run was; None if nobody knows, as where the first was made by hand, with a moment."""

    async def is_due(self, source: SourceName, now: datetime) -> bool:
        """Whether another run is to be made at a moment; where none was ever, it is."""

    async def advance(self, source: SourceName, mark: datetime) -> None:
        """Move the mark on, never back."""

    async def note_run(self, source: SourceName, tally: ReconcileTally, at: datetime, due: datetime) -> None:
        """Remember what a run found, and when the next is due."""


class Bring(Protocol):
    """Puts leads where pushes put theirs."""

    async def bring(self, push: Push, batch: Batch) -> None:
        """Put them safely, and wake who routes them."""


class ActiveLeads(Protocol):
    """The CRM's list of active leads."""

    def ids(self) -> AsyncIterator[str]:
        """The id of each, once. Raises `CrmAway` or `CrmRefused`."""


class KnownLeads(Protocol):
    """The leads that are known of a source, and when they are to be swept."""

    def active(self, source: SourceName) -> AsyncIterator[Mapping[LeadKey, Fields]]:
        """Those that have an id and were last seen active, some at a time."""

    async def must_sweep(self, source: SourceName, now: datetime) -> bool:
        """Whether a sweep is due."""

    async def note_swept(self, source: SourceName, swept: Swept, doubt: str) -> None:
        """Remember what the last whole sweep found, and why it was not believed; '' when it was."""

    async def note_sweep(self, source: SourceName, due: datetime) -> None:
        """Remember when the next is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What is remembered of a source, for those who only look.

    Attributes:
        runs: the newest first.
        accounted: up to when all changes are.
        due: when the next run is.
        sweep_due: when the next sweep is.
        swept: what the last whole one found.
        doubt: why it was not believed, if it was not.
    """

    runs: Sequence[ReconcileRun] = ()
    accounted: datetime | None = None
    due: datetime | None = None
    sweep_due: datetime | None = None
    swept: Swept | None = None
    doubt: str = ""


class ReconcileLog(Protocol):
    """What runs of reconcile left."""

    def of(self, source: SourceName, most: int) -> Reconciled:
        """What is remembered of a source, with so many of its runs."""
