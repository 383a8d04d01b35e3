"""Write back: gather what deliveries write to the CRM into few calls, and tell each what came of its own object.

While one call waits for its turn, what else is to be written gathers for the next: a quiet system writes a lead at
once, a busy one 500 a call. What is written is remembered first, so that the push that follows is known as an echo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from hookrouter.domain.crm_events import LoopBroken
from hookrouter.domain.crm_write import Action, CrmWrite
from hookrouter.domain.errors import CrmAway, CrmPassedOn, CrmQuotaSpent, CrmRefused, CrmThrottled, StoreAway
from hookrouter.domain.loops import why_loop
from hookrouter.domain.outcome import Answer, Dead, Outcome, Reason, Retry
from hookrouter.ports.crm import CrmObjects, RateLimit, WriteMemory
from hookrouter.ports.last_word import STILL_OURS, StillOurs
from hookrouter.ports.surroundings import Observer
from hookrouter.ports.turns import wait_briefly
from hookrouter.wire.crm.envelope import WriteResult
from hookrouter.wire.crm.verdicts import IN_DOUBT, judge_away, judge_write, was_written

MOST_AT_ONCE = 500
MOST_CALLS_LOGGED = 50
"""At once: after a lost answer the events of so many leads are read, for what is logged twice cannot be undone."""
GATHER = 0.01
"""Seconds: a drain begins its attempts side by side, and all of them are here by then."""
LONGEST_TURN = timedelta(seconds=5)
"""Who must wait longer for a turn at the CRM waits as a retry, so that its place in the drain is free."""
A_SECOND = timedelta(seconds=1)
UNTIL_ASKED_AGAIN = timedelta(minutes=1)
"""After the CRM said that the day's calls are spent; turns are given as late."""
PASSED_ON = Retry(reason=Reason.NETWORK, answer=Answer(text="not written: another worker may have begun it since"))
NO_STORE = Retry(
    reason=Reason.NETWORK, answer=Answer(text="Redis is away, and nothing is written without a note there")
)


@dataclass(frozen=True, slots=True)
class _Asked:
    write: CrmWrite
    answer: asyncio.Future[Outcome]
    still_ours: StillOurs


def _is_to_be_called_anew(asked: _Asked, outcome: Outcome) -> bool:
    """Whether a call was not made for another's sake alone."""
    return outcome is PASSED_ON and asked.still_ours() and not asked.answer.done()


@dataclass(kw_only=True)
class WriteBack:
    """Writes for the deliveries of one event loop; see `ports.crm.CrmWriter`."""

    objects: CrmObjects
    memory: WriteMemory
    observer: Observer
    _waiting: dict[Action, list[_Asked]] = field(default_factory=dict)
    _writing: dict[Action, asyncio.Task[None]] = field(default_factory=dict)

    async def write(self, write: CrmWrite) -> Outcome:
        """Write one object with those of the same moment."""
        asked = _Asked(write, asyncio.get_running_loop().create_future(), STILL_OURS.get())
        self._waiting.setdefault(write.action, []).append(asked)
        if write.action not in self._writing:
            self._writing[write.action] = asyncio.create_task(self._write_all(write.action))
        return await asked.answer

    async def _write_all(self, action: Action) -> None:
        """Write what waits, batch by batch, until nothing does."""
        try:
            await asyncio.sleep(GATHER)
            while batch := self._take(action):
                await self._answer(action, batch)
                await asyncio.sleep(0)  # those who were told may ask again at once
        finally:
            del self._writing[action]  # at once: whoever asks from now on begins anew

    async def _answer(self, action: Action, batch: Sequence[_Asked]) -> None:
        """Write a batch in one call; where some of it is not ours any more by then, the rest of it in another."""
        left = batch
        while left:
            self._ask_for(left)
            try:
                outcomes = await self._batch(action, [asked.write for asked in left])
            except Exception as fault:  # noqa: BLE001 - a defect is each delivery's to tell; what waits behind goes on
                for asked in left:
                    if not asked.answer.done():
                        asked.answer.set_exception(fault)
                return
            told = list(zip(left, outcomes, strict=True))
            again = [asked for asked, outcome in told if _is_to_be_called_anew(asked, outcome)]
            left = again if len(again) < len(told) else []  # else all of it is ours once more: a lease was taken back
            wait = {asked.answer for asked in left}
            for asked, outcome in told:
                if asked.answer not in wait and not asked.answer.done():
                    asked.answer.set_result(outcome)

    def _ask_for(self, batch: Sequence[_Asked]) -> None:
        """Have the call for a batch go out only if each is still to be made here."""
        STILL_OURS.set(lambda: all(asked.still_ours() for asked in batch))

    def _take(self, action: Action) -> list[_Asked]:
        """The oldest that wait, without those whom nobody waits for any more."""
        waiting = [asked for asked in self._waiting.pop(action, []) if not asked.answer.done()]
        most = MOST_CALLS_LOGGED if action is Action.LOG_CALL else MOST_AT_ONCE
        if rest := waiting[most:]:
            self._waiting[action] = rest
        return waiting[:most]

    async def _batch(self, action: Action, writes: Sequence[CrmWrite]) -> list[Outcome]:
        try:
            known = await self.memory.recall(writes)
        except StoreAway:
            return [NO_STORE] * len(writes)
        outcomes: dict[int, Outcome] = {}
        doubtful = [place for place, each in enumerate(known) if each.in_doubt]
        if doubtful:
            outcomes |= await self._look_for([(place, writes[place]) for place in doubtful])
        for place, (write, recalled) in enumerate(zip(writes, known, strict=True)):
            why = "" if place in outcomes else why_loop(write.loop, same=recalled.same, any_=recalled.any)
            if why:
                outcomes[place] = await self._break_loop(write, why)
        going = [(place, write) for place, write in enumerate(writes) if place not in outcomes]
        told = await self._write(action, [write for _, write in going]) if going else []
        outcomes |= {place: outcome for (place, _), outcome in zip(going, told, strict=True)}
        return [outcomes[place] for place in range(len(writes))]

    async def _write(self, action: Action, writes: Sequence[CrmWrite]) -> list[Outcome]:
        try:
            noted = await self.memory.note(writes)
        except StoreAway:
            return [NO_STORE] * len(writes)
        try:
            results = await self.objects.write(action, [write.values for write in writes])
        except (CrmAway, CrmRefused) as fault:
            await self._settle(writes, [False] * len(writes), noted)
            return [_waits(fault)] * len(writes)
        await self._settle(writes, [was_written(*each) for each in zip(writes, results, strict=True)], noted)
        return [judge_write(*each) for each in zip(writes, results, strict=True)]

    async def _settle(self, writes: Sequence[CrmWrite], written: Sequence[bool | None], noted: Sequence[bool]) -> None:
        with suppress(StoreAway):  # what was noted ends by itself
            await self.memory.settle(writes, written, noted)

    async def _look_for(self, doubtful: Sequence[tuple[int, CrmWrite]]) -> dict[int, Outcome]:
        """Ask the leads' events for calls that may be logged: none is ever logged twice."""
        writes = [write for _, write in doubtful]
        results: Sequence[WriteResult] = ()
        try:
            results = await self.objects.logged([write.values for write in writes])
        except (CrmAway, CrmRefused) as fault:
            return {place: _waits(fault) for place, _ in doubtful}
        found = [True if result.success else None for result in results]
        await self._settle(writes, found, [False] * len(writes))
        pairs = zip(doubtful, results, strict=True)
        return {place: judge_write(write, result) if result.success else IN_DOUBT for (place, write), result in pairs}

    async def _break_loop(self, write: CrmWrite, why: str) -> Dead:
        self.observer.report(LoopBroken(delivery=write.delivery, route=write.route, sink=write.sink))
        with suppress(StoreAway):  # the dead letter tells it as well
            await self.memory.note_loop(write)
        return Dead(reason=Reason.LOOP, answer=Answer(text=why))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTurns:
    """Awaits a turn at the CRM before each call."""

    permits: RateLimit

    async def __call__(self) -> None:
        """Wait for a turn, if it comes soon.

        Raises:
            NoTurn: it does not.
        """
        if wait := await wait_briefly(self.permits, LONGEST_TURN):
            raise NoTurn(wait)


class NoTurn(CrmThrottled):
    """There is no turn at the CRM for a while."""

    def __init__(self, wait: timedelta) -> None:
        seconds = round(wait.total_seconds())
        text = f"there is no turn at the CRM for {seconds} s: its calls are used up (crm.rate_limit, crm.daily_limit)"
        super().__init__(text, did_nothing=True)
        self.wait = wait


def _waits(fault: CrmAway | CrmRefused) -> Retry:
    match fault:
        case CrmPassedOn():
            return PASSED_ON
        case NoTurn():
            return judge_away(fault, after=fault.wait)
        case CrmQuotaSpent():
            return judge_away(fault, after=UNTIL_ASKED_AGAIN)
        case CrmThrottled():
            return judge_away(fault, after=A_SECOND)
        case _:
            return judge_away(fault)
