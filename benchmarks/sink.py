"""A sink in a process of its own: an HTTP server so light that it is not what is measured.

    python -m benchmarks.sink --port PORT

POST anything: 204 after the delay; POST /silent: no answer ever, and it does not count. GET /figures: what came so far.
POST /reset?MILLISECONDS: begin anew with a delay. POST /refuse?COUNT: refuse so many of those that come next.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

import orjson
import uvloop

HEAD_END = b"\r\n\r\n"
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = b"HTTP/1.1 422 Unprocessable Content\r\ncontent-length: 0\r\n\r\n"
SILENT = b"/silent"


@dataclass(slots=True)
class Takings:
    """What came since the last reset."""

    delay: float = 0.0
    refusing: int = 0
    posts: int = 0
    names: set[bytes] = field(default_factory=set)
    first: float = 0.0
    last: float = 0.0

    def take(self, head: bytes) -> None:
        """Count one delivery; a repeated `webhook-id` is a repeat."""
        now = time.monotonic()
        self.posts += 1
        name = header(head, b"webhook-id")
        if name not in self.names:
            self.names.add(name)
            self.first = self.first or now
            self.last = now

    def figures(self) -> bytes:
        """As the measuring process asks for them; moments are of the machine's monotonic clock."""
        return orjson.dumps({"posts": self.posts, "distinct": len(self.names), "first": self.first, "last": self.last})


@dataclass(slots=True)
class Sink:
    """What all connections share."""

    takings: Takings = field(default_factory=Takings)


class SinkConnection(asyncio.Protocol):
    """One kept connection; requests come one after the other."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._transport: asyncio.Transport | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        while True:
            end = self._received.find(HEAD_END)
            if end < 0:
                return
            head = self._received[:end]
            whole = end + len(HEAD_END) + int(header(head, b"content-length") or 0)
            if len(self._received) < whole:
                return
            self._received = self._received[whole:]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        method, target, _ = head.split(b" ", 2)
        if method == b"GET":
            figures = self._sink.takings.figures()
            self._write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(figures), figures))
        elif target.startswith(b"/reset"):
            self._sink.takings = Takings(delay=int(target.partition(b"?")[2] or 0) / 1000)
            self._write(TAKEN)
        elif target.startswith(b"/refuse"):
            self._sink.takings.refusing = int(target.partition(b"?")[2])
            self._write(TAKEN)
        elif target != SILENT and self._sink.takings.refusing:
            self._sink.takings.refusing -= 1
            self._write(REFUSED)
        elif target != SILENT:
            self._sink.takings.take(head)
            if delay := self._sink.takings.delay:
                asyncio.get_running_loop().call_later(delay, self._write, TAKEN)
            else:
                self._write(TAKEN)

    def _write(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(answer)


def header(head: bytes, name: bytes) -> bytes:
    """The value of a header, or nothing."""
    lowered = head.lower()
    start = lowered.find(b"\r\n" + name + b":")
    if start < 0:
        return b""
    start += len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip()


async def serve(port: int) -> None:
    """Serve until killed."""
    sink = Sink()
    server = await asyncio.get_running_loop().create_server(lambda: SinkConnection(sink), "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
