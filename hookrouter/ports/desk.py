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
    """The next part of a long list, oldest first.

    Attributes:
        end: where the list goes on; None if nothing is left.
        left: the most there can be from there on.
    """

    found: Sequence[T]
    end: str | None
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Part of a list; `end` asks for what follows it, and is None if nothing does.

    Attributes:
        looked_back_to: how far back the search got, if it ended before the page was full because it may only look at so
            much in one go; None otherwise.
    """

    found: Sequence[T]
    end: str | None
    looked_back_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which deliveries are wanted, by sink, route and span of time; None means any.

    Attributes:
        reason: why they were given up, a word of `Reason`; it only narrows down dead letters.
        since: the first moment of the span.
        until: the first moment after it.
    """

    sink: SinkName | None = None
    route: RouteName | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL = Wanted()


class Came(StrEnum):
    """What became of a push."""

    TAKEN = "taken"
    IN_PART = "in-part"  # some of its leads were rejected
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPushes:
    """Which pushes are wanted; None means any. `since` and `until` are as in `Wanted`."""

    source: SourceName | None = None
    came: Came | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL_PUSHES = WantedPushes()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRejections:
    """Which rejected leads are wanted, by source and span of time; None means any."""

    source: SourceName | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL_REJECTIONS = WantedRejections()


class DeadLetters(Protocol):
    """The deliveries that were given up."""

    def list(self, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[DeadLetter]:
        """The wanted letters by the time of their death, newest first, from a page's end on."""

    def oldest(self, wanted: Wanted, *, limit: int, after: str | None = None) -> Portion[DeadLetter]:
        """The wanted letters, oldest first; looks at no more than some thousands."""

    def find(self, delivery: str) -> DeadLetter | None: ...

    def replay(self, delivery: str, lead: Fields | None = None) -> bool:
        """Put a letter back into its outbox as if never tried, in one atomic step; False if it is gone.

        If `lead` is given it is sent instead of the lead as it was.
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
        """The wanted attempts, newest first; if asked, by lead (its id or e-mail address) and outcome.

        One call looks only at so much of the log, so a page may end before it is full, and then says so.
        """

    def attempts_of(
        self, delivery: str, *, since: datetime | None = None, most: int | None = None
    ) -> Sequence[LoggedAttempt]:
        """What the log holds of a delivery, the first attempt first.

        Args:
            delivery: its id.
            since: a moment before which it was not attempted; None if none is known, then the search runs backwards.
            most: how many entries to look at; None means all.
        """

    def find(self, delivery: str, *, since: datetime | None = None, most: int | None = None) -> Whereabouts | None:
        """Where a delivery is; None if it is nowhere or between two places. The arguments are as above."""


class PushArchive(Protocol):
    """The pushes as they came."""

    def list(self, *, limit: int, after: str | None = None) -> Page[KeptPush]:
        """The newest pushes from a page's end on."""

    def look(self, wanted: WantedPushes, *, limit: int, after: str | None = None) -> Page[ListedPush]:
        """The wanted pushes, without their bodies; one call looks only at so many, as in `Deliveries.list`."""

    def find(self, push: str) -> KeptPush | None: ...

    def bodies(self, pushes: Sequence[PushId]) -> Sequence[bytes | None]:
        """The bodies of these pushes; None for one that is gone."""


class LeadMemory(Protocol):
    """How leads were last seen, and how they were before the pushes that are kept."""

    def last(self, source: SourceName, lead: LeadKey) -> Snapshot | None: ...

    def before(self, push: PushId, leads: int) -> Mapping[int, Before]:
        """How the leads of a push were before it, by their places among its `leads`; only those that were routed."""

    def marks(self, source: SourceName, lead: LeadKey) -> Marks:
        """What routes with `once` remember of a lead."""


class ClockBook(Protocol):
    """The clocks that run."""

    def list(
        self, *, route: RouteName | None, lead: str | None, limit: int, after: str | None = None
    ) -> Page[LeadClock]:
        """The clocks, those due first in front; if asked, by a lead's id or e-mail address."""

    def forget(self, lead: LeadKey, source: SourceName | None = None) -> int:
        """End all clocks of a lead, of one source or any; returns how many there were."""


class RejectedLeads(Protocol):
    """The leads that could not be routed."""

    def list(
        self, wanted: WantedRejections = ALL_REJECTIONS, *, limit: int, after: str | None = None
    ) -> Page[Rejection]:
        """The wanted rejections, newest first, from a page's end on, as far back as one look goes."""

    def oldest(self, wanted: WantedRejections, *, limit: int, after: str | None = None) -> Portion[Rejection]:
        """The wanted rejections, oldest first; looks at no more than some thousands."""

    def find(self, rejection: str) -> Rejection | None: ...

    def remove(self, rejection: str) -> bool:
        """Forget a rejection; False if it is gone."""
