"""Pushes leads from a process of its own, saturating or at a steady pace, and prints how long the answers took.

python -m benchmarks.loads saturate --port P --path /hooks/… --leads 25 --start 0 [--seconds 3] [--pushes 800]
python -m benchmarks.loads pace     --port P --path /hooks/… --leads 25 --start 0 --seconds 5 --rate 50
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import cast

import orjson
import uvloop

from benchmarks.leads import LeadSeries

CONNECTIONS = 16
ANSWER_WITHIN = 30.0
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
ENDS = b"connection: close"


class Connection(asyncio.Protocol):
    """One kept connection that takes one request at a time, with as little work of its own as possible."""

    def __init__(self) -> None:
        self._received = b""
        self._waiting: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None
        self.ends = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("closed without an answer"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(HEAD_END)
        if end < 0:
            return
        head = self._received[:end].lower()
        at = head.find(LENGTH)
        length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._received) >= end + len(HEAD_END) + length and self._waiting is not None:
            status = int(self._received[9:12])
            self.ends = ENDS in head
            self._received = b""
            self._waiting.set_result(status)

    async def send(self, request: bytes) -> None:
        """Send a request and wait for its answer, which must be a success."""
        assert self._transport is not None  # it is connected
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        status = await self._waiting
        if not 200 <= status < 300:
            raise SystemExit(f"a push was answered with {status}")


@dataclass(slots=True)
class Load:
    """What is pushed to whom, and how long the answers took."""

    port: int
    path: str
    leads: int
    series: LeadSeries
    seconds: list[float] = field(default_factory=list)
    pushes: int = 0

    def request(self) -> bytes:
        """The next push."""
        self.pushes += 1
        body = self.series.push(self.leads)
        head = b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        return head % (self.path.encode(), len(body)) + body

    async def connect(self) -> Connection:
        """A new connection."""
        _, made = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", self.port)
        return made

    async def saturate(self, *, until: float, most: int) -> None:
        """Push over all connections as fast as they are answered."""
        connections = [await self.connect() for _ in range(CONNECTIONS)]
        await asyncio.gather(*(self._push_on(each, until, most) for each in connections))

    async def _push_on(self, connection: Connection, until: float, most: int) -> None:
        while self.pushes < most and time.perf_counter() < until:
            request = self.request()
            began = time.perf_counter()
            if connection.ends:
                connection = await self.connect()
            await connection.send(request)
            self.seconds.append(time.perf_counter() - began)

    async def pace(self, *, rate: float, count: int) -> None:
        """Push at a steady rate whatever the answers take; a push's time runs from the moment it was due."""
        idle = deque([await self.connect() for _ in range(CONNECTIONS)])
        requests = [self.request() for _ in range(count)]
        began = time.perf_counter()
        tasks = []
        for number, request in enumerate(requests):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(self._push_due(idle, request, due)))
        await asyncio.gather(*tasks)

    async def _push_due(self, idle: deque[Connection], request: bytes, due: float) -> None:
        connection = idle.popleft() if idle else await self.connect()
        await connection.send(request)
        self.seconds.append(time.perf_counter() - due)
        if not connection.ends:
            idle.append(connection)


async def run(given: argparse.Namespace) -> dict[str, object]:
    """Run one load to its end."""
    load = Load(port=given.port, path=given.path, leads=given.leads, series=LeadSeries(given.start))
    gc.disable()  # a pause of the measuring process would be told as the measured one's
    began = time.perf_counter()
    if given.mode == "pace":
        await load.pace(rate=given.rate, count=int(given.rate * given.seconds))
    else:
        await load.saturate(until=began + given.seconds, most=given.pushes)
    took = time.perf_counter() - began
    return {"pushes": load.pushes, "took": took, "seconds": load.seconds, "cpu": time.process_time()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=("saturate", "pace"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--leads", type=int, required=True)
    parser.add_argument("--start", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pushes", type=int, default=sys.maxsize)
    parser.add_argument("--rate", type=float, default=50.0)
    sys.stdout.buffer.write(orjson.dumps(uvloop.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
