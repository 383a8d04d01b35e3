"""The outbox of a sink, under a lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from hookrouter.domain.burst import LOW, Tide
from hookrouter.domain.circuit import Circuit
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.figures import Tally
from hookrouter.domain.given_on import GivenBy
from hookrouter.domain.ids import DeliveryId, EntryId, RouteName, Who, added_at
from hookrouter.domain.outcome import Outcome
from hookrouter.domain.pause import Pause
from hookrouter.domain.schedule import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A delivery that can be attempted.

    Attributes:
        again: it waited before, for its next attempt or behind another delivery.
        let_in: it waited for its route's time, and has not been attempted since.
        moved: it is new, and was moved here from another shard.
        behind: the foremost of its lead's deliveries that waited and are not through yet, if there is one.
        front: the same, if it still waits for its next attempt.
        follows_one_that_waits: so does the one right before it, or that is to be read yet; told of those that waited.
        confirmed: it was delivered a while ago.
    """

    id: EntryId
    delivery: Delivery
    again: bool = False
    let_in: bool = False
    moved: bool = False
    behind: DeliveryId | None = None
    front: Delivery | None = None
    follows_one_that_waits: bool = False
    confirmed: bool = False

    @property
    def added_at(self) -> datetime:
        """When it was added."""
        return added_at(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Up to where an outbox was read: among what waited before, let in, moved here, and what is new."""

    again: EntryId | None = None
    let_in: EntryId | None = None
    moved: EntryId | None = None
    new: EntryId | None = None

    def past(self, entries: Sequence[OutboxEntry]) -> Cursor:
        """The cursor behind entries that were read."""
        last = {"again": self.again, "let_in": self.let_in, "moved": self.moved, "new": self.new}
        for entry in entries:
            kind = "let_in" if entry.let_in else "again" if entry.again else "moved" if entry.moved else "new"
            last[kind] = entry.id
        return Cursor(**last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one attempt came to, for the log of deliveries."""

    at: datetime
    seconds: float
    outcome: Outcome

    @property
    def ended(self) -> datetime:
        """When it ended, even if the clock was set meanwhile."""
        return self.at + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """An entry was attempted; `delivery` has the attempt counted."""

    entry: OutboxEntry
    delivery: Delivery
    attempt: Attempt
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutOut:
    """An entry waits without an attempt: a route is paused or its time not open, its own or one of its members'."""

    entry: OutboxEntry
    route: RouteName


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBehind:
    """An entry waits behind an earlier delivery of its lead."""

    entry: OutboxEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """A later delivery takes the place of one that is in hand as an entry, or waits for its next attempt."""

    delivery: Delivery
    by: DeliveryId
    entry: OutboxEntry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """An entry's delivery was confirmed a while ago."""

    entry: OutboxEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack:
    """What an entry was to tell goes to another sink, by deliveries of their own."""

    entry: OutboxEntry
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """An entry waited too long to be news: its delivery, which says so, is put among the new ones to be gathered."""

    entry: OutboxEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissolved:
    """A digest's leads may not share a message any more: they are put among the new ones again, each by itself."""

    entry: OutboxEntry
    deliveries: tuple[Delivery, ...]


Settlement = Attempted | ShutOut | PutBehind | Superseded | Suppressed | FellBack | Expired | Dissolved
"""What became of a delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a sink stands: its circuit, and what is paused of it.

    Attributes:
        routes: the pauses of routes.
        shut: the routes whose deliveries wait because they were paused, or their time was not open.
        moves: what waits in the outbox is to be moved to other shards: nobody is to serve it any more.
        is_split: others serve other shards of the same sink.
        now: when that was, by the store's clock, which all workers share.
    """

    circuit: Circuit
    pause: Pause | None
    routes: Mapping[RouteName, Pause]
    now: datetime
    shut: frozenset[RouteName] = frozenset()
    moves: bool = False
    is_split: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a drain finds: how the sink stands, and what its forerunner left if it was killed.

    Attributes:
        was_killed: the last drain did not come to its end.
        crashes: how many drains were killed while they attempted a delivery alone or beside a few others.
        tide: the flow of its messages, as the forerunner left it.
    """

    standing: Standing
    was_killed: bool
    crashes: Mapping[DeliveryId, int]
    tide: Tide = LOW


class Outbox(Protocol):
    """The deliveries of one sink, under a lease; what writes is False, and writes nothing, if the lease was lost."""

    async def open(self) -> Opened:
        """Begin to serve it."""

    async def standing(self) -> Standing:
        """How the sink stands now."""

    async def promote(self, early: int = 0) -> int:
        """Make the deliveries whose time has come entries again, and so many before their time; how many they were."""

    async def recall(self) -> int:
        """Make all deliveries that wait for their next attempt entries again, some at a time; how many they were."""

    async def let_in(self, route: RouteName, count: int, *, as_new: bool) -> bool:
        """Make the oldest deliveries that wait for a route's time entries again; whether these were all.

        Args:
            route: whose time is open.
            count: how many at most of those that had not waited before; the others come first, and all at once.
            as_new: they may become part of a digest like new ones; else they go before those.
        """

    async def read(self, after: Cursor, count: int) -> Sequence[OutboxEntry]:
        """The oldest entries behind a cursor, those that waited first, then those let in; all stay until settled."""

    async def given(self, leads: Sequence[Who]) -> Mapping[Who, GivenBy]:
        """Whom these leads were given to."""

    async def suspect(self, crashes: Mapping[DeliveryId, int]) -> bool:
        """Note what is attempted now and how many drains it may have killed, in case it kills this one too."""

    async def keep_tide(self, tide: Tide) -> bool:
        """Keep what is known of the flow of messages, before any of them goes out by it."""

    async def gather(self, entries: Sequence[OutboxEntry], digest: Delivery) -> bool:
        """Make one entry of several, in one atomic step."""

    async def settle(
        self,
        settlements: Sequence[Settlement],
        *,
        circuit: Circuit | None = None,
        pause: Pause | None = None,
        innocent: Sequence[DeliveryId] = (),
        tally: Tally | None = None,
    ) -> bool:
        """Remove entries and write what becomes of them, in one atomic step.

        Args:
            settlements: what becomes of which delivery, in their order.
            circuit: how the far side does, if that changed.
            pause: that the sink is paused from now on.
            innocent: deliveries that are suspected no more.
            tally: what they add to the figures of the day.
        """

    async def close(self, as_before: Mapping[DeliveryId, int] | None = None) -> bool:
        """Note that the drain came to its end; of what it broke off, how many drains died of each before this one."""

    @property
    def held_until(self) -> float:
        """Until when no other drain can have begun, by this process' monotonic clock."""

    async def renew(self) -> bool:
        """Keep the lease for another while; False if somebody else has it."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
