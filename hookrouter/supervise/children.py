"""One child process: what it is, and one life of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from hookrouter.clock import SystemClock
from hookrouter.supervise.output import Pump
from hookrouter.supervise.warden import kill_session

LEASH = Path(__file__).with_name("leash.py")
FIRST_PAUSE = 0.2  # seconds before a crashed child starts again
LONGEST_PAUSE = 5.0
SETTLED = 30.0  # seconds of life after which a crash counts as the first one
LAST_LINES_WAIT = 1.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """What to run, and how it is ended.

    Args:
        grace: Seconds between SIGTERM and SIGKILL.
        restart: Start it again whenever it ends, whatever its exit code: a worker that loses Redis ends with 0.
        log: The file for its output; standard error when not given.
        shares_output: Its standard output is this process' own, so that no line of it is lost, held up or broken on
            the way; only its standard error goes where `log` says.
        keep_open: File descriptors it inherits.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    grace: float
    restart: bool
    log: Path | None = None
    shares_output: bool = False
    keep_open: tuple[int, ...] = ()


class Child:
    """One life of a child, in a session of its own, so that a Ctrl-C in the terminal does not reach it."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self._clock = SystemClock()
        self._started = self._clock.monotonic()
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), "--"]
        self._process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            [*leash, *spec.command],
            env=dict(spec.environment),
            stdin=subprocess.DEVNULL,
            stdout=None if spec.shares_output else subprocess.PIPE,
            stderr=subprocess.PIPE if spec.shares_output else subprocess.STDOUT,
            start_new_session=True,
            pass_fds=spec.keep_open,
        )
        output = self._process.stderr if spec.shares_output else self._process.stdout
        self._pump = Pump(cast("BinaryIO", output), log=spec.log)

    @property
    def session(self) -> int:
        """The session it leads, which is also its process id."""
        return self._process.pid

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return self._clock.monotonic() - self._started

    def exit_code(self) -> int | None:
        """What it ended with; none while it lives."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        """Send SIGTERM to it alone: how its own children end is its business."""
        self._process.terminate()

    def clear_away(self) -> None:
        """Kill it and whatever it left behind, then take its last lines."""
        kill_session(self.session)
        self._process.wait()
        self._pump.finish(LAST_LINES_WAIT)


def next_pause(previous: float | None, *, lived: float) -> float:
    """Seconds to wait before the next start: doubling, and short again after a settled life."""
    if previous is None or lived >= SETTLED:
        return FIRST_PAUSE
    return min(previous * 2, LONGEST_PAUSE)


def end_in_words(code: int) -> str:
    """An exit code as a person says it."""
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
