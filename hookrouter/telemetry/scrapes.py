"""Answers scrapes in processes that answer nothing else: workers and the scheduler in pods of their own."""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from hookrouter.telemetry.metrics import write_metrics

PATH = "/metrics"
PATIENCE = 10
"""Seconds that one who asks may take to do so."""


def answer_scrapes(host: str, port: int, directory: Path) -> None:
    """Answer `/metrics` with the counters of this directory, in a thread, for as long as the process lives.

    Raises:
        OSError: nobody can listen there.
    """

    class Scrape(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version, sys_version = "hookrouter", ""

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != PATH:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            text, kind = write_metrics(directory, [])
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing of it."""

    server = ThreadingHTTPServer((host, port), Scrape)
    threading.Thread(target=server.serve_forever, name="scrapes", daemon=True).start()
