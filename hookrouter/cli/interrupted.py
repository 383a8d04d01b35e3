"""Ctrl-C as a request: to stop at the next good place, or to break off what an event loop does, in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, TypeVar, cast

from hookrouter.runtime import Runtime
from hookrouter.stopping import interrupted_by

T = TypeVar("T")


@contextmanager
def stopped_by_interrupt(runtime: Runtime) -> Iterator[None]:
    """Let the first Ctrl-C ask to stop, and the next one break off."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        runtime.stopping.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def run_until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """Run it on an event loop, where Ctrl-C has it cancelled: it closes what it has open.

    What Ctrl-C raises wherever the loop stands may break off a step of a library's, whose task shows it with a
    traceback in the end; and asyncio does so too, unless the interpreter's own handler is in force.

    Raises:
        KeyboardInterrupt: Ctrl-C came meanwhile.
    """
    breaking_off = _BreakingOff()
    with interrupted_by(breaking_off):
        try:
            result = asyncio.run(breaking_off.around(work))  # noqa: TID251 - this is it
        except BaseException:
            if breaking_off.is_asked:
                raise KeyboardInterrupt from None
            raise
    if breaking_off.is_asked:  # as it ended
        raise KeyboardInterrupt
    return result


class _BreakingOff:
    """Cancels a task from between any two steps of its thread."""

    def __init__(self) -> None:
        self.is_asked = False
        self._cancel: Callable[[], object] | None = None

    def __call__(self) -> None:
        """Do it, once it has begun."""
        self.is_asked = True
        if self._cancel is not None:
            self._cancel()

    async def around(self, work: Coroutine[Any, Any, T]) -> T:
        loop, task = asyncio.get_running_loop(), cast("asyncio.Task[T]", asyncio.current_task())
        self._cancel = partial(loop.call_soon_threadsafe, task.cancel)  # it wakes the loop, and takes no lock
        if self.is_asked:
            task.cancel()
        try:
            return await work
        finally:
            self._cancel = None
