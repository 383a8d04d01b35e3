"""Ports for what the tests start.

They lie below those that the system gives to connections (32768 and up, on Linux): of these, one that was free when it
was looked for is now and then the near end of another test's connection by the time that its server listens.
"""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from random import SystemRandom

from hookrouter.supervise.free_port import LOOPBACK

FIRST, LAST = 10_000, 32_000

_dice = SystemRandom()


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on."""
    with ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            port = _dice.randint(FIRST, LAST)
            with suppress(OSError):
                held.enter_context(socket.socket()).bind((LOOPBACK, port))
                found.append(port)
        return found
