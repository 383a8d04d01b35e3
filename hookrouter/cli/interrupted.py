"""Ctrl-C as a request to stop at the next good place."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from hookrouter.runtime import Runtime


@contextmanager
def stopped_by_interrupt(runtime: Runtime) -> Iterator[None]:
    """Let the first Ctrl-C ask to stop, and the next one end the process at once."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        runtime.stopping.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
