"""What lies on the operator's desk: what was set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SinkName, SourceName
from hookrouter.domain.lead import Fields
from hookrouter.domain.lead_clock import LeadClock
from hookrouter.domain.logged_attempt import LoggedAttempt, Whereabouts
from hookrouter.domain.once import Marks
from hookrouter.domain.push import KeptPush, ListedPush
from hookrouter.domain.rejection import Rejection
from hookrouter.domain.remembered import Before, Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion(Generic[T]):
    """The next part of a long list, the oldest first.

    Attributes:
        end: where it goes on; None when nothing is left.
        left: how many there are at most from there on.
    """

    found: Sequence[T]
    end: str | None
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Part of a list; `end` asks for what comes behind it, None when nothing does.

    Attributes:
        looked_back_to: how far back it looked, where it ended before the page was full because it had looked at as much
            as it may in one go; None otherwise.
    """

    found: Sequence[T]
    end: str | None
    looked_back_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which deliveries are meant: those of a sink, of a route, of a span of time; None leaves it open.

    Attributes:
        reason: why they were given up, a word of `Reason`; it narrows down dead letters alone.
        since: the first moment of the span.
        until: the first moment behind it.
    """

    sink: SinkName | None = None
    route: RouteName | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL = Wanted()


class Came(StrEnum):
    """What came of a push."""

    TAKEN = "taken"
    IN_PART = "in-part"  # some of its leads were rejected
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPushes:
    """Which pushes are meant; None leaves it open. `since` and `until` are as of `Wanted`."""

    source: SourceName | None = None
    came: Came | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL_PUSHES = WantedPushes()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRejections:
    """Which rejected leads are meant: those of a source, of a span of time; None leaves it open."""

    source: SourceName | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL_REJECTIONS = WantedRejections()


class DeadLetters(Protocol):
    """The deliveries that were given up."""

    def list(self, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[DeadLetter]:
        """The letters that are wanted by the moment of their death, the newest first, behind a page's end."""

    def oldest(self, wanted: Wanted, *, limit: int, after: str | None = None) -> Portion[DeadLetter]:
        """The letters that are wanted, the oldest first; it looks at some thousand at most."""

    def find(self, delivery: str) -> DeadLetter | None: ...

    def replay(self, delivery: str, lead: Fields | None = None) -> bool:
        """Put a letter back into its outbox as if never tried, in one atomic step; False if it is gone.

        With `lead`, that is sent instead of the lead as it was.
        """

    def drop(self, delivery: str) -> bool:
        """Forget a letter for good; False if it is gone."""


class Deliveries(Protocol):
    """The log of attempts, and where deliveries are."""

    def list(
        self,
        wanted: Wanted,
        *,
        lead: str | None = None,
        outcome: str | None = None,
        limit: int,
        after: str | None = None,
    ) -> Page[LoggedAttempt]:
        """The attempts that are wanted, also by lead (its id or e-mail address) and outcome; the newest first.

        It looks at so many of the log in one go: a page may end before it is full, and says so.
        """

    def attempts_of(
        self, delivery: str, *, since: datetime | None = None, most: int | None = None
    ) -> Sequence[LoggedAttempt]:
        """What the log holds of a delivery, the first attempt first.

        Args:
            delivery: its id.
            since: it was not attempted before; None when that is not known, then one looks from the newest back.
            most: so many entries are looked at; None means all.
        """

    def find(self, delivery: str, *, since: datetime | None = None, most: int | None = None) -> Whereabouts | None:
        """Where a delivery is; None if it is nowhere, or on its way between two places; the arguments as above."""


class PushArchive(Protocol):
    """The pushes as they came."""

    def list(self, *, limit: int, after: str | None = None) -> Page[KeptPush]:
        """The newest pushes behind a page's end."""

    def look(self, wanted: WantedPushes, *, limit: int, after: str | None = None) -> Page[ListedPush]:
        """The pushes that are wanted, without their bodies; it looks at so many in one go, as `Deliveries.list`."""

    def find(self, push: str) -> KeptPush | None: ...

    def bodies(self, pushes: Sequence[PushId]) -> Sequence[bytes | None]:
        """The bodies of these pushes; None of one that is gone."""


class LeadMemory(Protocol):
    """How leads were last seen, and how they were before the pushes that are kept."""

    def last(self, source: SourceName, lead: LeadKey) -> Snapshot | None: ...

    def before(self, push: PushId, leads: int) -> Mapping[int, Before]:
        """How the leads of a push of so many were before it, by their places; those that were routed."""

    def marks(self, source: SourceName, lead: LeadKey) -> Marks:
        """What routes with `once` remember of a lead."""


class ClockBook(Protocol):
    """The clocks that run."""

    def list(
        self, *, route: RouteName | None, lead: str | None, limit: int, after: str | None = None
    ) -> Page[LeadClock]:
        """The clocks, those that are due first at the front; by a lead's id or e-mail address if that is said."""

    def forget(self, lead: LeadKey, source: SourceName | None = None) -> int:
        """End all clocks of a lead, of one source or of any; how many there were."""


class RejectedLeads(Protocol):
    """The leads that could not be routed."""

    def list(
        self, wanted: WantedRejections = ALL_REJECTIONS, *, limit: int, after: str | None = None
    ) -> Page[Rejection]:
        """The newest of the rejections that are wanted behind a page's end, as far back as one look goes."""

    def oldest(self, wanted: WantedRejections, *, limit: int, after: str | None = None) -> Portion[Rejection]:
        """The rejections that are wanted, the oldest first; it looks at some thousand at most."""

    def find(self, rejection: str) -> Rejection | None: ...

    def remove(self, rejection: str) -> bool:
        """Forget a rejection; False if it is gone."""
