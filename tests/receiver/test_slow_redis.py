"""A Redis that drips its answers, each byte in time, is one that does not answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from raw_http import exchange, request
from receivers import CONFIGURATION, running_receiver
from valkeys import eventually

from hookrouter.supervise.free_port import LOOPBACK

DRIP = 0.1


class Dripping:
    """A server that begins an answer to whatever it is asked and never ends it; once mended, new callers reach Redis.

    Those who were connected before are dripped at on and on.
    """

    def __init__(self, listener: socket.socket, redis: Path) -> None:
        self.url = f"redis://{LOOPBACK}:{listener.getsockname()[1]}/0"
        self.mended, self.ended = threading.Event(), threading.Event()
        self.dripped = 0
        self._listener, self._redis = listener, redis
        self._go(self._serve)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self._go(self._join if self.mended.is_set() else self._drip, self._listener.accept()[0])

    def _drip(self, connection: socket.socket) -> None:
        self.dripped += 1
        with suppress(OSError), connection:
            connection.recv(65536)
            connection.sendall(b"$1000000\r\n")
            while not self.ended.wait(DRIP):
                connection.sendall(b"x")

    def _join(self, connection: socket.socket) -> None:
        with connection, socket.socket(socket.AF_UNIX) as far:
            far.connect(str(self._redis))
            back = self._go(self._pour, connection, far)
            self._pour(far, connection)
            back.join()

    def _pour(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while part := near.recv(65536):
                far.sendall(part)
        for one in (near, far):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _go(self, act: Callable[..., None], *arguments: socket.socket) -> threading.Thread:
        thread = threading.Thread(target=act, args=arguments, daemon=True)
        thread.start()
        return thread


@pytest.fixture
def dripping(valkey) -> Iterator[Dripping]:
    with socket.create_server((LOOPBACK, 0)) as listener:
        made = Dripping(listener, valkey.socket)
        yield made
        made.ended.set()


def test_pushes_go_to_the_spool_and_probes_are_answered(dripping: Dripping, tmp_path: Path) -> None:
    with running_receiver(dripping.url, tmp_path, CONFIGURATION) as receiver:
        for number in range(5):
            assert exchange(receiver.port, request(b'[{"id": "%d"}]' % number)).json["accepted"] == 1

        ready = exchange(receiver.port, request(method="GET", path="/readyz", length=None)).json

    assert (ready["ready"], ready["mode"]) == (True, "spool")
    assert "redis: Redis does not answer in time; 5 pushes wait in the spool" in ready["reasons"]


@pytest.mark.long
def test_neither_feeding_nor_the_sign_of_life_waits_for_the_end_of_an_answer(
    dripping: Dripping, tmp_path: Path
) -> None:
    with running_receiver(dripping.url, tmp_path, CONFIGURATION) as receiver:

        def says_so() -> bool:
            return '"neighbour":"redis","reason":"Redis does not answer in time"' in receiver.log.read_text()

        def reasons() -> list[str]:
            ready = exchange(receiver.port, request(method="GET", path="/readyz", length=None)).json
            return list(ready["reasons"])

        eventually(says_so, "it cannot say that it lives")
        assert exchange(receiver.port, request(b'[{"id": "1"}]')).status == 200
        before = dripping.dripped
        eventually(lambda: dripping.dripped >= before + 4, "who feeds and who says that it lives have asked anew")
        dripping.mended.set()

        eventually(lambda: reasons() == [], "what was spooled is fed")
