"""A process is told to stop at any instant, as often as anybody likes, and whatever its main thread hangs on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from hookrouter.stopping import Stopping

PATIENCE = 30.0
STUCK = """
import ctypes
from types import SimpleNamespace
from hookrouter.clock import SystemClock
from hookrouter.stopping import Stopping
from hookrouter.telemetry.observer import NoObserver
from workers import leaving

leaving.LEAVE_WITHIN = 0.1
runtime = SimpleNamespace(stopping=Stopping(), clock=SystemClock(), observer=NoObserver(), role="worker")
leaving.stop_on_signals(runtime.stopping)
leaving.leave_in_time(runtime)
lock, libc = ctypes.create_string_buffer(64), ctypes.CDLL(None)
libc.pthread_mutex_lock(lock)
print("stuck", flush=True)
libc.pthread_mutex_lock(lock)  # no signal breaks in here, and Python runs no handler
"""


def interrupted_at(step: int, doing: Callable[[Stopping], object]) -> bool:
    """Do it, and set what it is done with before this step of the interpreter's; whether there is such a step."""
    stopping = Stopping()
    steps = 0

    def before_each_step(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        if event == "opcode":
            if steps == step:
                stopping.set()
            steps += 1
        return before_each_step

    sys.settrace(before_each_step)
    try:
        doing(stopping)
    finally:
        sys.settrace(None)
    assert stopping.is_set() or steps <= step
    return steps > step


@pytest.mark.parametrize("doing", [Stopping.set, lambda stopping: stopping.wait(0.01)], ids=["set", "wait"])
def test_it_may_be_told_at_any_step_of_being_told_or_of_waiting_for_it(doing: Callable[[Stopping], object]) -> None:
    steps: list[int] = []

    def take_all_steps() -> None:
        step = 0
        while interrupted_at(step, doing):
            step += 1
        steps.append(step)

    thread = threading.Thread(target=take_all_steps, daemon=True)  # one that waits for itself does so for ever
    thread.start()
    thread.join(PATIENCE)

    assert steps
    assert steps[0] > 10


def test_a_signal_ends_the_wait_of_all_who_wait() -> None:
    stopping, waited = Stopping(), []
    beside = threading.Thread(target=lambda: waited.append(stopping.wait(PATIENCE)), daemon=True)
    before = signal.signal(signal.SIGUSR1, lambda *_: stopping.set())
    try:
        beside.start()
        threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGUSR1]).start()
        assert stopping.wait(PATIENCE)
        beside.join(PATIENCE)
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert waited == [True]


def test_a_process_whose_main_thread_hears_no_signal_ends_in_time() -> None:
    with subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"stuck\n"
        for number in (signal.SIGTERM, signal.SIGINT) * 25:
            process.send_signal(number)
        try:
            assert process.wait(PATIENCE) == 1
        finally:
            process.kill()
