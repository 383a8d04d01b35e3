"""What a container's health check is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hookrouter.supervise.free_port import free_ports
from hookrouter.supervise.probe import find_out

Answering = Callable[[int], int]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Makes servers that answer `/healthz` with a status, and tells their ports."""
    servers: list[ThreadingHTTPServer] = []

    def serve(status: int) -> int:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status if self.path == "/healthz" else 404)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Answer))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return servers[-1].server_port

    yield serve
    for each in servers:
        each.shutdown()
        each.server_close()


def test_a_receiver_is_asked_at_its_port_and_a_worker_at_its_own(answering: Answering) -> None:
    (nobody,) = free_ports(1)
    well, stuck = answering(200), answering(503)

    assert find_out({"PORT": str(well), "HOOKROUTER_METRICS_PORT": str(nobody)}) is None
    assert find_out({"PORT": str(nobody), "HOOKROUTER_METRICS_PORT": str(well)}) is None
    assert find_out({"PORT": str(well)}) is None
    assert find_out({"PORT": str(stuck), "HOOKROUTER_METRICS_PORT": str(nobody)}) == (
        f"port {stuck} answers /healthz with 503"
    )
    assert find_out({"PORT": str(nobody), "HOOKROUTER_METRICS_PORT": str(stuck)}) == (
        f"port {stuck} answers /healthz with 503"
    )


def test_a_process_that_listens_nowhere_is_not_well() -> None:
    receiver, worker = map(str, free_ports(2))

    assert find_out({"PORT": receiver, "HOOKROUTER_METRICS_PORT": worker}) == (
        f"nobody listens at port {worker} or {receiver}"
    )


@pytest.mark.parametrize("host", ["", "0.0.0.0", "127.0.0.1"])
def test_it_is_asked_where_it_was_told_to_listen(answering: Answering, host: str) -> None:
    assert find_out({"HOST": host, "PORT": str(answering(200))}) is None


def test_the_readiness_is_another_question(answering: Answering) -> None:
    port = answering(200)

    assert find_out({"PORT": str(port)}, "/readyz") == f"port {port} answers /readyz with 404"
