"""What a receiver process does besides answering: tasks that only the end of the process may end."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import gevent

from hookrouter.domain.process_events import TaskFailed
from hookrouter.runtime import Runtime

PAUSE_AFTER_FAULT = 2.0
"""Seconds; a fault that comes again each time should not fill the log."""


def go_on_with(task: Callable[[Runtime], None], runtime: Runtime, pause: float = PAUSE_AFTER_FAULT) -> None:
    """Do a task again and again, whatever goes wrong in it: without its feeder a spool would fill for ever."""
    while True:
        try:
            task(runtime)
        except Exception as fault:  # noqa: BLE001 - one of the doors: nobody above could do better
            place = traceback.extract_tb(fault.__traceback__)[-1]
            where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
            runtime.observer.report(TaskFailed(task=task.__name__, kind=type(fault).__name__, place=where))
            gevent.sleep(pause)
