"""How a process is told to stop: at whatever instant, and however often it is told.

Python runs a signal's handler between any two steps of the main thread, also of another handler and of one that holds a
lock. A handler that asks for that lock never returns, and one that raises may leave it taken. So handlers of ours do
nothing but `Stopping.set`, or less.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
"""By which a process is told to stop."""


class Stopping:
    """Whether to stop, for all threads and for the handlers of signals: any of it may break in upon any of it."""

    def __init__(self) -> None:
        """Not yet."""
        self._is_set = False
        # Its `put` may break in upon its `put` or `get` (docs.python.org/3/library/queue.html#queue.SimpleQueue.put).
        # An Event has a lock, for which a second `set` would wait within the first.
        self._bell: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Stop, from now on."""
        if not self._is_set:
            self._is_set = True
            self._bell.put(None)

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._is_set

    def wait(self, seconds: float | None = None) -> bool:
        """Wait so long, or until it is to stop; whether it is."""
        if not self._is_set:
            with suppress(Empty):
                self._bell.get(timeout=seconds)
                self._bell.put(None)  # for whoever waits beside
        return self._is_set


def end_at_once() -> None:
    """Have a signal, also one that was held back, end this process where it stands: nothing is begun yet."""
    # By default it ends also where the main thread hangs in C, in a look-up of a name; a container's first does not.
    ending = _end if os.getpid() == 1 else signal.SIG_DFL
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, ending)
    heed()


def be_interrupted() -> None:
    """Have Ctrl-C raise KeyboardInterrupt, as ever, and the next one end the process at once and without a word."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupt)


@contextmanager
def interrupted_by(act: Callable[[], object]) -> Iterator[None]:
    """Have such a Ctrl-C do this meanwhile; like all that handlers do it must take no lock, and raise nothing."""
    _ACTS.append(act)
    try:
        yield
    finally:
        _ACTS.remove(act)


def heed() -> None:
    """Take the signals that were held back, and those to come."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def hold_back() -> None:
    """Have signals wait until somebody heeds them: this process, or the command or child that takes over from it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


@contextmanager
def held_back() -> Iterator[None]:
    """Hold signals back meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def heed_no_more() -> None:
    """Ignore signals: all is done, and an interpreter on its way out would be broken off by them."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


_ACTS: list[Callable[[], object]] = []
"""What Ctrl-C does instead of raising; the last one counts."""


def _interrupt(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, _end)
    if not _ACTS:
        raise KeyboardInterrupt
    _ACTS[-1]()


def _end(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
    os._exit(128 + number)  # the first process of a container does not die of a signal's default
