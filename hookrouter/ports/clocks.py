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
        clock: None when nothing is left of it that can be read.
        is_unreadable: this version cannot read it; of one that ended while a push was noted with it a rest may be left.
        is_newer: a later version wrote it, and goes on with it.
        lead: as last seen; None when that is not known any more.
        given: whom it was given to, by the team that was asked.
        claim: by whom it is claimed in a chat.
        written: what we wrote to it lately and has not come back.
        read: the fields of its record as they were read, by which a change of it is noticed.
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
    """Those that are due at a moment, by the store's clock.

    Attributes:
        paused: the routes that are then.
        silences: what sinks are not to be told of, by what operators said until then.
    """

    now: datetime
    clocks: Sequence[DueClock]
    paused: frozenset[RouteName] = frozenset()
    silences: Sequence[Listening] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What comes of a clock that was due; written in one atomic step.

    Attributes:
        clock: as it goes on.
        until: when it is looked at again; None ends it.
        deliveries: what is said now.
        assigning: the same, for leads that go to another person.
        silenced: what would be, each with the silence that keeps it back.
    """

    due: DueClock
    clock: LeadClock | None = None
    until: datetime | None = None
    deliveries: Sequence[Delivery] = ()
    assigning: Sequence[Assigning] = ()
    silenced: Sequence[tuple[Delivery, str]] = ()


class Settling(StrEnum):
    """How that went."""

    DONE = "done"
    OVERTAKEN = "overtaken"
    LOST = "lost"


class DueBook(Protocol):
    """The clocks of all leads."""

    async def due(self, count: int) -> DueClocks:
        """Those that were due first; they stay until they are settled."""

    async def settle(self, settled: Settled) -> Settling:
        """Write what comes of a clock; nothing is written if a push came between, or the lease was lost."""

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs."""

    async def release(self) -> bool:
        """Give the lease back; False, for nobody is told when the next clock is due."""
