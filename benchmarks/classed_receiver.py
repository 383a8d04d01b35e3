"""hookrouter's receiver under another of gunicorn's worker classes: what `hookrouter.web` was chosen against.

python -m benchmarks.classed_receiver CLASS [THREADS]
"""

import sys

if sys.argv[1] == "gevent":
    from gevent import monkey

    monkey.patch_all()

from typing import Any

from hookrouter.config.settings import read_settings, share_metrics
from hookrouter.configuration import read_config


def main() -> None:
    settings = read_settings()
    share_metrics(settings.metrics_dir)
    # Imported late: prometheus-client reads where to share its counters when it is first imported.
    from hookrouter.web.server import Receiver  # noqa: PLC0415

    class ClassedReceiver(Receiver):
        def _options(self) -> dict[str, Any]:
            return {**super()._options(), "worker_class": sys.argv[1], "threads": int(*sys.argv[2:] or [1])}

    ClassedReceiver(settings, read_config(settings).receiver).run()


if __name__ == "__main__":
    main()
