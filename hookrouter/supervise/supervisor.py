"""Starts children in order, restarts what crashes, ends all in reverse order.

    with Supervisor(report=print) as supervisor:
        supervisor.start(ChildSpec(...))
        code = supervisor.run()

It runs in the main thread: signals arrive there, and the leash binds a child to the thread that started it.
"""

from __future__ import annotations

import select
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from hookrouter.clock import SystemClock
from hookrouter.stopping import heed_no_more
from hookrouter.supervise.children import SETTLED, Child, ChildSpec, end_in_words, next_pause
from hookrouter.supervise.guard import Guard

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TURN = 0.5  # seconds between two looks when no signal comes
ONE_ASKING = 0.5  # seconds in which two signals are one wish: a terminal and a wrapper may both pass on a Ctrl-C
MISCONFIGURED = 2  # the exit code of a command whose configuration is wrong: starting it again does not help


@dataclass(slots=True)
class Place:
    """One spec's place in the order: the child that fills it now, or the moment when the next one starts."""

    spec: ChildSpec
    child: Child | None = None
    code: int | None = None
    lives: int = 0
    pause: float | None = None
    due: float | None = None


class Supervisor:
    """Children that live and end together."""

    def __init__(self, *, report: Callable[[str], None]) -> None:
        self._report = report
        self._clock = SystemClock()
        self._places: dict[str, Place] = {}
        self._asked_at: float | None = None
        self._hurried = False
        self.misconfigured = ""
        """The child whose configuration is wrong, so that it can never run."""

    @property
    def stopping(self) -> bool:
        """Whether a signal, or a child that can never run, asks for the end."""
        return self._asked_at is not None or self.misconfigured != ""

    def __enter__(self) -> Self:
        self._bell, self._ringer = socket.socketpair()
        for end in (self._bell, self._ringer):
            end.setblocking(False)
        self._old_wakeup = signal.set_wakeup_fd(self._ringer.fileno(), warn_on_full_buffer=False)
        self._old_handlers: dict[signal.Signals, Any] = {each: signal.signal(each, self._ask) for each in STOP_SIGNALS}
        self._old_handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _only_wake)
        self._guard = Guard()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self._guard.dismiss()
            for number, handler in self._old_handlers.items():
                signal.signal(number, handler)
            if self._asked_at is not None:  # who was told to end does
                heed_no_more()
            signal.set_wakeup_fd(self._old_wakeup)
            self._bell.close()
            self._ringer.close()

    def start(self, spec: ChildSpec) -> None:
        """Start one more child; it will be ended before those that came earlier."""
        place = self._places[spec.name] = Place(spec)
        self._fill(place)

    def remove_if_killed(self, folder: Path) -> None:
        """Have a folder removed should this process be killed before it can do so itself."""
        self._guard.remove_last(folder)

    def exit_code(self, name: str) -> int | None:
        """What the child ended with the last time; none when it never did."""
        return self._places[name].code

    def is_alive(self, name: str) -> bool:
        """Whether the child runs now."""
        return self._places[name].child is not None

    def tend(self, seconds: float) -> None:
        """Wait so long, or for the first signal; then see to the children."""
        self._listen(seconds)
        self._guard.keep_alive()
        for place in list(self._places.values()):
            self._reap(place)
            if place.due is not None and not self.stopping and self._clock.monotonic() >= place.due:
                self._fill(place)

    def wait_for(self, check: Callable[[], bool], *, seconds: float, turn: float = 0.05) -> bool:
        """Tend until the check holds; false when time is up or the end is asked for."""
        deadline = self._clock.monotonic() + seconds
        while not self.stopping and self._clock.monotonic() < deadline:
            if check():
                return True
            self.tend(turn)
        return False

    def run(self) -> int:
        """Tend until the end is asked for, stop all, return the exit code."""
        while not self.stopping:
            self.tend(TURN)
        self.stop()
        return MISCONFIGURED if self.misconfigured else 0

    def stop(self) -> None:
        """End every child, the last started first; a second signal shortens every grace to nothing."""
        for name in reversed(list(self._places)):
            place = self._places.pop(name)
            place.due = None
            if place.child is not None:
                self._end(place.child)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        now = self._clock.monotonic()
        if self._asked_at is None:
            self._asked_at = now
        elif now - self._asked_at > ONE_ASKING:
            self._hurried = True

    def _listen(self, seconds: float) -> None:
        ready, _, _ = select.select([self._bell], [], [], max(0.0, seconds))
        if ready:
            self._bell.recv(4096)

    def _fill(self, place: Place) -> None:
        place.child = Child(place.spec)
        place.lives += 1
        place.due = None
        self._guard.watch(place.child.session)

    def _reap(self, place: Place) -> None:
        child = place.child
        code = None if child is None else child.exit_code()
        if child is None or code is None:
            return
        lived = child.age
        self._clear(child)
        place.child, place.code = None, code
        if not place.spec.restart:
            return
        said = f"{place.spec.name} {end_in_words(code)} after {lived:.1f} s"
        if code == MISCONFIGURED and place.lives == 1 and lived < SETTLED:
            self._report(f"{said}: stopping all, its own lines say what to correct")
            self.misconfigured = place.spec.name
            return
        place.pause = next_pause(place.pause, lived=lived)
        place.due = self._clock.monotonic() + place.pause
        if not self.stopping:
            self._report(f"{said}: starting it again in {place.pause:.1f} s")

    def _end(self, child: Child) -> None:
        deadline = self._clock.monotonic() + child.spec.grace
        child.ask_to_end()
        while child.exit_code() is None and not self._hurried and self._clock.monotonic() < deadline:
            self._listen(0.1)
        if child.exit_code() is None:
            why = (
                "is killed at once, as asked" if self._hurried else f"did not end within {child.spec.grace:g} s: killed"
            )
            self._report(f"{child.spec.name} {why}")
        self._clear(child)

    def _clear(self, child: Child) -> None:
        child.clear_away()
        self._guard.forget(child.session)


def _only_wake(_number: int, _frame: FrameType | None) -> None:
    """A child has ended: the wake-up descriptor has already rung."""
