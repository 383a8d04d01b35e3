"""Asks the process of this container whether it lives: `python -m hookrouter.supervise.probe`, for a health check.

A worker and a scheduler answer at HOOKROUTER_METRICS_PORT, a receiver at PORT, and a container has one of them. It
loads the standard library alone, for it is started every few seconds.
"""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Mapping

PATIENCE = 4.0
"""Seconds for an answer, below those after which the image's HEALTHCHECK gives up."""
WELL = 200
PORTS = (("HOOKROUTER_METRICS_PORT", None), ("PORT", "8080"))
"""Where to ask, the first that somebody listens to; a port that is not set is not asked, or is the default."""


def find_out(environment: Mapping[str, str], path: str = "/healthz") -> str | None:
    """What is wrong; None when it is well."""
    host = _reachable(environment.get("HOST") or "127.0.0.1")
    ports = [port for name, default in PORTS if (port := environment.get(name) or default)]
    for port in ports:
        try:
            return _ask(host, int(port), path)
        except ConnectionRefusedError:
            continue
        except (OSError, http.client.HTTPException, ValueError) as fault:
            return f"port {port} does not answer: {fault}"
    return f"nobody listens at port {' or '.join(ports)}"


def _ask(host: str, port: int, path: str) -> str | None:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    finally:
        connection.close()
    return None if status == WELL else f"port {port} answers {path} with {status}"


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nobody listens here


def main() -> int:
    """Say what is wrong on standard error; 0 when nothing is, else 1, as Docker wants it."""
    wrong = find_out(os.environ, *sys.argv[1:2])  # noqa: TID251 - the settings would cost more than the question
    if wrong is not None:
        sys.stderr.write(f"{wrong}\n")
    return int(wrong is not None)


if __name__ == "__main__":
    sys.exit(main())
