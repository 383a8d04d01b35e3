"""The counters of a worker or a scheduler that runs where no receiver shows them."""

from __future__ import annotations

from hookrouter.domain.process_events import ScrapesRefused
from hookrouter.runtime import Runtime
from hookrouter.telemetry.scrapes import answer_scrapes


def serve_scrapes(runtime: Runtime) -> None:
    """Answer `/metrics` if the environment names a port; where that is taken, all else goes on."""
    settings = runtime.settings
    if settings.metrics_port is None:
        return
    try:
        answer_scrapes(settings.host, settings.metrics_port, settings.metrics_dir)
    except OSError as fault:
        runtime.observer.report(ScrapesRefused(port=settings.metrics_port, text=fault.strerror or "no such address"))
