"""The event loop that lives as long as its worker, with the drains that wait for other machines.

They run beside the wake-ups, not within them: a sink that hangs holds up its own outbox and nothing else.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import uvloop

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import NeighbourFailed
from hookrouter.domain.ids import SinkName
from hookrouter.neighbours import Neighbours
from hookrouter.ports.outbox import Outbox
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.streams import Enricher, Hydrator, Intake
from hookrouter.runtime import Runtime
from hookrouter.store.presence import BEAT_EVERY
from workers.door import reported

T = TypeVar("T", Hydrator, Intake, Enricher, Outbox)

THREADS = 4
"""Looks at what waits, and signs of life, that may be under way at once beside the event loop."""
FLUSHES_A_BEAT = 20
LOOKS = 4
PAUSE = 0.01
"""Seconds between looks into the intake, and how many in vain end the watch."""
FINISH_WITHIN = 25.0
"""Seconds for what is under way when the worker is told to stop; under the usual grace period of 30."""


class Background:
    """The drains of one worker process that wait for sinks and for the CRM."""

    def __init__(self, runtime: Runtime, wake: Wake) -> None:
        """Start nothing yet; what the drains wake in turn is rung by `wake`."""
        self._runtime = runtime
        self._wake = wake
        self._router = runtime.router(wake)
        self._scanners = {
            Stage.HYDRATE: self._find_waiting,
            Stage.ROUTE: self._watch_intake,
            Stage.ENRICH: self._find_partitions,
            Stage.DELIVER: self._find_outboxes,
        }
        self._loop = uvloop.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(THREADS, "store"))
        self._thread = threading.Thread(target=self._loop.run_forever, name="background", daemon=True)
        self._drains: dict[str, asyncio.Task[None]] = {}
        self._bells: dict[SinkName, asyncio.Event] = {}
        self._asked_again: set[str] = set()
        self._neighbours: Neighbours
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Run the loop in a thread of its own."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()

    def poke(self, stage: Stage) -> bool:
        """Look for work of a stage, from any thread; False when this process takes up nothing new."""
        if self._runtime.stopping.is_set():
            return False
        self._loop.call_soon_threadsafe(self._scan, stage)
        return True

    def finish(self) -> None:
        """Wait for what is under way, close the connections and end the loop."""
        self._runtime.stopping.set()
        if not self._thread.is_alive():  # Redis was never there to begin with
            self._loop.close()
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _open(self) -> None:
        self._neighbours = self._runtime.open_neighbours(self._wake)
        self._beating = asyncio.create_task(self._beat())

    async def _close(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
        for bell in self._bells.values():
            bell.set()
        if self._drains:
            _, late = await asyncio.wait(self._drains.values(), timeout=FINISH_WITHIN)
            for task in late:
                task.cancel()
        await self._neighbours.close()
        await asyncio.to_thread(self._leave)

    async def _beat(self) -> None:
        while True:
            await asyncio.to_thread(self._say_alive)
            for _ in range(FLUSHES_A_BEAT):
                self._runtime.observer.flush()
                await asyncio.sleep(BEAT_EVERY.total_seconds() / FLUSHES_A_BEAT)

    def _say_alive(self) -> None:
        try:
            self._runtime.presence.beat("worker", self._runtime.process, self._runtime.clock.now())
            self._runtime.preflight.once_there()
        except StoreAway as fault:
            self._runtime.preflight.is_due = True
            self._runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))

    def _leave(self) -> None:
        try:
            self._runtime.presence.leave("worker", self._runtime.process)
        except StoreAway as fault:
            self._runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))

    def _scan(self, stage: Stage) -> None:
        self._start(f"scan:{stage}", self._scanners[stage])

    async def _find_waiting(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.HYDRATE)
        if any(await asyncio.to_thread(self._runtime.backlog.partition_depths, Stage.HYDRATE)):
            self._start("hydrate", self._serve_waiting)

    async def _watch_intake(self) -> None:
        """Start the drains of the intake, and stay as long as leads keep coming: it spares a job for each push."""
        idle = 0
        while idle < LOOKS and not self._runtime.stopping.is_set():
            idle = 0 if await self._find_intakes() else idle + 1
            await asyncio.sleep(PAUSE)
        await asyncio.to_thread(self._runtime.wake.lower, Stage.ROUTE)
        await self._find_intakes()

    async def _find_intakes(self) -> bool:
        depths = await asyncio.to_thread(self._runtime.backlog.partition_depths, Stage.ROUTE)
        for partition, depth in enumerate(depths):
            if depth:
                self._start(f"intake:{partition}", partial(self._serve_intake, partition))
        return any(depths)

    async def _find_outboxes(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.DELIVER)
        now = await asyncio.to_thread(self._runtime.backlog.now)
        depths = await asyncio.to_thread(self._runtime.backlog.outboxes, now)
        for sink, depth in depths.items():
            if depth.work(now):
                self._bells.setdefault(sink, asyncio.Event()).set()
                self._start(f"outbox:{sink}", partial(self._serve_outbox, sink))

    async def _find_partitions(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.ENRICH)
        depths = await asyncio.to_thread(self._runtime.backlog.partition_depths, Stage.ENRICH)
        for partition, depth in enumerate(depths):
            if depth:
                self._start(f"enrich:{partition}", partial(self._serve_partition, partition))

    def _start(self, name: str, serve: Callable[[], Coroutine[None, None, None]]) -> None:
        if name in self._drains:
            self._asked_again.add(name)
        elif not self._runtime.stopping.is_set():
            self._drains[name] = self._loop.create_task(self._run(name, serve))

    async def _run(self, name: str, serve: Callable[[], Coroutine[None, None, None]]) -> None:
        """Serve until nobody asked meanwhile; what it dies of is reported, and the kick starts it again."""
        again = True
        try:
            while again:
                self._asked_again.discard(name)
                with reported(self._runtime, name):
                    await serve()
                again = name in self._asked_again and not self._runtime.stopping.is_set()
        finally:
            # No await since the last look: whoever asks from now on finds no drain and starts one. Nor is a drain left
            # here that somebody else's code cancelled.
            del self._drains[name]

    async def _serve_intake(self, partition: int) -> None:
        async def drain(intake: Intake) -> bool:
            await self._router.drain(intake, f"intake:{partition}")
            return True

        await self._serve(partial(self._neighbours.leases.intake, partition), drain)

    async def _serve_waiting(self) -> None:
        async def drain(hydrator: Hydrator) -> bool:
            await self._neighbours.hydrate.drain(hydrator, "hydrate")
            return True

        await self._serve(self._neighbours.leases.hydrator, drain)

    async def _serve_outbox(self, sink: SinkName) -> None:
        async def drain(outbox: Outbox) -> bool:
            return await self._neighbours.deliver.drain(outbox, sink, self._bells[sink])

        await self._serve(partial(self._neighbours.leases.outbox, sink), drain)

    async def _serve_partition(self, partition: int) -> None:
        async def drain(enricher: Enricher) -> bool:
            if await self._neighbours.enrich.drain(enricher, f"enrich:{partition}"):
                self.poke(Stage.DELIVER)
            return True

        await self._serve(partial(self._neighbours.leases.enricher, partition), drain)

    async def _serve(self, take: Callable[[], Awaitable[T | None]], drain: Callable[[T], Awaitable[bool]]) -> None:
        """Drain a stream under its lease, and once more if something came while the lease was given back.

        `drain` tells whether what may have come could be served: a sink that is not to be asked is left to the kick.
        """
        while (leased := await take()) is not None:
            may_go_on = False
            try:
                may_go_on = await drain(leased)
            finally:
                entries_wait = await leased.release()
            if not (may_go_on and entries_wait) or self._runtime.stopping.is_set():
                return
