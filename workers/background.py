"""The event loop that lives as long as its worker, with the drains that wait for other machines.

They run beside the wake-ups, not within them: a sink that hangs holds up its own outbox and nothing else.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import uvloop

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import NeighbourFailed
from hookrouter.domain.ids import SinkName
from hookrouter.ports import Stage
from hookrouter.runtime import Neighbours, Runtime
from hookrouter.store.presence import BEAT_EVERY
from workers.door import reported

THREADS = 16
"""Calls to Redis that may be under way at once beside the event loop."""
FINISH_WITHIN = 25.0
"""Seconds for what is under way when the worker is told to stop; under the usual grace period of 30."""


class Background:
    """The drains of one worker process that wait for sinks and for the CRM."""

    def __init__(self, runtime: Runtime) -> None:
        """Start nothing yet."""
        self._runtime = runtime
        self._loop = uvloop.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(THREADS, "store"))
        self._thread = threading.Thread(target=self._loop.run_forever, name="background", daemon=True)
        self._drains: dict[str, asyncio.Task[None]] = {}
        self._bells: dict[SinkName, asyncio.Event] = {}
        self._asked_again: set[str] = set()
        self._neighbours: Neighbours | None = None
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
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _open(self) -> None:
        self._neighbours = self._runtime.open_neighbours()
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
        if self._neighbours is not None:
            await self._neighbours.close()
        await asyncio.to_thread(self._leave)

    async def _beat(self) -> None:
        while True:
            await asyncio.to_thread(self._say_alive)
            await asyncio.sleep(BEAT_EVERY.total_seconds())

    def _say_alive(self) -> None:
        try:
            self._runtime.presence.beat("worker", self._runtime.process, self._runtime.clock.now())
        except StoreAway as fault:
            self._runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))

    def _leave(self) -> None:
        try:
            self._runtime.presence.leave("worker", self._runtime.process)
        except StoreAway as fault:
            self._runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))

    def _scan(self, stage: Stage) -> None:
        find = self._find_outboxes if stage is Stage.DELIVER else self._find_partitions
        self._start(f"scan:{stage}", find)

    async def _find_outboxes(self) -> None:
        depths = await asyncio.to_thread(self._runtime.backlog.outboxes, self._runtime.clock.now())
        for sink, depth in depths.items():
            if depth.waiting or depth.due:
                self._bells.setdefault(sink, asyncio.Event()).set()
                self._start(f"outbox:{sink}", partial(self._serve_outbox, sink))

    async def _find_partitions(self) -> None:
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
        while again:
            self._asked_again.discard(name)
            with reported(self._runtime, name):
                await serve()
            again = name in self._asked_again and not self._runtime.stopping.is_set()
        # No await since the last look: whoever asks from now on finds no drain and starts one.
        del self._drains[name]

    async def _serve_outbox(self, sink: SinkName) -> None:
        assert self._neighbours is not None  # noqa: S101 - opened before anything is served
        while (outbox := await asyncio.to_thread(self._runtime.take_outbox, sink)) is not None:
            await self._neighbours.deliver.drain(outbox, sink, self._bells[sink])
            if not await asyncio.to_thread(outbox.release) or self._runtime.stopping.is_set():
                return

    async def _serve_partition(self, partition: int) -> None:
        assert self._neighbours is not None  # noqa: S101 - opened before anything is served
        while (enricher := await asyncio.to_thread(self._runtime.take_enricher, partition)) is not None:
            if await self._neighbours.enrich.drain(enricher, f"enrich:{partition}"):
                self.poke(Stage.DELIVER)
            if not await asyncio.to_thread(enricher.release) or self._runtime.stopping.is_set():
                return
