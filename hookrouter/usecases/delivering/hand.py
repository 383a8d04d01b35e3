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
"""Of those whose place was taken while they waited: one that comes due before that is written must not follow."""
MOST_IN_THEIR_PLACE = 10_000
"""Deliveries of which those in hand take the place, each of some kilobytes, until no more are read. Where a sink hangs,
all that a lead has waiting would be read for its latest: of one that changed all weekend, more than there is memory."""


@dataclass(slots=True)
class Turn:
    """An entry in hand; `instead_of` are those whose place it takes, settled together with it."""

    entry: OutboxEntry
    delivery: Delivery
    instead_of: list[Superseded] = field(default_factory=list)

    def take_place_of(self, delivery: Delivery, entry: OutboxEntry | None) -> None:
        """Tell also what an earlier delivery would have told."""
        self.delivery = superseding(self.delivery, delivery)
        self.instead_of.append(Superseded(delivery=delivery, by=self.delivery.id, entry=entry))

    def replaces(self, entry: OutboxEntry) -> list[Superseded]:
        """Learn that one whose place it takes came due meanwhile; what becomes of that one when this one is through."""
        for place, each in enumerate(self.instead_of):
            if each.delivery.id == entry.delivery.id:
                self.instead_of[place] = replace(each, entry=entry)
                return []
        return [Superseded(delivery=entry.delivery, by=self.delivery.id, entry=entry)]

    def end(self, *ends: Settlement) -> list[Settlement]:
        """What becomes of it and of those whose place it took."""
        instead_of, self.instead_of = self.instead_of, []
        return [*instead_of, *ends]


class Hand:
    """The entries in hand."""

    def __init__(self, order: Order, gate: Gate, *, gathers: bool = False) -> None:
        """Start empty; `gate` tells which routes are paused or shut, `gathers` that new deliveries become digests."""
        self._order = order
        self._gate = gate
        self._gathers = gathers
        self._lanes: Lanes[Turn] = Lanes()
        self._waited: set[DeliveryId] = set()
        self._ended: list[DeliveryId] = []
        self._stay: dict[str | None, Delivery] = {}
        self._replaced: dict[DeliveryId, Turn] = {}
        self._in_their_place = 0

    def __len__(self) -> int:
        return len(self._lanes)

    @property
    def keeps_the_latest(self) -> bool:
        """Whether a later delivery of a lead takes the place of one that has waited for long."""
        return self._order is Order.LATEST

    @property
    def is_full(self) -> bool:
        """Whether no more are to be read although there are few turns: they take the place of so many."""
        return self._in_their_place >= MOST_IN_THEIR_PLACE

    @property
    def ready(self) -> int:
        """How many could be attempted now."""
        return self._lanes.ready

    def take_in(self, entries: Sequence[OutboxEntry]) -> list[Settlement]:
        """Take entries in hand; what becomes at once of those that are not to be attempted."""
        going, ended = self.screen(entries)
        self.put(going)
        return ended

    def put(self, entries: Sequence[OutboxEntry]) -> None:
        """Take in hand what was screened."""
        for entry in entries:
            self._put(entry)
        self._stay.clear()  # what is read from now on was read after they were written

    def expire(self, entry: OutboxEntry, why: str) -> Expired:
        """What becomes of an entry that waited too long to be news, and is not taken in hand."""
        self._ended.append(entry.delivery.id)
        return Expired(entry=replace(entry, delivery=replace(entry.delivery, late=why)))

    def screen(self, entries: Sequence[OutboxEntry]) -> tuple[list[OutboxEntry], list[Settlement]]:
        """Tell the entries that are to be attempted from those that are not, and what becomes of these at once."""
        going: list[OutboxEntry] = []
        ended: list[Settlement] = []
        self._waited.update(entry.delivery.id for entry in entries if entry.again)
        for entry in entries:
            if (turn := self._replaced.pop(entry.delivery.id, None)) is not None and entry.again:
                ended += turn.replaces(entry)
                continue
            ends = self._ends_at_once(entry)
            if ends:
                ended += ends
                self._ended.append(entry.delivery.id)
            else:
                going.append(entry)
        # Only now: while these were read, those that ended meanwhile were still the foremost of their lanes.
        self._waited.difference_update(self._ended)
        self._ended.clear()
        return going, ended

    def _ends_at_once(self, entry: OutboxEntry) -> list[Settlement]:
        delivery = entry.delivery
        shut = self._shut_route(delivery)
        if not entry.again and not entry.confirmed and (shut is not None or self._must_line_up(delivery)):
            return self._shut_out(entry, shut or delivery.route)
        is_behind = self._is_behind(entry)
        if is_behind:  # and so are those behind it
            self._stay.setdefault(self._lane(delivery), delivery)
        if entry.confirmed:
            return [Suppressed(entry=entry)]
        if is_behind:
            return [PutBehind(entry=entry)]
        return [] if shut is None else self._shut_out(entry, shut)

    def _is_behind(self, entry: OutboxEntry) -> bool:
        """Whether it waits for others of its lead; what was let in lines up behind those that are in hand."""
        if self._order is not Order.STRICT or entry.behind == entry.delivery.id:
            return False
        stays = self._lane(entry.delivery) in self._stay
        if entry.again:
            return entry.follows_one_that_waits or (stays and entry.let_in)
        return stays or entry.front is not None or entry.behind in self._waited

    def _shut_route(self, delivery: Delivery) -> RouteName | None:
        """The route of a delivery if it is shut; for a digest, one of its members'."""
        if not delivery.members:
            return delivery.route if self._gate.is_shut(delivery.route) else None
        return next((member.route for member in delivery.members if self._gate.is_shut(member.route)), None)

    def _lane(self, delivery: Delivery) -> str | None:
        return lane_of(self._order, delivery.who, delivery.route)

    def _must_line_up(self, delivery: Delivery) -> bool:
        """Whether a new one comes after deliveries of its route that were shut out; digests have no such order."""
        return self._gate.is_queueing(delivery.route) and not self._gathers

    def _shut_out(self, entry: OutboxEntry, route: RouteName) -> list[Settlement]:
        turn = self._turn(entry) if self._order is Order.LATEST else Turn(entry, entry.delivery)
        return self._end(turn, self._shut_turn_out(turn, route))

    def _shut_turn_out(self, turn: Turn, route: RouteName) -> ShutOut:
        self._gate.shut_out(route)
        # How long it may be tried counts anew: a night or a weekend must not use it up.
        delivery = replace(turn.delivery, first_attempt_at=None)
        return ShutOut(entry=replace(turn.entry, delivery=delivery), route=route)

    def _turn(self, entry: OutboxEntry) -> Turn:
        """The turn of an entry, in the place of an earlier one of its lead that waits for its next attempt."""
        turn = Turn(entry, entry.delivery)
        front = entry.front
        if self._order is Order.LATEST and (entry.let_in or not entry.again):
            front = self._stay.pop(self._lane(entry.delivery), front)  # it began to wait while this one was read
        if front is not None and is_later(entry.delivery, front):
            self._replace(front, turn)
        return turn

    def _replace(self, waiting: Delivery, turn: Turn) -> None:
        turn.take_place_of(waiting, None)
        self._in_their_place += 1
        self._replaced[waiting.id] = turn
        if len(self._replaced) > MOST_REPLACED:
            del self._replaced[next(iter(self._replaced))]

    def _put(self, entry: OutboxEntry) -> None:
        turn = self._turn(entry)
        if self._order is not Order.LATEST or not self._take_place(turn):
            self._lanes.put(entry.delivery.who, turn)

    def _take_place(self, later: Turn) -> bool:
        """Take the place of a turn of the same lead and route that failed before, or has waited for long."""
        for turn in self._lanes.waiting(later.delivery.who):
            is_next = turn.delivery.route == later.delivery.route and is_later(later.delivery, turn.delivery)
            if is_next and (turn.entry.again or self._gate.is_old(turn.entry.added_at)):
                before = Superseded(delivery=turn.delivery, by=later.delivery.id, entry=turn.entry)
                turn.instead_of.extend((*later.instead_of, before))
                self._in_their_place += 1
                turn.delivery = superseding(later.delivery, turn.delivery)
                turn.entry = later.entry
                return True
        return False

    def foremost(self) -> Turn | None:
        """What `take` would take."""
        return self._lanes.foremost()

    def take(self) -> tuple[Who, Turn] | None:
        """The next turn; it is under way until `done`."""
        return self._lanes.take()

    def put_off(self) -> list[Settlement]:
        """Shut out the foremost whose routes were shut since they were taken in hand."""
        ended: list[Settlement] = []
        while (turn := self.foremost()) is not None and (route := self._shut_route(turn.delivery)) is not None:
            who, turn = cast("tuple[Who, Turn]", self._lanes.take())
            ended += self._end(turn, self._shut_turn_out(turn, route))
            self._ended.append(turn.entry.delivery.id)
            self._lanes.done(who)
        return ended

    def done(self, who: Who, turn: Turn, attempted: Attempted) -> list[Settlement]:
        """Let the lead's next move up; what becomes of the turn, and of those behind when it is to be tried again."""
        behind: list[PutBehind] = []
        self._ended.append(attempted.entry.delivery.id)
        if isinstance(attempted.step, Wait):
            if self._order is Order.STRICT:
                behind = [PutBehind(entry=turn.entry) for turn in self._lanes.take_rest(who)]
                self._ended += [each.entry.delivery.id for each in behind]
                self._stay[self._lane(attempted.delivery)] = attempted.delivery
            elif self._order is Order.LATEST:
                self._let_the_next_take_its_place(who, attempted.delivery)
        self._lanes.done(who)
        return self._end(turn, attempted, *behind)

    def _end(self, turn: Turn, *ends: Settlement) -> list[Settlement]:
        self._in_their_place -= len(turn.instead_of)
        return turn.end(*ends)

    def _let_the_next_take_its_place(self, who: Who, waiting: Delivery) -> None:
        for turn in self._lanes.waiting(who):
            if turn.delivery.route == waiting.route and is_later(turn.delivery, waiting):
                self._replace(waiting, turn)
                return
        self._stay[self._lane(waiting)] = waiting
