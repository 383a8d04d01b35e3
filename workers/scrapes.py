"""The counters of a worker or a scheduler that runs where no receiver shows them, and its probes."""

from __future__ import annotations

from hookrouter.domain.process_events import ScrapesRefused
from hookrouter.runtime import Runtime
from hookrouter.telemetry.scrapes import answer_scrapes
from workers.pulse import Pulse


def serve_scrapes(runtime: Runtime, pulse: Pulse) -> None:
    """Answer `/metrics` and the probes if the environment names a port; where it is taken, all else goes on."""
    settings = runtime.settings
    if settings.metrics_port is None:
        return
    probes = {"/healthz": pulse.lives, "/readyz": pulse.is_ready}
    try:
        answer_scrapes(settings.host, settings.metrics_port, settings.metrics_dir, probes)
    except OSError as fault:
        runtime.observer.report(ScrapesRefused(port=settings.metrics_port, text=fault.strerror or "no such address"))
