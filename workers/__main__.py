"""`python -m workers worker` and `python -m workers scheduler`, which `hookrouter` starts in its place."""

from __future__ import annotations

from hookrouter.stopping import end_at_once, heed_no_more

if __name__ == "__main__":  # before the other imports, which take most of a start
    end_at_once()

import sys

from hookrouter.config.settings import read_settings, share_metrics
from hookrouter.domain.errors import ConfigurationError, HookrouterError
from hookrouter.garbage import garbage_left_alone


def main(arguments: list[str]) -> int:
    """Run one process until it is told to stop."""
    try:
        settings = read_settings()
        share_metrics(settings.metrics_dir)
        # Imported late: prometheus-client reads where to share its counters when it is first imported.
        with garbage_left_alone():
            from hookrouter.runtime import open_runtime  # noqa: PLC0415
            from hookrouter.telemetry.ended_counters import add_up_ended  # noqa: PLC0415
            from workers.cron import run_scheduler  # noqa: PLC0415
            from workers.worker import run_worker  # noqa: PLC0415

        add_up_ended(settings.metrics_dir)
        runtime = open_runtime(settings, role=arguments[0])
        runtime.preflight.refuse_unfit()
    except HookrouterError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2 if isinstance(fault, ConfigurationError) else 1
    code = {"worker": run_worker, "scheduler": run_scheduler}[arguments[0]](runtime)
    heed_no_more()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
