"""The event loop that lives as long as its process, with the drains of some stages.

They run beside the wake-ups, not inside them, so a sink that hangs holds up its own outbox and nothing else.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import uvloop

from hookrouter.config.watch import LOOK_EVERY
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.store.presence import BEAT_EVERY, FLUSH_EVERY
from workers.door import reported
from workers.leaving import FINISH_WITHIN
from workers.signs import SignsOfLife

THREADS = 4
"""How many looks for work and signs of life may be under way at once beside the event loop."""

LOOK_AROUND_EVERY = 1.0
GIVE_BACK_WITHIN = 1.5
"""Seconds for drains that are cut off to give back their leases, before the process ends whatever happens."""

Serve = Callable[[], Coroutine[None, None, None]]
Begin = Callable[[str, Serve], None]
"""Starts the drain of this name, or has it look again if it is under way."""


class Half(Protocol):
    """Some of the stages, with the neighbours their drains need."""

    @property
    def looks(self) -> Mapping[Stage, Serve]:
        """How each stage finds its work and begins its drains."""

    def open(self) -> None:
        """Open the neighbours; called on the event loop."""

    def renew(self) -> Coroutine[None, None, None]:
        """Open neighbours anew by the current configuration; return what ends the former once no drain uses them."""

    def look_around(self) -> Coroutine[None, None, None]:
        """See which other workers live, if that is worth a question; called every second."""

    def hurry(self) -> None:
        """Wake drains that wait, so that they notice that they are to end."""

    async def close(self) -> None:
        """Close the neighbours' connections."""


class Background:
    """The drains of one process."""

    def __init__(self, runtime: Runtime, turned: Callable[[], None], signs: SignsOfLife | None = None) -> None:
        """Start nothing yet; `turned` is called as the loop turns. Without `signs`, another process gives them."""
        self._runtime = runtime
        self._turned = turned
        self._signs = signs
        self._loop = uvloop.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(THREADS, "store"))
        self._thread = threading.Thread(target=self._loop.run_forever, name="background", daemon=True)
        self._drains: dict[str, asyncio.Task[None]] = {}
        self._asked_again: set[str] = set()
        self._half: Half
        self._beside: list[asyncio.Task[None]] = []
        self._ending: set[asyncio.Task[None]] = set()

    def start(self, half: Half) -> None:
        """Run the loop in a thread of its own."""
        self._half = half
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()

    @property
    def stages(self) -> frozenset[Stage]:
        """The stages served here."""
        return frozenset(self._half.looks)

    def poke(self, stage: Stage) -> bool:
        """Look for work of a stage, from any thread; False if this process takes up nothing new."""
        if self._runtime.stopping.is_set():
            return False
        self._loop.call_soon_threadsafe(self.begin, f"scan:{stage}", self._half.looks[stage])
        return True

    def begin(self, name: str, serve: Serve) -> None:
        """Start a drain, on the loop; one that is under way will look once more."""
        if name in self._drains:
            self._asked_again.add(name)
        elif not self._runtime.stopping.is_set():
            self._drains[name] = self._loop.create_task(self._run(name, serve))

    def finish(self) -> None:
        """Wait for what is under way, close the connections and end the loop."""
        self._runtime.stopping.set()
        if not self._thread.is_alive():  # Redis was never there, so nothing was started
            self._loop.close()
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _open(self) -> None:
        self._half.open()
        self._beside = [asyncio.create_task(beside()) for beside in (self._beat, self._look_around, self._follow_edits)]

    async def _close(self) -> None:
        for task in self._beside:
            task.cancel()
        self._half.hurry()
        if self._drains:
            _, late = await asyncio.wait(self._drains.values(), timeout=FINISH_WITHIN)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=GIVE_BACK_WITHIN)
        if self._ending:
            await asyncio.wait(self._ending, timeout=FINISH_WITHIN)
        await self._half.close()
        if self._signs is not None:
            await asyncio.to_thread(self._signs.end)

    async def _beat(self) -> None:
        pause = BEAT_EVERY
        while True:
            if self._signs is not None:
                with reported(self._runtime, "presence"):  # a failure must not end it: the worker would look dead
                    pause = await asyncio.to_thread(self._signs.give)
            for _ in range(pause // FLUSH_EVERY):
                self._turned()
                self._runtime.observer.flush()
                await asyncio.sleep(FLUSH_EVERY.total_seconds())

    async def _look_around(self) -> None:
        while True:
            with reported(self._runtime, "company"):
                await self._half.look_around()
            await asyncio.sleep(LOOK_AROUND_EVERY)

    async def _follow_edits(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            with reported(self._runtime, "configuration"):
                if await asyncio.to_thread(self._runtime.look_for_edits):
                    self._renew()

    def _renew(self) -> None:
        """Have all drains end at their next batch boundary, as at the process' end, and go on by the new settings."""
        former = self._loop.create_task(self._half.renew())
        self._ending.add(former)
        former.add_done_callback(self._ending.discard)
        self._asked_again |= self._drains.keys()
        self._loop.call_soon(self._half.hurry)  # only after the former were told that they are over
        for stage in self.stages:  # work may have waited for what is new
            self.poke(stage)

    async def _run(self, name: str, serve: Serve) -> None:
        """Serve until nobody has asked meanwhile; a failure is reported, and the next kick starts the drain again."""
        again = True
        try:
            while again:
                self._asked_again.discard(name)
                with reported(self._runtime, name):
                    await serve()
                again = name in self._asked_again and not self._runtime.stopping.is_set()
        finally:
            # No await since the last look, so whoever asks from now on finds no drain and starts one. In `finally`, so
            # that a drain which somebody else's code cancelled is not left here either.
            del self._drains[name]
            if name in self._asked_again:  # it was cut off before it looked again
                self.begin(name, serve)
