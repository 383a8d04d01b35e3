"""One drain of one outbox, from its first read to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import cast

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import gather
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import DigestGathered, LeaseLost, NeighbourFailed
from hookrouter.domain.ids import Who
from hookrouter.domain.outcome import Answer, Dead, Reason, Retry
from hookrouter.domain.schedule import Finish, next_step
from hookrouter.ports.outbox import Attempt, Attempted, Cursor, Outbox, OutboxEntry, Settlement
from hookrouter.usecases.delivering.caution import MOST_CRASHES, Caution
from hookrouter.usecases.delivering.duty import Duty
from hookrouter.usecases.delivering.gate import Gate
from hookrouter.usecases.delivering.gathering import Gathering
from hookrouter.usecases.delivering.hand import Hand, Turn
from hookrouter.usecases.delivering.places import Places
from hookrouter.usecases.delivering.store_clock import StoreClock
from hookrouter.usecases.delivering.telling import failure, tell

READ_AHEAD = 8
"""Entries held in hand for each place of a sink's concurrency, so that no place waits for Redis."""
SETTLED_AT_ONCE = 64
SETTLED_WITHIN = 0.02
"""How many outcomes are written in one step when more attempts follow, and the seconds one may wait for the others."""
PAUSE_WITHOUT_STORE = 0.5
"""Seconds between tries while Redis is away; outcomes are kept in hand meanwhile."""
LOOK_AGAIN = 0.1
LEAST_WAIT = 0.005
"""Seconds between looks into an outbox while slow answers are awaited, and while permits are."""
RENEW_EVERY = 5.0
LEASE_HOLDS = 12.0
"""Seconds; a third of a lease's life, and less than all of it: nothing begins that another drain may have begun."""
STANDING_EVERY = 1.0
"""Seconds between looks for deliveries that are due, and for what was paused."""
GRACE = 5.0
"""Seconds beyond its time-out after which an attempt is cut off: a sink keeps its own, unless it is broken."""


class Drain:
    """Reads, attempts and settles until nothing is left that may be attempted."""

    def __init__(self, duty: Duty, outbox: Outbox, bell: asyncio.Event) -> None:
        self._duty = duty
        self._clock = StoreClock(duty.clock)
        self._outbox = outbox
        self._bell = bell
        self._gate = Gate(duty.sink, duty.rate, self._clock, duty.observer, duty.hours)
        self._hand = Hand(duty.policy.order, self._gate, gathers=duty.policy.digest is not None)
        self._places = Places(duty.clock, duty.policy.timeout.total_seconds() + GRACE)
        self._caution = Caution()
        self._gathering = None if duty.policy.digest is None else Gathering(duty.policy.digest, duty.digest_key)
        self._cursor = Cursor()
        self._settled: list[Settlement] = []
        self._is_over = False
        self._is_store_away = False
        self._held_until = 0.0
        self._renew_at = 0.0
        self._stand_at = 0.0

    async def run(self) -> bool:
        """Serve; whether what may wait by now could be attempted."""
        opened = await self._outbox.open()
        self._lease_renewed()
        self._clock.set(opened.standing.now)
        self._gate.begin(opened.standing)
        if opened.was_killed:
            self._caution.begin(opened.crashes, self._duty.policy.concurrency * READ_AHEAD)
        try:
            while await self._turn():
                await self._wait_for_bell()
        finally:
            self._is_over = True
            self._places.cancel()
        if self._places.fault is not None:  # the last place's
            raise self._places.fault
        return await self._outbox.close() and self._gate.places(1) > 0 and not self._gathering

    async def _turn(self) -> bool:
        """Settle, read and send whatever can be; False when the drain is over."""
        self._bell.clear()
        if self._places.fault is not None:
            raise self._places.fault
        try:
            if not await self._keep_lease() or not await self._settle():
                self._duty.observer.report(LeaseLost(stream=f"outbox:{self._duty.sink}"))
                return False
            found = 0 if self._duty.should_stop() else await self._read()
            await self._fill_places()
        except StoreAway as fault:
            return await self._wait_for_store(fault)
        self._is_store_away = False
        self._places.cut_off_overdue()
        return bool(found or self._places or self._settled or self._waits_for_permits)

    async def _wait_for_store(self, fault: StoreAway) -> bool:
        if not self._is_store_away:
            self._duty.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
        self._is_store_away = True
        self._renew_at = 0.0
        await asyncio.sleep(PAUSE_WITHOUT_STORE)
        return not (self._duty.should_stop() and not self._places)

    async def _keep_lease(self) -> bool:
        if self._clock.monotonic() < self._renew_at:
            return True
        kept = await self._outbox.renew()
        self._lease_renewed()
        return kept

    def _lease_renewed(self) -> None:
        self._renew_at = self._clock.monotonic() + RENEW_EVERY
        self._held_until = self._clock.monotonic() + LEASE_HOLDS

    async def _settle(self) -> bool:
        circuit, pause = self._gate.news
        if not self._settled and circuit is None and pause is None:
            return True
        batch, innocent = self._settled[:], self._caution.cleared()
        kept = await self._outbox.settle(batch, circuit=circuit, pause=pause, innocent=innocent)
        del self._settled[: len(batch)]
        self._gate.told(circuit, pause)
        return kept

    async def _read(self) -> int:
        if self._clock.monotonic() >= self._stand_at:
            self._stand_at = self._clock.monotonic() + STANDING_EVERY
            await self._outbox.promote()
            standing = await self._outbox.standing()
            self._clock.set(standing.now)
            self._gate.look(standing)
        places = self._gate.places(self._duty.policy.concurrency)
        most = places * READ_AHEAD
        room = most - len(self._hand)
        if not places or room < most // 2:
            return 0
        if self._gathering is not None:
            room = max(room, self._gathering.most - len(self._gathering))
        await self._let_in(room)
        entries = await self._outbox.read(self._cursor, room)
        for entry in entries:
            self._cursor = self._cursor.past(entry)
        if self._gathering is None:
            ended = self._hand.take_in(entries)
        else:
            ended = await self._gather(self._gathering, entries)
        self._gate.note_queues()
        self._settled += ended
        tell(self._duty.observer, ended, self._clock.now())
        return len(entries)

    async def _let_in(self, room: int) -> None:
        """Make entries again of what was shut out until its route's time is open, as many as there is room for."""
        for route in self._gate.reopened:
            if await self._outbox.let_in(route, room, as_new=self._gathering is not None):
                self._gate.all_are_in(route)

    async def _gather(self, gathering: Gathering, entries: Sequence[OutboxEntry]) -> list[Settlement]:
        """Take digests in hand, and make new ones of the deliveries whose time has come."""
        ended = self._hand.take_in([entry for entry in entries if entry.again])
        single, ended_too = self._hand.screen([entry for entry in entries if not entry.again])
        gathering.take_in(single)
        single, ended_since = self._hand.screen(gathering.take_back(self._gate.is_shut))
        gathering.take_in(single)
        ended_too += ended_since
        for group in gathering.take_due(self._clock.now()):
            digest = gather([entry.delivery for entry in group])
            if not await self._outbox.gather(group, digest):
                self._renew_at = 0.0  # the lease was lost: the next turn finds out
                break
            self._bell.set()
            gathered = DigestGathered(sink=self._duty.sink, delivery=digest.id, deliveries=len(group))
            self._duty.observer.report(gathered)
        return ended + ended_too

    async def _fill_places(self) -> None:
        await self._gate.ask_for_permits(self._hand.ready)
        if self._caution.is_needed:
            await self._fill_carefully()
            return
        if not self._may_attempt:  # a place that may begin nothing would ring for another turn, again and again
            return
        for _ in range(min(self._room, self._hand.ready)):
            self._places.start(self._serve, self._bell.set)

    @property
    def _room(self) -> int:
        places = self._gate.places(self._duty.policy.concurrency) - len(self._places)
        return self._gate.permits(max(0, places))

    @property
    def _may_attempt(self) -> bool:
        """Whether another attempt may begin: not when another drain may have begun it."""
        if self._duty.should_stop() or self._clock.monotonic() > self._held_until:
            return False
        return self._gate.lets_through

    async def _serve(self) -> None:
        """Attempt one delivery after the other until none may be."""
        place = cast("asyncio.Task[None]", asyncio.current_task())
        while self._may_attempt:
            self._settled += self._hand.put_off()
            if (taken := self._hand.take()) is None:
                return
            self._places.begin(place)
            await self._attempt(place, *taken)

    async def _fill_carefully(self) -> None:
        """Note what is attempted before it is, and let what was noted when a drain was killed go alone."""
        turns: list[tuple[Who, Turn]] = []
        while len(turns) < self._room and self._may_attempt:
            self._settled += self._hand.put_off()
            if (foremost := self._hand.foremost()) is None:
                break
            name = foremost.delivery.id
            if self._caution.is_deadly(name):
                self._give_up()
                continue
            must_go_alone = self._caution.must_go_alone(name)
            if self._caution.is_one_alone or (must_go_alone and (turns or self._places)):
                break
            turns.append(cast("tuple[Who, Turn]", self._hand.take()))
            if must_go_alone:
                self._caution.is_one_alone = True
                break
        if turns and await self._outbox.suspect(self._caution.note([turn.delivery.id for _, turn in turns])):
            for who, turn in turns:
                self._places.start(partial(self._serve_one, who, turn), self._bell.set)

    async def _serve_one(self, who: Who, turn: Turn) -> None:
        try:
            await self._attempt(cast("asyncio.Task[None]", asyncio.current_task()), who, turn)
        finally:
            self._caution.clear(turn.delivery.id)

    def _give_up(self) -> None:
        """Set aside what a worker died of again and again."""
        who, turn = cast("tuple[Who, Turn]", self._hand.take())
        answer = Answer(text=f"{MOST_CRASHES} workers died while they attempted it, the last ones at nothing else")
        self._end(
            who,
            turn,
            turn.delivery,
            Attempt(at=self._clock.now(), seconds=0.0, outcome=Dead(reason=Reason.DEADLY, answer=answer)),
        )
        self._caution.clear(turn.delivery.id)

    async def _attempt(self, place: asyncio.Task[None], who: Who, turn: Turn) -> None:
        self._gate.use_permit()
        began, now = self._clock.monotonic(), self._clock.now()
        delivery = turn.delivery.with_attempt(now)
        try:
            outcome = await self._duty.attempt(delivery)
        except asyncio.CancelledError:
            if self._is_over:
                raise
            # Cut off by us, or by a plug-in's confusion; the place goes on either way.
            outcome = Retry(reason=Reason.TIMEOUT if self._places.was_cut_off(place) else Reason.BROKEN)
        attempt = Attempt(at=now, seconds=self._clock.monotonic() - began, outcome=outcome)
        self._end(who, turn, delivery, attempt)

    def _end(self, who: Who, turn: Turn, delivery: Delivery, attempt: Attempt) -> None:
        """Decide what becomes of an attempted delivery, and of those of its lead that wait for it."""
        ended = self._clock.now()
        self._gate.judge(attempt.outcome, ended)
        retry_for = self._duty.policy.retry_for
        step = next_step(attempt.outcome, delivery, now=attempt.ended, roll=self._clock.roll(), retry_for=retry_for)
        left = delivery.with_rest_of(attempt.outcome)
        if not isinstance(step, Finish):
            left = left.with_failure(failure(attempt))
        settled = Attempted(entry=turn.entry, delivery=left, attempt=attempt, step=step)
        ends = turn.end(settled, *self._hand.done(who, settled))
        self._settled += ends
        if len(self._settled) >= SETTLED_AT_ONCE or not len(self._hand):
            self._bell.set()
        tell(self._duty.observer, ends, ended)

    @property
    def _waits_for_permits(self) -> bool:
        return len(self._hand) > 0 and self._gate.wait_for_permits is not None and not self._duty.should_stop()

    async def _wait_for_bell(self) -> None:
        if self._bell.is_set():
            return
        patience = SETTLED_WITHIN if self._settled else LOOK_AGAIN
        if (permits := self._gate.wait_for_permits) is not None and len(self._hand):
            patience = min(patience, max(permits, LEAST_WAIT))
        try:
            async with asyncio.timeout(patience):
                await self._bell.wait()
        except TimeoutError:
            return
