"""The counters of a worker or a scheduler that runs where no receiver shows them, and its probes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from hookrouter.domain.process_events import ScrapesRefused
from hookrouter.ports.surroundings import Clock
from hookrouter.runtime import Runtime
from hookrouter.telemetry.scrapes import answer_scrapes
from workers.pulse import Pulse

AGAIN_AFTER = 2.0
"""Seconds until a taken port is tried again."""


def serve_scrapes(runtime: Runtime, pulse: Pulse) -> None:
    """Answer `/metrics` and the probes if the environment names a port.

    If the port is taken everything else goes on, and it is tried again: the process before is often on its way out.
    """
    settings = runtime.settings
    if settings.metrics_port is None:
        return
    probes = {"/healthz": pulse.lives, "/readyz": pulse.is_ready}
    listen = partial(answer_scrapes, settings.host, settings.metrics_port, settings.metrics_dir, probes)
    try:
        listen()
    except OSError as fault:
        runtime.observer.report(ScrapesRefused(port=settings.metrics_port, text=fault.strerror or "no such address"))
        threading.Thread(target=_try_again, args=[runtime.clock, listen], name="scrapes", daemon=True).start()


def _try_again(clock: Clock, listen: Callable[[], None]) -> None:
    while True:
        clock.sleep(AGAIN_AFTER)
        with suppress(OSError):
            return listen()
