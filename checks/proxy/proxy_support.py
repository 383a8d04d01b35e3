"""The shipped nginx.conf made to run here: unprivileged, on a free port, with its files in a folder of the test."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "deploy" / "nginx" / "nginx.conf"
NAME = "hooks.example.com"
TOKEN = "proxy-test-token-0123456789"
HOOK = f"/hooks/crm/{TOKEN}"
ALLOWED, ELSEWHERE = "127.0.0.2", "127.0.0.3"
PATIENCE = 20.0
START_SECONDS = 30.0
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A running nginx, and the receiver behind it."""

    port: int
    trust: ssl.SSLContext
    folder: Path

    def connect(self, *, caller: str = ALLOWED, name: str = NAME) -> ssl.SSLSocket:
        """A connection as the internet makes it, from an address of this machine."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE, source_address=(caller, 0))
        return self.trust.wrap_socket(plain, server_hostname=name)

    def logs(self) -> str:
        """All that nginx and the receiver wrote."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


def as_it_runs_here(folder: Path, port: int, receiver: int) -> Path:
    """The shipped configuration with other files and ports, and nothing else changed."""
    text = SHIPPED.read_text(encoding="utf-8")
    temporary = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in TEMPORARY)
    for shipped, here in (
        ("user www-data;\n", "daemon off;\nuser root;\n" if os.geteuid() == 0 else "daemon off;\n"),
        ("http {\n", f"http {{\n{temporary}"),
        ("/run/nginx.pid", f"{folder}/nginx.pid"),
        ("/var/log/nginx", str(folder)),
        ("/etc/nginx", str(folder)),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("127.0.0.1:8080", f"127.0.0.1:{receiver}"),
    ):
        assert shipped in text, shipped
        text = text.replace(shipped, here)
    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def running(folder: Path, environment: dict[str, str], *commands: list[str]) -> Iterator[None]:
    """Processes that live as long as the block runs, the last started ended first."""
    with ExitStack() as stack:
        output = stack.enter_context((folder / "start.log").open("ab"))
        for command in commands:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
            stack.callback(process.wait, PATIENCE)
            stack.callback(process.terminate)
        yield


def await_answer(front: Front, path: str, status: int) -> None:
    """Ask until it is answered so."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if exchange(front, request(path, method="GET"))[0] == status:
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"it does not start: {(front.folder / 'start.log').read_text()}")


def exchange(front: Front, sent: bytes, *, caller: str = ALLOWED) -> tuple[int, dict[str, str], bytes]:
    """Send bytes and read one answer."""
    with front.connect(caller=caller) as connection:
        with suppress(OSError):  # it may be refused before all of it is sent
            connection.sendall(sent)
        answer = HTTPResponse(connection)
        answer.begin()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def request(
    path: str = HOOK, body: bytes = b"", *headers: str, method: str = "POST", length: int | None = None
) -> bytes:
    """A request, byte for byte; `length` is what it says of its body, true or not."""
    size = len(body) if length is None else length
    lines = [f"{method} {path} HTTP/1.1", f"Host: {NAME}", f"Content-Length: {size}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
