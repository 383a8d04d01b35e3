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
        again: it has waited before, for its next attempt or behind another delivery.
        let_in: it has waited for its route's time, and not been attempted since.
        moved: it is new, and was moved here from another shard.
        behind: the foremost of its lead's deliveries that have waited and are not over yet, if there is one.
        front: the same delivery, if it still waits for its next attempt.
        follows_one_that_waits: the delivery right before it still waits, or has yet to be read; only set on those that
            have waited themselves.
        confirmed: it was delivered a short while ago.
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
        """When the entry was added."""
        return added_at(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far an outbox was read: among entries that waited before, were let in, were moved here, and are new."""

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
    """What came of one attempt, for the log of deliveries."""

    at: datetime
    seconds: float
    outcome: Outcome

    @property
    def ended(self) -> datetime:
        """When it ended, even if the clock was changed meanwhile."""
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
    """An entry waits without an attempt, because its route, or one of its members', is paused or its time not open."""

    entry: OutboxEntry
    route: RouteName


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBehind:
    """An entry waits behind an earlier delivery of its lead."""

    entry: OutboxEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """A later delivery, `by`, replaces one that is in hand as an entry or waits for its next attempt."""

    delivery: Delivery
    by: DeliveryId
    entry: OutboxEntry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """An entry is not sent, because its delivery was confirmed a short while ago."""

    entry: OutboxEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack:
    """What an entry was to tell goes to another sink, as deliveries of its own."""

    entry: OutboxEntry
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """An entry waited too long to be news; its delivery, marked as late, joins the new ones, to be gathered."""

    entry: OutboxEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissolved:
    """A digest's leads may no longer share a message; each becomes a new delivery by itself again."""

    entry: OutboxEntry
    deliveries: tuple[Delivery, ...]


Settlement = Attempted | ShutOut | PutBehind | Superseded | Suppressed | FellBack | Expired | Dissolved
"""What became of a delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a sink stands: its circuit, and what is paused of it.

    Attributes:
        routes: the pauses of routes.
        shut: the routes with deliveries that wait because the route was paused or its time was not open.
        moves: what waits in the outbox is to be moved to other shards, so nobody may serve it any more.
        is_split: other drains serve other shards of the same sink.
        now: the time of this, by the store's clock, which all workers share.
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
    """What a drain finds: how the sink stands, and what its forerunner left behind if it was killed.

    Attributes:
        was_killed: whether the last drain did not come to its end.
        crashes: how many drains were killed while they attempted a delivery, alone or beside a few others.
        tide: the flow of the sink's messages, as the forerunner left it.
    """

    standing: Standing
    was_killed: bool
    crashes: Mapping[DeliveryId, int]
    tide: Tide = LOW


class Outbox(Protocol):
    """The deliveries of one sink, under a lease; if that was lost, whatever writes returns False and writes nothing."""

    async def open(self) -> Opened:
        """Begin to serve the outbox."""

    async def standing(self) -> Standing:
        """How the sink stands now."""

    async def promote(self, early: int = 0) -> int:
        """Make deliveries entries again that are due, and `early` ones that are not; returns how many there were."""

    async def recall(self) -> int:
        """Make all deliveries that wait for their next attempt entries again, some at a time; returns how many."""

    async def let_in(self, route: RouteName, count: int, *, as_new: bool) -> bool:
        """Make the oldest deliveries that wait for a route's time entries again; returns whether these were all.

        Args:
            route: the route whose time is open.
            count: the most to let in of those that had not waited before; the others come first, and all at once.
            as_new: whether they may become part of a digest like new ones; otherwise they go before new ones.
        """

    async def read(self, after: Cursor, count: int) -> Sequence[OutboxEntry]:
        """The oldest entries behind a cursor, those that waited first, then those let in; all stay until settled."""

    async def given(self, leads: Sequence[Who]) -> Mapping[Who, GivenBy]:
        """Whom these leads were given to."""

    async def suspect(self, crashes: Mapping[DeliveryId, int]) -> bool:
        """Note what is about to be attempted and how many drains it may have killed, in case it kills this one too."""

    async def keep_tide(self, tide: Tide) -> bool:
        """Keep what is known of the flow of messages, before any is sent because of it."""

    async def gather(self, entries: Sequence[OutboxEntry], digest: Delivery) -> bool:
        """Replace several entries by one for their digest, in one atomic step."""

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
            settlements: what becomes of each delivery, in their order.
            circuit: how the far side is doing, if that changed.
            pause: the pause, if the sink is paused from now on.
            innocent: deliveries that are no longer suspected.
            tally: what they add to the figures of the day.
        """

    async def close(self, as_before: Mapping[DeliveryId, int] | None = None) -> bool:
        """Note that the drain came to its end; `as_before` restores the crash counts of attempts that it cut off."""

    @property
    def held_until(self) -> float:
        """The moment, by this process' monotonic clock, until which no other drain can have begun."""

    async def renew(self) -> bool:
        """Keep the lease for another while; False if somebody else has it."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
