"""`python -m hookrouter.web`: the receiver, which `hookrouter serve` starts in its place."""

from hookrouter.stopping import end_at_once

if __name__ == "__main__":  # before the imports, which take most of a start
    end_at_once()

# Before anything else: gevent replaces the sockets and locks that all later imports take hold of.
from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402

from hookrouter.config.settings import is_given_listener, read_settings, share_metrics  # noqa: E402
from hookrouter.domain.errors import ConfigurationError, HookrouterError  # noqa: E402
from hookrouter.garbage import garbage_left_alone  # noqa: E402
from hookrouter.net.listening import insist_on_listening  # noqa: E402


def main() -> int:
    """Serve until told to stop."""
    try:
        settings = read_settings()
        share_metrics(settings.metrics_dir)
        # Imported late: prometheus-client reads where to share its counters when it is first imported.
        with garbage_left_alone():
            from hookrouter.telemetry.ended_counters import add_up_ended  # noqa: PLC0415
            from hookrouter.web.server import Receiver, check_runtime  # noqa: PLC0415

        add_up_ended(settings.metrics_dir)
        config = check_runtime(settings).config
        if not is_given_listener():  # else gunicorn takes that socket, and HOST and PORT say nothing
            insist_on_listening(settings.host, settings.port)
    except HookrouterError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2 if isinstance(fault, ConfigurationError) else 1
    Receiver(settings, config.receiver, config).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
