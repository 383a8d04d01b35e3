"""Which of the shared streams this worker serves: its fair part, and what no other worker takes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.fair_share import StreamsSeen
from hookrouter.ports.stages import Wake
from hookrouter.ports.surroundings import Clock
from hookrouter.store.turns import RedisTurns, Turns

LOOK_AGAIN = 1.0
"""Seconds between looks, rung for or not, while there are streams to share with other living workers; between rings for
those; and until a worker that is short of streams says so: what lasts only moments is not worth a change."""
A_LOOK = 0.9
"""Seconds: what happened at the previous look is at least this long ago."""
SAY_AGAIN = 5.0
"""Seconds after which a worker without work says once more that it lives."""
ASK_AGAIN = 0.1
"""Seconds after which to ask again for streams that others served."""
LEFT_FOR = 1.0
"""Seconds after which a stream that nobody serves is taken beyond one's part: its worker is busy or dead."""
LEFT_TO_SEEKERS = 3.0
"""The same while other workers seek streams: they look every second."""

At = TypeVar("At", bound=Hashable)


@dataclass(slots=True)
class Held:
    """The simplest turn: the two flags and nothing else."""

    is_given_up: bool = False
    is_hanging: bool = False


class Turn(Protocol):
    """What this worker and a drain tell each other about a stream.

    Attributes:
        is_given_up: the drain is to end at its next boundary, so that another worker can serve the stream.
        is_hanging: something is under way that may last long, and so may the time to the drain's next boundary.
    """

    is_given_up: bool
    is_hanging: bool


AnyTurn = TypeVar("AnyTurn", bound=Turn)


class FairPart(Generic[At]):
    """The streams of one stage that this worker serves, chosen anew at each look; a lone worker asks nobody."""

    def __init__(
        self,
        turns: RedisTurns,
        stream_of: Callable[[At], str],
        *,
        clock: Clock,
        others: Wake,
        look: Callable[[], None],
    ) -> None:
        """Serve none yet; `others` rings for the other workers, `look` has this one look once more."""
        self._turns = turns
        self._stream_of = stream_of
        self._clock = clock
        self._others = others
        self._look = look
        self._served: dict[At, Turn] = {}
        self._left: set[At] = set()
        self._is_alone = False
        self._theirs: frozenset[At] = frozenset()
        self._free_since: dict[At, float] = {}
        self._short_since: float | None = None
        self._asked_at = self._rung_at = self._said_at = float("-inf")
        self._next_look: asyncio.TimerHandle | None = None

    @contextmanager
    def serving(self, at: At, turn: AnyTurn) -> Iterator[AnyTurn]:
        """Count a stream as served here, under its lease, while the block runs."""
        self._served[at] = turn
        try:
            yield turn
        finally:
            del self._served[at]
            if turn.is_given_up:
                self._left.add(at)

    def may_begin(self, at: At) -> bool:
        """Whether a stream is still this worker's: its drain may have been asked for before it was given up."""
        return at not in self._left

    async def look_around(self) -> None:
        """Say that this worker lives and see whether others do; more often while it serves what they may want."""
        if not self._served and not self._is_past(self._said_at, SAY_AGAIN):
            return
        with suppress(StoreAway):  # reported elsewhere
            turns = await self._ask([])
            if turns.workers > 1 and self._served:
                self._look_later()

    async def choose(self, ready: Sequence[At]) -> Sequence[At]:
        """The streams to serve or to look into once more; some of those served here may be given up."""
        chosen = ready if self._is_alone else await self._choose(ready)
        self._left.difference_update(chosen)
        return chosen

    async def close(self) -> None:
        """Tell the others that this worker leaves."""
        if self._next_look is not None:
            self._next_look.cancel()
        with suppress(StoreAway):  # they find out by themselves
            await asyncio.to_thread(self._turns.leave)

    async def _choose(self, ready: Sequence[At]) -> Sequence[At]:
        if ready or self._served:
            self._look_later()
        others = [at for at in ready if at not in self._served]
        taken = await self._take_some(others) if self._has_news(others) else []
        if not others:
            self._free_since = {}
            await self._note(is_short=False)
        return [*(at for at in ready if at in self._served and not self._served[at].is_given_up), *taken]

    def _has_news(self, others: Sequence[At]) -> bool:
        """Whether asking how things stand is worth it: the intake is looked at a hundred times a second."""
        if not self._theirs.issuperset(others):
            return True
        return self._is_past(self._asked_at, ASK_AGAIN if others else A_LOOK) and bool(others or self._served)

    async def _take_some(self, others: Sequence[At]) -> Sequence[At]:
        """Ask how things stand, give up what is another worker's part, and take what is this one's."""
        self._asked_at = self._clock.monotonic()
        seen = self._see(others, await self._ask([self._stream_of(at) for at in others]))
        for at in seen.to_give_up:
            self._served[at].is_given_up = True
        await self._note(is_short=seen.is_short)
        await self._call_others(seen)
        return seen.to_take

    async def _ask(self, streams: Sequence[str]) -> Turns:
        self._said_at = self._clock.monotonic()
        turns = await asyncio.to_thread(self._turns.look, streams, seeks=self._seeks)
        self._is_alone = turns.workers <= 1
        return turns

    def _see(self, others: Sequence[At], turns: Turns) -> StreamsSeen[At]:
        holders = {at: turns.served.get(self._stream_of(at)) for at in others if at not in self._served}
        counts = Counter(holder for holder in holders.values() if holder is not None)
        own = counts.pop(self._turns.worker, 0)  # drains that are just beginning or ending
        self._theirs = frozenset(at for at, holder in holders.items() if holder is not None)
        free = self._still_free([at for at, holder in holders.items() if holder is None])
        latest = self._clock.monotonic() - (LEFT_TO_SEEKERS if turns.seekers else LEFT_FOR)
        kept = [at for at, turn in self._served.items() if not turn.is_given_up]
        kept.sort(key=lambda at: not self._served[at].is_hanging)
        return StreamsSeen(
            mine=kept,
            leaving=len(self._served) - len(kept) + own,
            free=free,
            overdue=sum(self._free_since[at] <= latest for at in free),
            theirs=list(counts.values()),
            seekers=[counts[worker] for worker in turns.seekers],
            workers=turns.workers,
        )

    def _still_free(self, free: Sequence[At]) -> list[At]:
        """The streams that nobody serves, those that have been free for longest first."""
        now = self._clock.monotonic()
        self._free_since = {at: self._free_since.get(at, now) for at in free}
        return sorted(free, key=self._free_since.__getitem__)

    async def _note(self, *, is_short: bool) -> None:
        """Remember since when this worker is short of streams; say so at once when it no longer is."""
        if is_short:
            self._short_since = self._short_since or self._clock.monotonic()
            return
        said, self._short_since = self._seeks, None
        if said:
            await self._ask([])

    @property
    def _seeks(self) -> bool:
        return self._short_since is not None and self._is_past(self._short_since)

    async def _call_others(self, seen: StreamsSeen[At]) -> None:
        """Ring for workers whose part is free or served here: at once if it has just become free, else now and then."""
        is_news = any(self._free_since[at] >= self._asked_at for at in seen.to_leave)
        if is_news or ((seen.to_leave or seen.has_too_many) and self._is_past(self._rung_at)):
            self._rung_at = self._clock.monotonic()
            await asyncio.to_thread(self._others.ring, self._turns.stage)

    def _is_past(self, moment: float, seconds: float = A_LOOK) -> bool:
        """Whether a moment is that long ago; if not said otherwise, as long as the previous look."""
        return self._clock.monotonic() >= moment + seconds

    def _look_later(self) -> None:
        if self._next_look is None:
            self._next_look = asyncio.get_running_loop().call_later(LOOK_AGAIN, self._look_now)

    def _look_now(self) -> None:
        self._next_look = None
        self._look()
