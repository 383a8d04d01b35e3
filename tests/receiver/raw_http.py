"""Requests written byte for byte, for those that no HTTP library would send."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hookrouter.supervise.free_port import LOOPBACK

PATIENCE = 20.0
TOKEN = "receiver-test-token-0123456789"
HOOK = f"/hooks/crm/{TOKEN}"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; status 0 is a connection that was closed without one."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def request(
    body: bytes = b"",
    *,
    method: str = "POST",
    path: str = HOOK,
    headers: Iterable[str] = (),
    length: str | None = "",
    version: str = "HTTP/1.1",
    host: str = "hooks.example.com",
) -> bytes:
    """A request; `length` None leaves Content-Length out, another text takes its place."""
    lines = [f"{method} {path} {version}", f"Host: {host}", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length or len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", headers: Iterable[str] = ()) -> bytes:
    """A request whose body comes in chunks."""
    parts = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return request(headers=["Transfer-Encoding: chunked", *headers], length=None) + parts + end


def exchange(port: int, sent: bytes, *, then_close: bool = True) -> Answer:
    """Send bytes, by default with nothing more to come, and read one answer."""
    with socket.create_connection((LOOPBACK, port), timeout=PATIENCE) as connection:
        try:
            connection.sendall(sent)
            if then_close:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was refused before all of it was sent
        return read_answer(connection)


def read_answer(connection: socket.socket) -> Answer:
    """The final answer on a connection."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
            if (answer := _whole(received)) is not None:
                return answer
    except ConnectionResetError:
        pass
    return _whole(received) or Answer(0, {}, received)


def _whole(received: bytes) -> Answer | None:
    head, end, rest = received.partition(b"\r\n\r\n")
    if not end:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    status = int(first.split()[1])
    if status < 200:
        return _whole(rest)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", "0"))
    return Answer(status, headers, rest[:length]) if len(rest) >= length else None
