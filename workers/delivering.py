"""The half of a worker that delivers: the drains of the outboxes, and of what people claim."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from functools import partial

from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Place
from hookrouter.ports.outbox import Outbox
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.runtime.sink_side import SinkSide
from hookrouter.store.shard import Shard
from hookrouter.store.turns import RedisTurns
from hookrouter.usecases.delivering.seats import Seats
from workers.background import Begin, Serve
from workers.fair_part import FairPart
from workers.moving import Moving
from workers.serving import serve
from workers.tenure import Tenure

APART = 0.05
"""Seconds between looks for outboxes with work, as a busy router rings hundreds of times a second."""
At = tuple[SinkName, Place]


class Delivering:
    """One drain for each outbox with work, or shard of one, that is this worker's part."""

    def __init__(self, runtime: Runtime, begin: Begin) -> None:
        """Open nothing yet."""
        self._runtime = runtime
        self._begin = begin
        self._bells: dict[At, asyncio.Event] = {}
        self._seats = Seats(runtime.settings.worker_concurrency)
        self._moving = Moving(runtime, begin)
        self._part = FairPart[At](
            RedisTurns(server=runtime.server, keys=runtime.keys, stage=Stage.DELIVER, worker=runtime.process),
            lambda at: Shard(runtime.keys, *at).outbox,
            clock=runtime.clock,
            others=runtime.wake,
            look=partial(begin, f"scan:{Stage.DELIVER}", self._find_outboxes),
        )
        self._tenure: Tenure[SinkSide]
        self.looks: Mapping[Stage, Serve] = {Stage.DELIVER: self._find_outboxes, Stage.CLAIM: self._find_clicks}

    def open(self) -> None:
        """Open the way to the sinks."""
        self._tenure = Tenure(self._runtime.open_sink_side)

    def renew(self) -> Coroutine[None, None, None]:
        """Open the way to the sinks configured now; return what ends the way to the former ones."""
        former, self._tenure = self._tenure, Tenure(self._runtime.open_sink_side)
        return former.end()

    async def look_around(self) -> None:
        """See whether there are other workers to share the outboxes with."""
        await self._part.look_around()

    def hurry(self) -> None:
        """Ring the bell of every drain."""
        for bell in self._bells.values():
            bell.set()

    async def close(self) -> None:
        """Tell the other workers that this one leaves, and close the way to the sinks."""
        await self._part.close()
        await self._tenure.close()

    async def _find_outboxes(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.DELIVER)
        now = await asyncio.to_thread(self._runtime.backlog.now)
        shards = await asyncio.to_thread(self._runtime.backlog.shards, now)
        self._moving.look(shards.layout)
        for at in await self._part.choose(list(shards.ready(now))):
            self._serve_one(*at)
        await asyncio.sleep(APART)

    def _serve_one(self, sink: SinkName, place: Place) -> None:
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
        if not self._part.may_begin(at):
            return
        with self._tenure.use() as side:

            async def drain(outbox: Outbox) -> bool:
                with self._seats.take(side.deliver.policies(sink).concurrency) as seat, self._part.serving(at, seat):
                    return await side.deliver.drain(outbox, sink, self._bells[at], seat)

            await serve(side.should_stop, partial(side.leases.outbox, sink, *place), drain)
