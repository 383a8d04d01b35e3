"""Runs the demo from the first port to the last number."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from rich.console import Console

from hookrouter.clock import SystemClock
from hookrouter.config.settings import Settings
from hookrouter.demo.figures import Figures
from hookrouter.demo.parts import start_parts
from hookrouter.demo.progress import progress
from hookrouter.demo.stage import Stage, set_stage
from hookrouter.demo.summary import progress_line, summary_table
from hookrouter.domain.errors import HookrouterError
from hookrouter.supervise.supervisor import Supervisor

SETTLE = 30.0  # seconds for the last push to arrive everywhere
TURN = 0.25  # seconds between two looks at the numbers


def run_demo(*, settings: Settings, push_rate: float, duration: float | None, console: Console) -> int:
    """Run until the duration is over, or until a signal; returns the exit code.

    Args:
        settings: What the environment says; data directory, server and ports are the demo's own.
        push_rate: Leads changed a second.
        duration: Seconds; without it the demo runs until Ctrl-C.
        console: Where the URL, the numbers and what goes wrong are said.

    Returns:
        0 when all that was pushed was routed and delivered, or on Ctrl-C; else 1.
    """

    def report(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    try:
        with Supervisor(report=report) as supervisor, set_stage(settings, supervisor) as stage:
            try:
                return _perform(stage, push_rate=push_rate, duration=duration, console=console)
            finally:
                supervisor.stop()  # before the folder goes
    except HookrouterError as fault:
        report(f"The demo could not start: {fault}")
        return 1
    except KeyboardInterrupt:  # before the supervisor listens to signals, or after
        return 0


def _perform(stage: Stage, *, push_rate: float, duration: float | None, console: Console) -> int:
    with console.status("starting…") if console.is_terminal else contextlib.nullcontext():
        start_parts(stage)
    if stage.supervisor.stopping:
        return 0
    steered = f"{stage.surroundings.receiver}/console/"
    console.print(f"Watch the leads at {steered} (Ctrl-C ends the demo)", soft_wrap=True, highlight=False)
    asked = stage.elsewhere("status")
    console.print(f"Ask it from another terminal: {asked}", soft_wrap=True, highlight=False, markup=False)
    stage.theatre.begin_looking(simulator=stage.surroundings.simulator, receiver=stage.surroundings.receiver)
    stage.theatre.begin_load(stage.surroundings.simulator, rate=push_rate)
    with progress(console, title=f"Leads at {steered}") as show:
        was_asked = not _tend(stage, duration, lambda: show(stage.theatre.figures()))
        stage.theatre.end_load()
        if not was_asked:
            stage.supervisor.wait_for(lambda: stage.look().all_arrived, seconds=SETTLE, turn=TURN)
    figures = stage.look()
    console.print(summary_table(figures, title="What the demo did"))
    return 0 if was_asked else _verdict(figures, console)


def _tend(stage: Stage, duration: float | None, show: Callable[[], None]) -> bool:
    """Let it run; true when the duration is over, false when the end was asked for."""
    clock = SystemClock()
    end = None if duration is None else clock.monotonic() + duration
    while not stage.supervisor.stopping:
        if end is not None and clock.monotonic() >= end:
            return True
        stage.supervisor.tend(TURN)
        show()
    return False


def _verdict(figures: Figures, console: Console) -> int:
    if figures.all_arrived and figures.pushed:
        console.print("All that was pushed was routed and delivered.")
        return 0
    console.print(f"Not everything arrived: {progress_line(figures)}.", style="red", soft_wrap=True, highlight=False)
    return 1
