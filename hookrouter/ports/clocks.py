"""The clocks of leads that are due, under a lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from hookrouter.domain.assignment import Given
from hookrouter.domain.claim import Claim
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.handing import Assigning
from hookrouter.domain.ids import RouteName, TeamName
from hookrouter.domain.lead import Fields
from hookrouter.domain.lead_clock import ClockId, LeadClock
from hookrouter.domain.own_writes import Written
from hookrouter.domain.silence import Listening


@dataclass(frozen=True, slots=True, kw_only=True)
class DueClock:
    """A clock whose next step is due.

    Attributes:
        clock: None if nothing is left of it that can be read.
        is_unreadable: this version cannot read it; if it ended while a push was being noted, a remnant may be left.
        is_newer: a later version wrote it, and will go on with it.
        lead: the lead as last seen; None if that is no longer known.
        given: whom the lead was given to, by the team that was asked.
        claim: the claim on it in a chat, if there is one.
        written: what we wrote to it lately and has not come back yet.
        read: the fields of its record as they were read, by which a change is noticed.
    """

    id: ClockId
    clock: LeadClock | None
    is_unreadable: bool = False
    is_newer: bool = False
    lead: Fields | None = field(default=None, repr=False)
    given: Mapping[TeamName, Given] = field(default_factory=dict)
    claim: Claim | None = None
    written: Sequence[Written] = ()
    read: Sequence[tuple[str, bytes]] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueClocks:
    """The clocks that are due at a moment, by the store's time.

    Attributes:
        paused: the routes that are paused at that moment.
        silences: what operators had by then said that sinks are not to be told of.
    """

    now: datetime
    clocks: Sequence[DueClock]
    paused: frozenset[RouteName] = frozenset()
    silences: Sequence[Listening] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What becomes of a clock that was due; written in one atomic step.

    Attributes:
        clock: the clock as it goes on.
        until: when it is looked at again; None ends it.
        deliveries: what is told now.
        assigning: the same, for leads that go to another person.
        silenced: what would have been told, each with the silence that holds it back.
    """

    due: DueClock
    clock: LeadClock | None = None
    until: datetime | None = None
    deliveries: Sequence[Delivery] = ()
    assigning: Sequence[Assigning] = ()
    silenced: Sequence[tuple[Delivery, str]] = ()


class Settling(StrEnum):
    """Whether a clock was settled, was overtaken by a push, or its lease was lost."""

    DONE = "done"
    OVERTAKEN = "overtaken"
    LOST = "lost"


class DueBook(Protocol):
    """The clocks of all leads."""

    async def due(self, count: int) -> DueClocks:
        """The clocks that were due first; they stay until they are settled."""

    async def settle(self, settled: Settled) -> Settling:
        """Write what becomes of a clock; writes nothing if a push came in between, or the lease was lost."""

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs."""

    async def release(self) -> bool:
        """Give the lease back; always False, because nothing says when the next clock is due."""
