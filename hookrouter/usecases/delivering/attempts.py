"""The attempts of one drain: each begun in a place of its own, and what becomes of it."""

from __future__ import annotations

import asyncio
import math
from functools import partial
from typing import cast

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import Who
from hookrouter.domain.outcome import Answer, Dead, Reason, Retry
from hookrouter.domain.schedule import Finish, next_step
from hookrouter.ports.last_word import one_attempt
from hookrouter.ports.outbox import Attempt, Attempted, Outbox, Settlement
from hookrouter.usecases.delivering.caution import MOST_CRASHES, MOST_SUSPECTED, Caution
from hookrouter.usecases.delivering.duty import Duty
from hookrouter.usecases.delivering.gate import Gate
from hookrouter.usecases.delivering.hand import Hand, Turn
from hookrouter.usecases.delivering.places import Places
from hookrouter.usecases.delivering.store_clock import StoreClock
from hookrouter.usecases.delivering.telling import failure, tell

SETTLED_AT_ONCE = 64
"""How many outcomes are written in one step when more attempts follow."""
MAY_END = 1.0
"""Seconds for which attempts begun in time may go on once the lease is no longer relied on; it lasts longer still."""
GRACE = 5.0
"""Seconds beyond its time-out after which an attempt is cut off; only a broken sink does not end by itself."""


class Attempts:
    """Attempts the deliveries in hand until none is left that may be attempted.

    Attributes:
        settled: what became of deliveries, still to be written.
        places: in which the attempts are made.
        caution: what is known of deliveries that kill drains.
    """

    def __init__(
        self, duty: Duty, outbox: Outbox, *, clock: StoreClock, gate: Gate, hand: Hand, bell: asyncio.Event
    ) -> None:
        """Begin nothing yet; `bell` rings when there is something for the drain to do."""
        self._duty = duty
        self._outbox = outbox
        self._clock = clock
        self._gate = gate
        self._hand = hand
        self._bell = bell
        self._is_over = False
        self.settled: list[Settlement] = []
        self._unnoted: list[tuple[Who, Turn]] = []
        self._held_until = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self.places = Places(duty.clock, duty.policy.timeout.total_seconds() + GRACE)
        self.caution = Caution()

    def hold(self, until: float) -> None:
        """Begin nothing after this moment, when another drain may have begun the same deliveries.

        What is still under way shortly after is cut off: its request may not have left yet, as when a connection takes
        long, while another drain sends its lead's next. If no other drain had begun, it is sent twice.
        """
        self._held_until = until
        self._disarm()
        patience = until + MAY_END - self._clock.monotonic()
        self._alarm = asyncio.get_running_loop().call_later(max(0.0, patience), self.places.cut_off)

    def end(self) -> None:
        """Cut off what is under way; even a sink that ignores this sends nothing more."""
        self._is_over = True
        self._held_until = -math.inf  # the lease is given back now
        self._disarm()
        self.places.cancel()

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    async def begin(self) -> None:
        """Begin as many attempts as there are free places and turns."""
        await self._gate.ask_for_permits(self._hand.ready)
        if self.caution.is_needed or self._unnoted:
            await self._fill_carefully()
            return
        if not self._may_attempt:  # a place that may begin nothing would ring for another turn over and over
            return
        for _ in range(min(self._room, self._hand.ready)):
            self.places.start(self._serve, self._bell.set)

    @property
    def _room(self) -> int:
        places = self._gate.places(self._duty.seat.places) - len(self.places)
        return self._gate.permits(max(0, places))

    @property
    def _may_attempt(self) -> bool:
        """Whether another attempt may begin; it may not if another drain can have begun it."""
        return not self._duty.should_stop() and self.is_held and self._gate.lets_through

    @property
    def is_held(self) -> bool:
        """Whether no other drain can have begun what is in hand here."""
        return self._clock.monotonic() <= self._held_until

    def _is_ours(self) -> bool:
        """Whether no other drain can have begun what is under way; asked right before a request's bytes leave.

        The alarm is not enough: a process that was frozen resumes with its next instruction, before any timer fires.
        """
        return self._clock.monotonic() <= self._held_until + MAY_END

    async def _serve(self) -> None:
        """Attempt one delivery after another until none may be attempted."""
        place = cast("asyncio.Task[None]", asyncio.current_task())
        while self._may_attempt and len(self.places) <= self._duty.seat.places:
            self.settled += self._hand.put_off()
            if (taken := self._hand.take()) is None:
                return
            self.places.begin(place)
            await self._attempt(place, *taken)

    async def _fill_carefully(self) -> None:
        """Note each attempt before it begins; what was noted when a drain was killed goes alone."""
        turns = self._unnoted  # with those that could not be noted as Redis was away: they are in no other hand
        while len(turns) < min(self._room, MOST_SUSPECTED - len(self.places)) and self._may_attempt:
            self.settled += self._hand.put_off()
            if (foremost := self._hand.foremost()) is None:
                break
            name = foremost.delivery.id
            if self.caution.is_deadly(name):
                self._give_up()
                continue
            must_go_alone = self.caution.must_go_alone(name)
            if self.caution.is_one_alone or (must_go_alone and (turns or self.places)):
                break
            turns.append(cast("tuple[Who, Turn]", self._hand.take()))
            if must_go_alone:
                self.caution.is_one_alone = True
                break
        if not turns or not self._may_attempt:
            return
        if await self._outbox.suspect(self.caution.note([turn.delivery.id for _, turn in turns])):
            self._unnoted = []
            for who, turn in turns:
                self.places.start(partial(self._serve_one, who, turn), self._bell.set)

    async def _serve_one(self, who: Who, turn: Turn) -> None:
        try:
            await self._attempt(cast("asyncio.Task[None]", asyncio.current_task()), who, turn)
        finally:
            self.caution.clear(turn.delivery.id)

    def _give_up(self) -> None:
        """Make a dead letter of a delivery that workers died of again and again."""
        who, turn = cast("tuple[Who, Turn]", self._hand.take())
        answer = Answer(text=f"{MOST_CRASHES} workers died while they attempted it, the last ones at nothing else")
        self._end(
            who,
            turn,
            turn.delivery,
            Attempt(at=self._clock.now(), seconds=0.0, outcome=Dead(reason=Reason.DEADLY, answer=answer)),
        )
        self.caution.clear(turn.delivery.id)

    async def _attempt(self, place: asyncio.Task[None], who: Who, turn: Turn) -> None:
        self._gate.use_permit()
        began, now = self._clock.monotonic(), self._clock.now()
        delivery = turn.delivery.with_attempt(now)
        try:
            # Asked once more: noting it may have taken the last moments of the lease.
            with one_attempt(self._is_ours):
                outcome = await self._duty.attempt(delivery) if self.is_held else Retry(reason=Reason.TIMEOUT)
        except asyncio.CancelledError:
            if self._is_over:
                raise
            # Cut off by us or cancelled by a confused plug-in; the place goes on either way.
            outcome = Retry(reason=Reason.TIMEOUT if self.places.was_cut_off(place) else Reason.BROKEN)
        attempt = Attempt(at=now, seconds=self._clock.monotonic() - began, outcome=outcome)
        self.places.note(attempt.seconds)
        self._end(who, turn, delivery, attempt)

    def _end(self, who: Who, turn: Turn, delivery: Delivery, attempt: Attempt) -> None:
        """Decide what becomes of an attempted delivery, and of those of its lead that wait for it."""
        ended = self._clock.now()
        if self._is_ours():  # otherwise we stood still or were cut off, which says nothing about the far side
            self._gate.judge(attempt.outcome, ended)
        retry_for = self._duty.policy.retry_for
        step = next_step(attempt.outcome, delivery, now=attempt.ended, roll=self._clock.roll(), retry_for=retry_for)
        left = delivery.with_rest_of(attempt.outcome)
        if not isinstance(step, Finish):
            left = left.with_failure(failure(attempt))
        settled = Attempted(entry=turn.entry, delivery=left, attempt=attempt, step=step)
        ends = self._hand.done(who, turn, settled)
        self.settled += ends
        if len(self.settled) >= SETTLED_AT_ONCE or not len(self._hand):
            self._bell.set()
        tell(self._duty.observer, ends, ended, self._duty.counting.objectives)
