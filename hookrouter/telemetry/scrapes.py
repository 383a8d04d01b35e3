"""Answers scrapes and probes in processes that answer nothing else: workers and the scheduler in pods of their own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer

from hookrouter.telemetry.metrics import write_metrics

PATH = "/metrics"
PLAIN = "text/plain"
PATIENCE = 10
"""Seconds that one who asks may take to do so."""


class _Door(ThreadingTCPServer):
    """Listens as a receiver does, also at `::`, in a cluster of IPv6 alone; unlike http.server it asks no DNS."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), handler)


def answer_scrapes(host: str, port: int, directory: Path, probes: Mapping[str, Callable[[], bool]]) -> None:
    """Answer `/metrics` with the counters of this directory, and probes by their paths: 200 for yes, 503 for no.

    It is done in a thread, for as long as the process lives.

    Raises:
        OSError: nobody can listen there.
    """

    class Scrape(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version, sys_version = "hookrouter", ""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == PATH:
                self._answer(HTTPStatus.OK, *write_metrics(directory, []))
            elif (probe := probes.get(path)) is None:
                self.send_error(HTTPStatus.NOT_FOUND)
            elif probe():
                self._answer(HTTPStatus.OK, b"ok\n", PLAIN)
            else:
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, b"not now\n", PLAIN)

        def _answer(self, status: HTTPStatus, text: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing of it."""

    server = _Door(host, port, Scrape)
    threading.Thread(target=server.serve_forever, name="scrapes", daemon=True).start()
