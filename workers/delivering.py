"""The half of a worker that delivers: the drains of the outboxes, and of what people claim."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial

from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Place
from hookrouter.ports.outbox import Outbox
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.sink_side import SinkSide
from hookrouter.usecases.delivering.seats import Seat, Seats
from workers.background import Begin, Serve
from workers.moving import Moving
from workers.serving import serve
from workers.shards import At, ShardsHere
from workers.tenure import Tenure

APART = 0.05
"""Seconds between looks for outboxes with work: a busy router rings hundreds of times a second."""
LOOK_AGAIN = 1.0
"""Seconds until the next look, rung or not, while there are shards to share with other workers."""


class Delivering:
    """One drain for each outbox with work, or for each shard of it that is this worker's to serve."""

    def __init__(self, runtime: Runtime, begin: Begin) -> None:
        """Open nothing yet."""
        self._runtime = runtime
        self._begin = begin
        self._bells: dict[At, asyncio.Event] = {}
        self._seats = Seats(runtime.settings.worker_concurrency)
        self._served: dict[At, Seat] = {}
        self._given_up: set[At] = set()
        self._moving = Moving(runtime, begin)
        self._shards = ShardsHere(runtime)
        self._next_look: asyncio.TimerHandle | None = None
        self._tenure: Tenure[SinkSide]
        self.looks: Mapping[Stage, Serve] = {Stage.DELIVER: self._find_outboxes, Stage.CLAIM: self._find_clicks}

    def open(self) -> None:
        """Open the way to the sinks."""
        self._tenure = Tenure(self._runtime.open_sink_side)

    def renew(self) -> Coroutine[None, None, None]:
        """Open the way to the sinks that are configured now; the end of the way to the former ones."""
        former, self._tenure = self._tenure, Tenure(self._runtime.open_sink_side)
        return former.end()

    def hurry(self) -> None:
        """Ring all bells."""
        for bell in self._bells.values():
            bell.set()

    async def close(self) -> None:
        """Close it."""
        if self._next_look is not None:
            self._next_look.cancel()
        await self._tenure.close()

    async def _find_outboxes(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.DELIVER)
        now = await asyncio.to_thread(self._runtime.backlog.now)
        shards = await asyncio.to_thread(self._runtime.backlog.shards, now)
        self._moving.look(shards.layout)
        ready = list(shards.ready(now))

        def is_split(at: At) -> bool:
            return shards.layout.outbox(at[0]).streams > 1

        whole, split = [at for at in ready if not is_split(at)], [at for at in ready if is_split(at)]
        mine = {at: seat for at, seat in self._served.items() if is_split(at)}
        for at in [*whole, *await self._to_serve(split, mine)]:
            self._serve_one(*at)
        await asyncio.sleep(APART)

    async def _to_serve(self, split: Sequence[At], mine: Mapping[At, Seat]) -> Sequence[At]:
        """Those shards that are this worker's to serve; others are looked at again soon."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        if not split and not mine:
            return []
        look = partial(self._begin, f"scan:{Stage.DELIVER}", self._find_outboxes)
        self._next_look = asyncio.get_running_loop().call_later(LOOK_AGAIN, look)
        chosen = await self._shards.choose(split, mine)
        return [*(at for at in split if at in mine and not mine[at].is_given_up), *chosen]

    def _serve_one(self, sink: SinkName, place: Place) -> None:
        self._given_up.discard((sink, place))
        self._bells.setdefault((sink, place), asyncio.Event()).set()
        name = f"outbox:{sink}" if place == Place() else f"outbox:{sink}:{place}"
        self._begin(name, partial(self._serve_outbox, sink, place))

    async def _find_clicks(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.CLAIM)
        if await asyncio.to_thread(self._runtime.backlog.depth, Stage.CLAIM):
            self._begin("claims", self._serve_clicks)

    async def _serve_clicks(self) -> None:
        with self._tenure.use() as side:
            await serve(side.should_stop, side.leases.claims, side.claims.drain)

    async def _serve_outbox(self, sink: SinkName, place: Place) -> None:
        at = sink, place
        if at in self._given_up:  # it was asked to look again before
            return
        with self._tenure.use() as side:

            async def drain(outbox: Outbox) -> bool:
                with self._seats.take(side.deliver.policies(sink).concurrency) as seat:
                    self._served[at] = seat
                    try:
                        return await side.deliver.drain(outbox, sink, self._bells[at], seat)
                    finally:
                        del self._served[at]
                        if seat.is_given_up:
                            self._given_up.add(at)

            await serve(side.should_stop, partial(side.leases.outbox, sink, *place), drain)
