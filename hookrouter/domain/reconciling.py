"""Reconcile: what changed in the CRM, compared with what pushes brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.ids import PushId
from hookrouter.domain.lead import CREATED_FIELD, UPDATED_FIELD, Json, Lead
from hookrouter.domain.remembered import NOBODY, Snapshot

LEFT_TO_ITS_PUSH = timedelta(minutes=1)
"""What changed later than this may have its push under way yet."""
SECOND = timedelta(seconds=1)
"""What the CRM's times are told in (crm-api 2.3)."""
MOST_LAGS = 1000
"""Pushes of one run whose lag is measured."""
BY_PUSH, BY_RECONCILE = "p_", "r_"
"""What the ids of the CRM's own pushes begin with; what reconcile and the sweep bring is kept as pushes, too."""
WORST_SHARE = 0.01
"""The share of changes missed by pushes beyond which an operator should know."""
FEWEST_MISSED = 3
"""Fewer say nothing of the CRM."""
FEWEST_CONTRADICTED = 3
"""Runs one after the other; a single push may have come very late, or be none of the CRM's."""


class Kind(StrEnum):
    """By which of a lead's times the CRM is asked (crm-api 2.2)."""

    UPDATE = "update"
    CREATE = "create"

    @property
    def field(self) -> str:
        """The lead's field with that time."""
        return UPDATED_FIELD if self is Kind.UPDATE else CREATED_FIELD


class Finding(StrEnum):
    """What a changed lead turned out to be."""

    KNOWN = "known"
    MISSED = "missed"
    RECENT = "recent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The CRM's copy of a changed lead, and what it turned out to be.

    Attributes:
        push: the one that brought what is known of the lead; '' when nobody knows.
    """

    copy: Lead
    finding: Finding
    push: PushId = NOBODY

    @classmethod
    def of(cls, copy: Lead, snapshot: Snapshot | None, settled: datetime) -> Judged:
        """Judge a copy by its content, for its times tell too little (crm-api 7, rows 14 and 15).

        Args:
            copy: as the CRM has it.
            snapshot: the lead as last seen; None when it never was.
            settled: what changed later is left to its push.
        """
        push = NOBODY if snapshot is None else snapshot.push
        if copy.updated_at is not None and copy.updated_at > settled:
            return cls(copy=copy, finding=Finding.RECENT, push=push)
        if snapshot is None or compare(copy, snapshot.fields, now=settled).event is LeadEvent.UPDATED:
            return cls(copy=copy, finding=Finding.MISSED, push=push)
        return cls(copy=copy, finding=Finding.KNOWN, push=push)

    @property
    def was_pushed(self) -> bool:
        """Whether a push of the CRM's brought what is known of the lead."""
        return self.finding is Finding.KNOWN and self.push.startswith(BY_PUSH)

    @property
    def was_brought(self) -> bool:
        """Whether reconcile had to bring it, earlier."""
        return self.finding is Finding.KNOWN and self.push.startswith(BY_RECONCILE)

    def changed_after(self, moment: datetime, kind: Kind) -> bool:
        """Whether its time of a kind is later."""
        time = self.copy.updated_at if kind is Kind.UPDATE else self.copy.created_at
        return time is not None and time > moment

    def changed_before(self, moment: datetime | None) -> bool:
        """Whether it last changed earlier; False where nobody knows."""
        time = self.copy.updated_at or self.copy.created_at
        return moment is not None and time is not None and time < moment

    def lag(self, arrival: datetime) -> float:
        """Seconds from its last change to a push's arrival; clocks may differ, none came before."""
        return 0.0 if self.copy.updated_at is None else max(0.0, (arrival - self.copy.updated_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time, both ends included, as the CRM's bounds may be (crm-api 2.2)."""

    start: datetime
    end: datetime

    @property
    def is_one_second(self) -> bool:
        """Whether it cannot be split."""
        return self.end - self.start < SECOND

    def halves(self) -> tuple[Span, Span]:
        """It in two, which share no second."""
        middle = self.start + timedelta(seconds=(self.end - self.start) // SECOND // 2)
        return Span(self.start, middle), Span(middle + SECOND, self.end)

    def split(self, length: timedelta) -> tuple[Span, Span | None]:
        """Its beginning of some length, and the rest if there is one; they share no second."""
        end = self.start + length
        return (self, None) if end >= self.end else (Span(self.start, end), Span(end + SECOND, self.end))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileTally:
    """What a run found.

    Attributes:
        since: from when on it looked.
        until: up to where it came.
        calls: of the CRM's API.
        known: changed leads whose content was known.
        brought: those of the known that reconcile had brought before.
        missed: those whose content no push had brought.
        recent: those left to their pushes.
        unreadable: what the CRM gave is no lead that a push could bring.
        lags: seconds from a change to its push, of some of the known.
        is_whole: whether the end was reached.
        is_contradicted: whether the CRM named no change at all, though pushes came.
    """

    since: datetime
    until: datetime
    calls: int = 0
    known: int = 0
    brought: int = 0
    missed: int = 0
    recent: int = 0
    unreadable: int = 0
    lags: tuple[float, ...] = field(default=(), repr=False)
    is_whole: bool = False
    is_contradicted: bool = False

    def plus(self, judged: Sequence[Judged], *, unreadable: int = 0, lags: Sequence[float] = ()) -> ReconcileTally:
        """With some more leads."""
        findings = [each.finding for each in judged]
        return replace(
            self,
            known=self.known + findings.count(Finding.KNOWN),
            brought=self.brought + sum(each.was_brought for each in judged),
            missed=self.missed + findings.count(Finding.MISSED),
            recent=self.recent + findings.count(Finding.RECENT),
            unreadable=self.unreadable + unreadable,
            lags=(*self.lags, *lags)[:MOST_LAGS],
        )

    @property
    def changes(self) -> int:
        """Changed leads that are accounted for."""
        return self.known + self.missed

    @property
    def lag(self) -> float | None:
        """The median of the lags, in seconds."""
        return median(self.lags) if self.lags else None

    def as_json(self) -> dict[str, Json]:
        """As the command prints it."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "calls": self.calls,
            "known": self.known,
            "brought": self.brought,
            "missed": self.missed,
            "recent": self.recent,
            "unreadable": self.unreadable,
            "lag": self.lag,
            "whole": self.is_whole,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileRun:
    """A run as it is remembered; `calls` is None for one that an older version made."""

    at: datetime
    known: int
    missed: int
    lag: float | None
    is_whole: bool
    is_contradicted: bool = False
    calls: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTrust:
    """What reconcile measured of the CRM's pushes over a while.

    Attributes:
        changes: leads that changed.
        missed: those that no push brought.
        lag: seconds from a change to its push, the median; None when nobody knows.
        last_run: when it last came to its end; None when it never did.
        contradicted: the newest runs in which the CRM named no change at all, though pushes came.
    """

    changes: int = 0
    missed: int = 0
    lag: float | None = None
    last_run: datetime | None = None
    contradicted: int = 0

    @property
    def share_missed(self) -> float | None:
        """The share of changes that no push brought; None without any change."""
        return self.missed / self.changes if self.changes else None

    @property
    def is_blind(self) -> bool:
        """Whether the CRM must mean other times than we do, so that nothing missed is found."""
        return self.contradicted >= FEWEST_CONTRADICTED

    @property
    def is_broken(self) -> bool:
        """Whether the pushes miss so much that an operator should know."""
        share = self.share_missed
        return share is not None and share >= WORST_SHARE and self.missed >= FEWEST_MISSED
