"""The servers that are measured: each stack as its real processes, on a Valkey that flushes every write to disk."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import redis

from benchmarks.children import PAUSE, Child
from hookrouter.supervise.embedded import EmbeddedServer
from hookrouter.supervise.free_port import LOOPBACK, free_ports

TOKEN = "benchmark-token-0123456789"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUSH_PATH = f"/hooks/crm/{TOKEN}"
PROCESSES = 2
"""Receiver processes, for every receiver alike: the product's default."""
SINK_WITHIN = 5.0

USUAL, SIGNED = "hookrouter.yaml", "signed.yaml"
CONFIGURATION = """\
version: 1
receiver: {{sources: {{crm: {{token: {token}}}}}}}
egress: {{allow: [127.0.0.0/8]}}
sinks:
  sink: {{type: http, url: "{url}"{signing}}}
routes:
  - {{name: every, to: [sink]}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where all processes of a run live."""

    folder: Path
    server: EmbeddedServer
    valkey: Child
    sink_process: Child
    store: redis.Redis = field(repr=False)
    sink: Sink
    configuration: str = USUAL

    def environment(self, port: int) -> dict[str, str]:
        """What our processes are told."""
        return {
            "HOOKROUTER_CONFIG": str(self.folder / self.configuration),
            "HOOKROUTER_REDIS_URL": self.server.url,
            "HOOKROUTER_DATA_DIR": str(self.folder / "hookrouter"),
            "HOST": LOOPBACK,
            "PORT": str(port),
            "WEB_CONCURRENCY": str(PROCESSES),
        }

    def child(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        """Start one process, its output in the folder."""
        return Child([sys.executable, *command], environment, self.folder / f"{name}.log")

    def forget(self) -> None:
        """Empty the store, so that no run pays for the one before."""
        self.store.flushall()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """The sink as the measuring process sees it."""

    port: int

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/leads"

    def reset(self, milliseconds: int = 0) -> None:
        """Forget what came; answer after this delay from now on."""
        call(self.port, "POST", f"/reset?{milliseconds}")

    def refuse(self, count: int) -> None:
        """Refuse so many of those that come next; they do not count."""
        call(self.port, "POST", f"/refuse?{count}")

    def figures(self) -> dict[str, float]:
        """posts, distinct, first, last."""
        found: dict[str, float] = orjson.loads(call(self.port, "GET", "/figures"))
        return found

    def await_leads(self, leads: int, *, within: float) -> dict[str, float]:
        """Wait until so many different leads came; fewer end the run, for a lost lead has no rate."""
        deadline = time.monotonic() + within
        while (figures := self.figures())["distinct"] < leads:
            if time.monotonic() > deadline:
                raise SystemExit(f"only {figures['distinct']} of {leads} leads came within {within:.0f} seconds")
            time.sleep(PAUSE)
        return figures


@contextmanager
def open_stage(folder: Path) -> Iterator[Stage]:
    """Start the store and the sink."""
    server = EmbeddedServer.prepare(folder / "store")
    [sink_port] = free_ports(1)
    sink = Sink(port=sink_port)
    for name, signing in ((USUAL, ""), (SIGNED, f", signing_secret: {SECRET}")):
        text = CONFIGURATION.format(token=TOKEN, url=sink.url, signing=signing)
        (folder / name).write_text(text, encoding="utf-8")
    sink_command = [sys.executable, "-m", "benchmarks.sink", "--port", str(sink_port)]
    with (
        Child(server.command(), {}, folder / "valkey.log") as valkey,
        Child(sink_command, {}, folder / "sink.log") as sink_child,
        redis.Redis.from_url(server.url) as store,
    ):
        valkey.await_ready(server.answers)
        sink_child.await_ready(lambda: answers(sink_port, "/figures"))
        _insist_on_durability(store)
        yield Stage(folder=folder, server=server, valkey=valkey, sink_process=sink_child, store=store, sink=sink)


@contextmanager
def our_receiver(stage: Stage) -> Iterator[tuple[Child, int]]:
    """hookrouter's receiver, with the port it listens on."""
    [port] = free_ports(1)
    with stage.child("receiver", ["-m", "hookrouter.web"], stage.environment(port)) as child:
        yield child.await_ready(lambda: answers(port, "/healthz")), port


@contextmanager
def our_worker(stage: Stage) -> Iterator[Child]:
    """One worker of hookrouter, with the scheduler."""
    with (
        stage.child("scheduler", ["-m", "workers", "scheduler"], stage.environment(1)),
        stage.child("worker", ["-m", "workers", "worker"], stage.environment(1)) as worker,
    ):
        yield worker


@contextmanager
def bare_receiver(stage: Stage) -> Iterator[tuple[Child, int]]:
    """A Flask endpoint that only reads the body, under the same gunicorn."""
    [port] = free_ports(1)
    with stage.child("bare", ["-m", "benchmarks.bare_flask"], stage.environment(port)) as child:
        yield child.await_ready(lambda: answers(port, "/healthz")), port


@contextmanager
def textbook_receiver(stage: Stage) -> Iterator[tuple[Child, int]]:
    """The textbook's Flask application under gunicorn as it comes."""
    [port] = free_ports(1)
    command = ["-m", "gunicorn", "--workers", str(PROCESSES), "--bind", f"{LOOPBACK}:{port}", "--keep-alive", "75"]
    command += ["--no-control-socket", "benchmarks.textbook.app:app"]
    with stage.child("textbook", command, _textbook_environment(stage)) as child:
        yield child.await_ready(lambda: answers(port, "/healthz")), port


@contextmanager
def textbook_worker(stage: Stage) -> Iterator[Child]:
    """RQ's own worker, which forks for each job."""
    with stage.child("rq", ["-m", "benchmarks.textbook.worker"], _textbook_environment(stage)) as child:
        yield child


def _textbook_environment(stage: Stage) -> dict[str, str]:
    return {"TEXTBOOK_REDIS_URL": stage.server.url, "TEXTBOOK_SINK_URL": stage.sink.url}


def _insist_on_durability(store: redis.Redis) -> None:
    found = {**store.config_get("appendonly"), **store.config_get("appendfsync")}
    if found != {"appendonly": "yes", "appendfsync": "always"}:
        raise SystemExit(f"the store does not flush every write: {found}")


def call(port: int, method: str, path: str) -> bytes:
    """One request to a local server."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=SINK_WITHIN)
    try:
        connection.request(method, path)
        return connection.getresponse().read()
    finally:
        connection.close()


def answers(port: int, path: str) -> bool:
    """Whether a server is up."""
    try:
        call(port, "GET", path)
    except OSError:
        return False
    return True
