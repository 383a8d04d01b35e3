"""What a drain has in hand of an outbox: whose turn it is, and what becomes of those whose turn will not come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import DeliveryId, RouteName, Who
from hookrouter.domain.order import Lanes, Order, lane_of
from hookrouter.domain.schedule import Wait
from hookrouter.domain.superseding import is_later, superseding
from hookrouter.ports.outbox import (
    Attempted,
    Expired,
    OutboxEntry,
    PutBehind,
    Settlement,
    ShutOut,
    Superseded,
    Suppressed,
)
from hookrouter.usecases.delivering.gate import Gate

MOST_REPLACED = 5000
"""How many deliveries replaced while they waited are remembered: one may come due before that is written."""
MOST_IN_THEIR_PLACE = 10_000
"""Deliveries, of some kilobytes each, that those in hand may replace before no more are read. While a sink hangs, all
that a lead has waiting would be read to find its latest: after a busy weekend, more than fits in memory."""


@dataclass(slots=True)
class Turn:
    """An entry in hand, and in `instead_of` the deliveries it replaces, which are settled together with it."""

    entry: OutboxEntry
    delivery: Delivery
    instead_of: list[Superseded] = field(default_factory=list)

    def take_place_of(self, delivery: Delivery, entry: OutboxEntry | None) -> None:
        """Replace an earlier delivery, and tell its news as well."""
        self.delivery = superseding(self.delivery, delivery)
        self.instead_of.append(Superseded(delivery=delivery, by=self.delivery.id, entry=entry))

    def replaces(self, entry: OutboxEntry) -> list[Superseded]:
        """Note that a delivery it replaces has come due; return its settlement if this turn is already over."""
        for place, each in enumerate(self.instead_of):
            if each.delivery.id == entry.delivery.id:
                self.instead_of[place] = replace(each, entry=entry)
                return []
        return [Superseded(delivery=entry.delivery, by=self.delivery.id, entry=entry)]

    def end(self, *ends: Settlement) -> list[Settlement]:
        """Return its settlements, preceded by those of the deliveries it replaced."""
        instead_of, self.instead_of = self.instead_of, []
        return [*instead_of, *ends]


class Hand:
    """The entries that a drain has read and not yet settled, in one lane per lead.

    What an entry goes through once it is read:

        screened out   not attempted: its route is shut, earlier deliveries of its lead wait, or it was confirmed
        in its lane    until the earlier deliveries of its lead that are in hand are done
        replaced       a later delivery of its lead and route tells its news, and both are settled together
        under way      from `take` until `done`
        ended          delivered or dead, or waiting in the store again: for its next attempt or behind another
    """

    def __init__(self, order: Order, gate: Gate, *, gathers: bool = False) -> None:
        """Start empty; `gate` knows which routes are shut, and `gathers` means that new deliveries become digests."""
        self._order = order
        self._gate = gate
        self._gathers = gathers
        self._lanes: Lanes[Turn] = Lanes()
        self._waited_before: set[DeliveryId] = set()
        self._ended_since_screening: list[DeliveryId] = []
        self._began_to_wait: dict[str | None, Delivery] = {}  # by lane, since the last read, which could not see it
        self._replaced_by: dict[DeliveryId, Turn] = {}
        self._replaced_in_hand = 0

    def __len__(self) -> int:
        return len(self._lanes)

    @property
    def keeps_the_latest(self) -> bool:
        """Whether a later delivery of a lead replaces one that has waited for long."""
        return self._order is Order.LATEST

    @property
    def is_full(self) -> bool:
        """Whether the turns in hand, however few, replace so many deliveries that no more may be read."""
        return self._replaced_in_hand >= MOST_IN_THEIR_PLACE

    @property
    def ready(self) -> int:
        """How many turns could be attempted now."""
        return self._lanes.ready

    def take_in(self, entries: Sequence[OutboxEntry]) -> list[Settlement]:
        """Take entries in hand; return the settlements of those that are not to be attempted."""
        going, ended = self.screen(entries)
        self.put(going)
        return ended

    def put(self, entries: Sequence[OutboxEntry]) -> None:
        """Take screened entries in hand."""
        for entry in entries:
            self._put(entry)
        self._began_to_wait.clear()  # reads from now on see it in the store

    def expire(self, entry: OutboxEntry, why: str) -> Expired:
        """Return the settlement of an entry that waited too long to be news, and is not taken in hand."""
        self._ended_since_screening.append(entry.delivery.id)
        return Expired(entry=replace(entry, delivery=replace(entry.delivery, late=why)))

    def screen(self, entries: Sequence[OutboxEntry]) -> tuple[list[OutboxEntry], list[Settlement]]:
        """Tell the entries that are to be attempted from the others; return both, the others as settlements."""
        going: list[OutboxEntry] = []
        ended: list[Settlement] = []
        self._waited_before.update(entry.delivery.id for entry in entries if entry.again)
        for entry in entries:
            turn = self._replaced_by.get(entry.delivery.id)
            if turn is not None and entry.again:
                ended += turn.replaces(entry)
                continue
            ends = self._ends_at_once(entry)
            if ends:
                ended += ends
                self._ended_since_screening.append(entry.delivery.id)
            else:
                going.append(entry)
        # Only now: when these entries were read, what has ended since was still the foremost of its lane.
        self._waited_before.difference_update(self._ended_since_screening)
        self._ended_since_screening.clear()
        return going, ended

    def _ends_at_once(self, entry: OutboxEntry) -> list[Settlement]:
        delivery = entry.delivery
        shut = self._shut_route(delivery)
        if not entry.again and not entry.confirmed and (shut is not None or self._must_line_up(delivery)):
            return self._shut_out(entry, shut or delivery.route)
        is_behind = self._is_behind(entry)
        if is_behind:  # then so is everything that follows in its lane
            self._began_to_wait.setdefault(self._lane(delivery), delivery)
        if entry.confirmed:
            return [Suppressed(entry=entry)]
        if is_behind:
            return [PutBehind(entry=entry)]
        return [] if shut is None else self._shut_out(entry, shut)

    def _is_behind(self, entry: OutboxEntry) -> bool:
        """Whether it must wait for other deliveries of its lead; an entry that was let in waits for those in hand."""
        if self._order is not Order.STRICT or entry.behind == entry.delivery.id:
            return False
        stays = self._lane(entry.delivery) in self._began_to_wait
        if entry.again:
            return entry.follows_one_that_waits or (stays and entry.let_in)
        return stays or entry.front is not None or entry.behind in self._waited_before

    def _shut_route(self, delivery: Delivery) -> RouteName | None:
        """The delivery's route if that is shut; for a digest, the first shut route among its members'."""
        if not delivery.members:
            return delivery.route if self._gate.is_shut(delivery.route) else None
        return next((member.route for member in delivery.members if self._gate.is_shut(member.route)), None)

    def _lane(self, delivery: Delivery) -> str | None:
        return lane_of(self._order, delivery.who, delivery.route)

    def _must_line_up(self, delivery: Delivery) -> bool:
        """Whether a new delivery must queue behind those of its route that were shut out; digests have no order."""
        return self._gate.is_queueing(delivery.route) and not self._gathers

    def _shut_out(self, entry: OutboxEntry, route: RouteName) -> list[Settlement]:
        turn = self._turn(entry) if self._order is Order.LATEST else Turn(entry, entry.delivery)
        return self._end(turn, self._shut_turn_out(turn, route))

    def _shut_turn_out(self, turn: Turn, route: RouteName) -> ShutOut:
        self._gate.shut_out(route)
        # The time it may be retried for starts over: a night or a weekend must not use it up.
        delivery = replace(turn.delivery, first_attempt_at=None)
        return ShutOut(entry=replace(turn.entry, delivery=delivery), route=route)

    def _turn(self, entry: OutboxEntry) -> Turn:
        """The turn of an entry; it replaces an earlier delivery of its lead that waits for its next attempt."""
        turn = Turn(entry, entry.delivery)
        front = entry.front
        if self._order is Order.LATEST and (entry.let_in or not entry.again):
            front = self._began_to_wait.pop(self._lane(entry.delivery), front)
        # One that was replaced before is settled with that turn; until this is written, the store calls it the front.
        if front is not None and front.id not in self._replaced_by and is_later(entry.delivery, front):
            self._replace(front, turn)
        return turn

    def _replace(self, waiting: Delivery, turn: Turn) -> None:
        turn.take_place_of(waiting, None)
        self._replaced_in_hand += 1
        self._replaced_by[waiting.id] = turn
        if len(self._replaced_by) > MOST_REPLACED:
            del self._replaced_by[next(iter(self._replaced_by))]

    def _put(self, entry: OutboxEntry) -> None:
        turn = self._turn(entry)
        if self._order is not Order.LATEST or not self._take_place(turn):
            self._lanes.put(entry.delivery.who, turn)

    def _take_place(self, later: Turn) -> bool:
        """Replace a turn of the same lead and route that failed before or has waited for long, if there is one."""
        for turn in self._lanes.waiting(later.delivery.who):
            is_next = turn.delivery.route == later.delivery.route and is_later(later.delivery, turn.delivery)
            if is_next and (turn.entry.again or self._gate.is_old(turn.entry.added_at)):
                before = Superseded(delivery=turn.delivery, by=later.delivery.id, entry=turn.entry)
                turn.instead_of.extend((*later.instead_of, before))
                self._replaced_by |= {each.delivery.id: turn for each in later.instead_of}
                self._replaced_in_hand += 1
                turn.delivery = superseding(later.delivery, turn.delivery)
                turn.entry = later.entry
                return True
        return False

    def foremost(self) -> Turn | None:
        """The turn that `take` would return."""
        return self._lanes.foremost()

    def take(self) -> tuple[Who, Turn] | None:
        """Take the next turn, with its lead; it is under way until `done`."""
        return self._lanes.take()

    def put_off(self) -> list[Settlement]:
        """Shut out the foremost turns whose routes were shut after they were taken in hand."""
        ended: list[Settlement] = []
        while (turn := self.foremost()) is not None and (route := self._shut_route(turn.delivery)) is not None:
            who, turn = cast("tuple[Who, Turn]", self._lanes.take())
            ended += self._end(turn, self._shut_turn_out(turn, route))
            self._ended_since_screening.append(turn.entry.delivery.id)
            self._lanes.done(who)
        return ended

    def done(self, who: Who, turn: Turn, attempted: Attempted) -> list[Settlement]:
        """Let the lead's next turn move up; return the settlements of this one and of those put behind it."""
        behind: list[PutBehind] = []
        self._ended_since_screening.append(attempted.entry.delivery.id)
        if isinstance(attempted.step, Wait):
            if self._order is Order.STRICT:
                behind = [PutBehind(entry=turn.entry) for turn in self._lanes.take_rest(who)]
                self._ended_since_screening += [each.entry.delivery.id for each in behind]
                self._began_to_wait[self._lane(attempted.delivery)] = attempted.delivery
            elif self._order is Order.LATEST:
                self._let_the_next_take_its_place(who, attempted.delivery)
        self._lanes.done(who)
        return self._end(turn, attempted, *behind)

    def _end(self, turn: Turn, *ends: Settlement) -> list[Settlement]:
        self._replaced_in_hand -= len(turn.instead_of)
        return turn.end(*ends)

    def _let_the_next_take_its_place(self, who: Who, waiting: Delivery) -> None:
        for turn in self._lanes.waiting(who):
            if turn.delivery.route == waiting.route and is_later(turn.delivery, waiting):
                self._replace(waiting, turn)
                return
        self._began_to_wait[self._lane(waiting)] = waiting
