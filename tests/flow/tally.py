"""A far side that only counts, in a thread of its own: which leads came, under which names, in which order."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import orjson
import uvloop

from hookrouter.supervise.free_port import LOOPBACK

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivery as it came."""

    lead: str
    version: str
    name: str
    at: float


class Tally:
    """An HTTP server that takes every delivery and remembers it.

    Attributes:
        last: the fields of each lead as they came last.
        undone: each lead that came in a state older than the one before, by the times of both.
    """

    def __init__(self) -> None:
        self.came: list[Delivered] = []
        self.last: dict[str, dict[str, Any]] = {}
        self.undone: list[tuple[str, str, str]] = []
        self._loop = uvloop.new_event_loop()
        self._connections: set[asyncio.Transport] = set()
        serving = self._loop.create_server(lambda: _Connection(self._note, self._connections), LOOPBACK, 0)
        self._server = self._loop.run_until_complete(serving)
        self.url = f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def _note(self, lead: dict[str, Any], name: str) -> None:
        before = self.last.get(lead["id"], lead)["updateTimestamp"]
        if lead["updateTimestamp"] < before:
            self.undone.append((lead["id"], before, lead["updateTimestamp"]))
        self.last[lead["id"]] = lead
        self.came.append(Delivered(lead["id"], lead["firstName"], name, time.monotonic()))

    def leads(self) -> set[str]:
        return {one.lead for one in self.came.copy()}

    def names(self) -> dict[tuple[str, str], set[str]]:
        """The names that each version of a lead came under."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in self.came.copy():
            found[one.lead, one.version].add(one.name)
        return found

    def versions(self) -> dict[str, list[str]]:
        """The versions of each lead in the order in which they came first."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for one in self.came.copy():
            found[one.lead][one.version] = None
        return {lead: list(versions) for lead, versions in found.items()}

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        for connection in self._connections:
            connection.abort()
        self._loop.run_until_complete(self._server.wait_closed())
        self._loop.close()


class _Connection(asyncio.Protocol):
    def __init__(self, note: Callable[[dict[str, Any], str], None], connections: set[asyncio.Transport]) -> None:
        self._note = note
        self._connections = connections
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while True:
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = int(headers[b"content-length"])
            if len(rest) < length:
                return
            self._received = rest[length:]
            self._note(orjson.loads(rest[:length])["data"]["lead"], headers[b"webhook-id"].decode())
            self._transport.write(TAKEN)
