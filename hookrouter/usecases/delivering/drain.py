"""One drain of one outbox, from its first read to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import LeaseLost, NeighbourFailed
from hookrouter.domain.policy import Digest
from hookrouter.ports.outbox import Cursor, Outbox, OutboxEntry, Settlement, Superseded
from hookrouter.usecases.delivering.attempts import Attempts
from hookrouter.usecases.delivering.duty import Duty
from hookrouter.usecases.delivering.gate import Gate
from hookrouter.usecases.delivering.giving_on import GivingOn
from hookrouter.usecases.delivering.hand import Hand
from hookrouter.usecases.delivering.sharing import Sharing
from hookrouter.usecases.delivering.store_clock import StoreClock
from hookrouter.usecases.delivering.telling import tell

READ_AHEAD = 8
"""Entries kept in hand for each place of a sink's concurrency, so that no place waits for Redis."""
MOST_SETTLED = 1000
"""Settlements written in one step: a paused route may shut out thousands at once, and a step blocks all of Redis."""
SETTLED_WITHIN = 0.02
"""Seconds that an outcome may wait for others, to be written with them in one step."""
PAUSE_WITHOUT_STORE = 0.5
"""Seconds between tries while Redis is away; outcomes are kept in memory meanwhile."""
LOOK_AGAIN = 0.1
"""Seconds between looks into an outbox while slow answers are awaited."""
LEAST_WAIT = 0.005
"""The least number of seconds between looks while permits are awaited."""
RENEW_EVERY = 3.0
"""Seconds between renewals of the lease; less than a third of its life."""
MOST_LOOKED_THROUGH = 5000
"""How many entries that have waited for long are searched in one go for the latest of each lead."""
MOST_PROMOTED = 500
"""Deliveries promoted before they are due when the far side may be back: those that are late share a message."""
MOST_AWAITED = 25.0
"""Seconds that attempts under way may still take once the sink's shards change: nothing else is sent until they end."""
STANDING_EVERY = 1.0
"""Seconds between looks for deliveries that are due and for pauses."""


class Drain:
    """Reads, attempts and settles until nothing is left that may be attempted."""

    def __init__(self, duty: Duty, outbox: Outbox, bell: asyncio.Event) -> None:
        should_stop = duty.should_stop
        self._is_over = False  # another drain is to serve what waits
        self._awaits_until = float("inf")
        self._ends_anyway = should_stop
        self._duty = duty = replace(duty, should_stop=lambda: self._is_over or duty.seat.is_to_be_left or should_stop())
        self._clock = StoreClock(duty.clock)
        self._outbox = outbox
        self._bell = bell
        self._gate = Gate(duty.sink, duty.rate, self._clock, duty.observer, duty.hours)
        self._hand = Hand(duty.policy.order, self._gate, gathers=duty.policy.gathers is not None)
        self._sharing = self._sharing_by(duty.policy.gathers)
        self._giving_on = GivingOn(duty, outbox)
        self._cursor = Cursor()
        self._attempts = Attempts(duty, outbox, clock=self._clock, gate=self._gate, hand=self._hand, bell=bell)
        self._is_store_away = False
        self._given_up_at: float | None = None
        self._renew_at = 0.0
        self._stand_at = 0.0

    def _sharing_by(self, digest: Digest | None) -> Sharing | None:
        if digest is None:
            return None
        return Sharing(self._duty, self._outbox, digest, clock=self._clock, gate=self._gate, hand=self._hand)

    async def run(self) -> bool:
        """Serve the outbox; return whether an entry that has come by now could be attempted."""
        opened = await self._outbox.open()
        self._is_over = opened.standing.moves
        self._lease_renewed()
        self._clock.set(opened.standing.now)
        self._gate.begin(opened.standing)
        if self._sharing is not None:
            self._sharing.begin(opened.tide)
        if opened.was_killed:
            self._attempts.caution.begin(opened.crashes, self._duty.policy.concurrency * READ_AHEAD)
        try:
            while await self._turn():
                await self._wait_for_bell()
        except asyncio.CancelledError:
            await self._break_off()
            raise
        finally:
            self._duty.seat.is_hanging = False
            self._attempts.end()
        if self._attempts.places.fault is not None:  # raised in the last place after the last turn
            raise self._attempts.places.fault
        is_closed = await self._outbox.close()
        is_over = self._is_over or self._duty.seat.is_given_up
        return is_closed and self._gate.places(1) > 0 and not self._sharing and not is_over

    async def _break_off(self) -> None:
        """Leave in good order amid attempts, so that none of them is suspected of having killed the drain."""
        as_before = self._attempts.caution.as_before
        self._attempts.end()
        with suppress(StoreAway):  # then the next drain takes this one for killed
            await self._outbox.close(as_before)

    async def _turn(self) -> bool:
        """Settle, read and begin whatever can be; False when the drain is over."""
        self._bell.clear()
        if self._attempts.places.fault is not None:
            raise self._attempts.places.fault
        self._see_what_hangs()
        try:
            if not await self._keep_lease() or not await self._settle():
                self._duty.observer.report(LeaseLost(stream=f"outbox:{self._duty.sink}"))
                return False
            found = 0 if self._duty.should_stop() else await self._read()
            await self._attempts.begin()
        except StoreAway as fault:
            return await self._wait_for_store(fault)
        self._is_store_away = False
        self._attempts.places.cut_off_overdue()
        if self._clock.monotonic() > self._awaits_until:
            self._attempts.places.cut_off()
        return bool(found or self._attempts.places or self._attempts.settled or self._waits_for_permits)

    def _see_what_hangs(self) -> None:
        """Tell the seat whether an attempt hangs; once it is given up, only those begun before that count.

        Otherwise it might never be left, for some attempt may always hang.
        """
        seat = self._duty.seat
        if seat.is_given_up and self._given_up_at is None:
            self._given_up_at = self._clock.monotonic()
        seat.is_hanging = self._attempts.places.is_hanging(began_by=self._given_up_at)

    async def _wait_for_store(self, fault: StoreAway) -> bool:
        if not self._is_store_away:
            self._duty.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
        self._is_store_away = True
        self._renew_at = 0.0
        await asyncio.sleep(PAUSE_WITHOUT_STORE)
        return bool(self._attempts.places) or self._must_write or not self._duty.should_stop()

    @property
    def _must_write(self) -> bool:
        """Whether outcomes must still be written, or they would be sent twice; an ending process tries while it can."""
        return bool(self._attempts.settled) and (self._attempts.is_held or not self._ends_anyway())

    async def _keep_lease(self) -> bool:
        if self._clock.monotonic() < self._renew_at:
            return True
        kept = await self._outbox.renew()
        self._lease_renewed()
        return kept

    def _lease_renewed(self) -> None:
        self._renew_at = self._clock.monotonic() + RENEW_EVERY
        self._attempts.hold(self._outbox.held_until)

    async def _settle(self) -> bool:
        """Write what has ended by now, in steps of bounded size; False if the lease was lost."""
        for _ in range(1 + len(self._attempts.settled) // MOST_SETTLED):
            if not await self._settle_some():
                return False
        return True

    async def _settle_some(self) -> bool:
        circuit, pause = self._gate.news
        if not self._attempts.settled and circuit is None and pause is None:
            return True
        batch, innocent = _together(self._attempts.settled), self._attempts.caution.cleared
        tally = self._duty.counting.tally(batch, self._clock.now())
        self._duty.observer.flush()  # once attempts are settled, nobody would report them again
        kept = await self._outbox.settle(batch, circuit=circuit, pause=pause, innocent=innocent, tally=tally)
        del self._attempts.settled[: len(batch)]
        self._attempts.caution.told(innocent)
        self._gate.told(circuit, pause)
        return kept

    async def _read(self) -> int:
        if self._clock.monotonic() >= self._stand_at:
            self._stand_at = self._clock.monotonic() + STANDING_EVERY
            await self._promote()
            standing = await self._outbox.standing()
            self._clock.set(standing.now)
            self._gate.look(standing)
            self._is_over = standing.moves
            if self._is_over:
                self._awaits_until = self._clock.monotonic() + MOST_AWAITED
                return 0
        places = self._gate.places(self._duty.seat.places)
        most = places * READ_AHEAD
        room = most - len(self._hand)
        if not places or room < most // 2 or self._hand.is_full:
            return 0
        if self._sharing is not None:
            room = max(room, self._sharing.room)
        await self._let_in(room)
        before = self._cursor
        try:
            found, is_all = await self._entries(room)
            entries, dissolved = await self._giving_on.look(found)
        except StoreAway:
            self._cursor = before  # what was read is in nobody's hand: read it again, before what comes behind it
            raise
        if self._sharing is None:
            ended = self._hand.take_in(entries)
        else:
            ended = await self._share(self._sharing, entries, is_all=is_all)
        self._gate.note_queues()
        self._attempts.settled += [*dissolved, *ended]
        tell(self._duty.observer, ended, self._clock.now())
        return len(found)

    async def _entries(self, room: int) -> tuple[Sequence[OutboxEntry], bool]:
        """The oldest entries, as many as there is room for, and whether these are all.

        Where only the latest delivery of a lead counts, everything that has waited for long is searched for it.
        """
        found: list[OutboxEntry] = []
        while True:
            entries = await self._outbox.read(self._cursor, room)
            self._cursor = self._cursor.past(entries)
            found += entries
            is_all = len(entries) < room
            if is_all or not self._hand.keeps_the_latest or len(found) >= MOST_LOOKED_THROUGH:
                return found, is_all
            if not self._gate.is_old(entries[-1].added_at):
                return found, is_all
            if not await self._keep_lease():  # this may take long where cores are scarce, or many sinks do the same
                self._renew_at = 0.0  # it was lost: the next turn finds out
                return found, is_all

    async def _let_in(self, room: int) -> None:
        """Let in deliveries of routes that are open again, as many as there is room for."""
        for route in self._gate.reopened:
            if await self._outbox.let_in(route, room, as_new=self._sharing is not None):
                self._gate.all_are_in(route)

    async def _share(self, sharing: Sharing, entries: Sequence[OutboxEntry], *, is_all: bool) -> list[Settlement]:
        """Take in hand what goes out alone; make digests of the rest once all that waits has been read."""
        ended = await sharing.take_in(entries)
        if is_all or not sharing.room:
            formed, is_held = await sharing.form(is_idle=not self._hand and not self._attempts.places)
            if formed:
                self._bell.set()
            if not is_held:
                self._renew_at = 0.0  # the lease was lost: the next turn finds out
        return ended

    async def _promote(self) -> None:
        """Make entries of what is due; and of some that are not when probing the far side, or when it is found back."""
        asks = self._gate.is_probing and not self._hand and not self._attempts.places
        early = 0
        if self._sharing is not None and (asks or self._gate.take_recovery()):
            early = 1 if self._duty.policy.expire_after is None else MOST_PROMOTED
        await self._outbox.promote(early)

    @property
    def _waits_for_permits(self) -> bool:
        return len(self._hand) > 0 and self._gate.wait_for_permits is not None and not self._duty.should_stop()

    async def _wait_for_bell(self) -> None:
        if self._bell.is_set():
            return
        patience = SETTLED_WITHIN if self._attempts.settled else LOOK_AGAIN
        if (permits := self._gate.wait_for_permits) is not None and len(self._hand):
            patience = min(patience, max(permits, LEAST_WAIT))
        try:
            async with asyncio.timeout(patience):
                await self._bell.wait()
        except TimeoutError:
            return


def _together(settled: Sequence[Settlement]) -> Sequence[Settlement]:
    """The first settlements, as many as are written in one step; a delivery is never parted from those it replaced.

    Their news is told by it alone: were they removed in a step before, a crash in between would lose that news.
    """
    count = min(MOST_SETTLED, len(settled))
    while count < len(settled) and isinstance(settled[count - 1], Superseded):
        count += 1
    return settled[:count]
