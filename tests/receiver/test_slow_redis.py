"""A Redis that drips its answers, each byte in time, is one that does not answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import CONFIGURATION, running_receiver
from raw_http import exchange, request

from hookrouter.supervise.free_port import LOOPBACK

DRIP = 0.1


@pytest.fixture
def dripping() -> Iterator[str]:
    """The address of a server that begins an answer to whatever it is asked, and never ends it."""
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.recv(65536)
            connection.sendall(b"$1000000\r\n")
            while not ended.wait(DRIP):
                connection.sendall(b"x")

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server((LOOPBACK, 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"redis://{LOOPBACK}:{listener.getsockname()[1]}/0"
        ended.set()


def test_pushes_go_to_the_spool_and_probes_are_answered(dripping: str, tmp_path: Path) -> None:
    with running_receiver(dripping, tmp_path, CONFIGURATION) as receiver:
        for number in range(5):
            assert exchange(receiver.port, request(b'[{"id": "%d"}]' % number)).json["accepted"] == 1

        ready = exchange(receiver.port, request(method="GET", path="/readyz", length=None)).json

    assert (ready["ready"], ready["mode"]) == (True, "spool")
    assert "redis: Redis does not answer in time; 5 pushes wait in the spool" in ready["reasons"]
