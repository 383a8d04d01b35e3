"""The router: a process beside the worker that prepares deliveries, so that the worker's own core is left to sending.

It is forked before anything runs that a fork would disturb. The two share one fate: each ends when the other does.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.context import ForkProcess

from hookrouter.garbage import look_for_garbage_rarely
from hookrouter.runtime import Runtime
from hookrouter.stopping import SIGNALS, Stopping
from workers.background import Background
from workers.door import reported
from workers.doorbell import Doorbell
from workers.leaving import LEAVE_WITHIN, leave_in_time
from workers.line import Line, pair_of_ends
from workers.preparing import Preparing
from workers.pulse import Loop, Pulse

GIVES_WAY = 10
"""How much nicer it is than its worker: where cores are scarce, what is ready to be sent comes first."""


@dataclass(frozen=True, slots=True)
class Router:
    """The router as its worker sees it."""

    line: Line
    process: ForkProcess

    def end(self) -> None:
        """Wait until it has finished what is under way; kill it if it never does."""
        self.process.join(LEAVE_WITHIN)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.line.close()

    def how_it_ended(self) -> str:
        """How a router ended that was not told to, for a message."""
        self.process.join(1.0)
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"


def start_router(runtime: Runtime, pulse: Pulse) -> Router:
    """Fork it; call this before any thread runs, with no log line half written and signals held back."""
    ours, theirs = pair_of_ends()
    own = replace(runtime, role="router", stopping=Stopping())  # takes nothing along that is open
    process = multiprocessing.get_context("fork").Process(target=_run, args=[own, pulse, theirs, ours], name="router")
    process.start()
    theirs.close()
    return Router(ours, process)


def _run(runtime: Runtime, pulse: Pulse, line: Line, workers_end: Line) -> None:
    workers_end.close()
    for number in SIGNALS:  # a terminal signals us, too, but it is our worker that tells us when to end
        signal.signal(number, signal.SIG_IGN)
    leave_in_time(runtime)
    os.nice(GIVES_WAY)
    look_for_garbage_rarely()
    background = Background(runtime, partial(pulse.turn, Loop.ROUTER))
    with reported(runtime, "router"):
        background.start(Preparing(runtime, Doorbell(background, line, runtime.wake), background.begin))
        for stage in line.rings():
            background.poke(stage)
        background.finish()
    runtime.observer.flush()
