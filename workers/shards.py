"""Which shards of busy sinks this worker serves: its fair part of them, and what no other worker takes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from hookrouter.domain.fair_share import ShardsSeen
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Place
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.store.shard import Shard
from hookrouter.store.shard_turns import RedisShardTurns
from hookrouter.usecases.delivering.seats import Seat

At = tuple[SinkName, Place]

LEFT_FOR = 1.0
"""Seconds after which a shard that nobody serves is taken beyond one's part: who should have it is busy, or dead."""


class ShardsHere:
    """The shards that this worker serves, chosen anew at each look."""

    def __init__(self, runtime: Runtime) -> None:
        """Serve none yet."""
        self._clock = runtime.clock
        self._keys = runtime.keys
        self._turns = RedisShardTurns(
            server=runtime.server, keys=runtime.keys, presence=runtime.presence, worker=runtime.process
        )
        self._wake = runtime.wake
        self._free_since: dict[At, float] = {}

    async def choose(self, ready: Sequence[At], mine: Mapping[At, Seat]) -> Sequence[At]:
        """Those to begin with; of those that are served here, some may be given up."""
        others = {Shard(self._keys, *at): at for at in ready if at not in mine}
        turns = await asyncio.to_thread(self._turns.look, list(others), self._clock.now())
        free = self._still_free([at for shard, at in others.items() if shard not in turns.served])
        latest = self._clock.monotonic() - LEFT_FOR
        kept = [at for at, seat in mine.items() if not seat.is_given_up]
        seen = ShardsSeen(
            mine=kept,
            leaving=len(mine) - len(kept),
            free=free,
            overdue=sum(self._free_since[at] <= latest for at in free),
            theirs=len(turns.served),
            workers=turns.workers,
            others_seek=turns.others_seek,
        )
        for at in seen.to_give_up:
            mine[at].is_given_up = True
        if seen.seeks:
            await asyncio.to_thread(self._turns.seek, self._clock.now())
        if len(seen.to_take) < len(free):  # another worker's part, which may not have looked
            await asyncio.to_thread(self._wake.ring, Stage.DELIVER)
        return seen.to_take

    def _still_free(self, free: Sequence[At]) -> list[At]:
        """The shards that nobody serves, the ones seen so for longest first."""
        now = self._clock.monotonic()
        self._free_since = {at: self._free_since.get(at, now) for at in free}
        return sorted(free, key=self._free_since.__getitem__)
