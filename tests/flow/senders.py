"""Senders side by side, each of which pushes at its own pace and tells how it was answered."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from flow_stack import TOKEN

from hookrouter.supervise.free_port import LOOPBACK

PATIENCE = 20.0
PAUSE = 0.25


@dataclass
class Answered:
    """What all senders together were answered."""

    tries: int = 0
    acknowledged: int = 0
    broken: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, status: int, seconds: float) -> None:
        """Count one try; status 0 is a connection that broke."""
        with self.lock:
            self.tries += 1
            self.acknowledged += status == 200
            self.broken += status == 0
            self.statuses[status] += 1
            self.seconds.append(seconds)

    def quantile(self, part: float) -> float:
        """How many seconds so large a part of the answers took at most."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(part * len(self.seconds)))]


class Senders:
    """Threads over the pushes of each; a push that got no 2xx is sent again, byte for byte, until it does."""

    def __init__(self, port: int, pushes: Iterable[Iterator[list[dict[str, Any]]]], every: float) -> None:
        """Send each sender's pushes to `port`, one in so many seconds, each after the answer to the one before."""
        self.answered = Answered()
        self._port = port
        self._every = every
        self._given_up = threading.Event()
        self._threads = [threading.Thread(target=self._send_all, args=[one], daemon=True) for one in pushes]
        for thread in self._threads:
            thread.start()

    @property
    def are_done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        self._given_up.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _send_all(self, pushes: Iterator[list[dict[str, Any]]]) -> None:
        due = time.monotonic()
        for push in pushes:
            self._given_up.wait(max(0.0, due - time.monotonic()))
            body = json.dumps(push).encode()
            while not self._given_up.is_set() and self._send(body) != 200:
                self._given_up.wait(PAUSE)
            due = max(due + self._every, time.monotonic() - self._every)

    def _send(self, body: bytes) -> int:
        """Send over a connection of its own, as a sender does that pushes now and then."""
        began = time.monotonic()
        with closing(http.client.HTTPConnection(LOOPBACK, self._port, timeout=PATIENCE)) as connection:
            try:
                connection.request("POST", f"/hooks/crm/{TOKEN}", body, {"Content-Type": "application/json"})
                status = connection.getresponse().status
            except (OSError, http.client.HTTPException):
                status = 0
        self.answered.count(status, time.monotonic() - began)
        return status
