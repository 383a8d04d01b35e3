"""A real server for the tests, its keys apart for each test, in an environment that says nothing of hookrouter."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from compiling import compile_all
from handing_out import SharersTogether
from hypothesis import settings
from ports import free_ports
from valkeys import SOUND, OwnValkey, server_binary

from hookrouter.config.settings import VARIABLES
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import EntryId
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Answer, Dead, Reason
from hookrouter.domain.schedule import Bury
from hookrouter.ports.outbox import Attempt, Attempted, OutboxEntry
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import take_lease
from hookrouter.store.outbox import RedisOutbox
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard
from hookrouter.supervise.children import LEASH
from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.telemetry.observer import NoObserver
from hookrouter.testing.builders import RECEIVED_AT
from hookrouter.wire.kept.records import write_delivery

START_SECONDS = 20
SOCKET = "socket"
TRIES = 3  # a free port may be taken by another before the server has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    """A running server without a password."""

    port: int
    pid: int
    socket: Path

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """No variable of ours, no colour, and no deafness to Ctrl-C, as jobs in the background have it, reaches a test."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ours = {name for variable in VARIABLES for name in variable.names}
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name in ours or name.startswith("HOOKROUTER_") or name in {"FORCE_COLOR", "NO_COLOR", "COLUMNS"}:
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """One server for all tests of this process; it keeps nothing on disk and dies with the process."""
    folder = tmp_path_factory.mktemp("valkey")
    for _ in range(TRIES):
        process, port = _start(folder)
        if _answers(process, port):
            break
    else:
        pytest.fail(f"the server does not start: {(folder / 'log').read_text()}")
    yield Valkey(port=port, pid=process.pid, socket=folder / SOCKET)
    process.terminate()
    process.wait(START_SECONDS)


@pytest.fixture
def keys() -> Keys:
    """The keys under a prefix that no other test has."""
    return Keys(f"t{uuid4().hex[:12]}")


@pytest.fixture
def server(valkey: Valkey) -> Iterator[RedisServer]:
    """The product's connection to the server."""
    connected = RedisServer(valkey.url)
    yield connected
    connected.client.close()


@pytest.fixture
async def async_server(valkey: Valkey) -> AsyncIterator[AsyncRedisServer]:
    """The connection to the server that drains have."""
    connected = AsyncRedisServer(valkey.url)
    yield connected
    await connected.close()


@pytest.fixture
def bury(valkey: Valkey, keys: Keys) -> Callable[..., Delivery]:
    """Lets a delivery die of one attempt, as a drain would."""

    async def let_die(delivery: Delivery, at: datetime, reason: Reason) -> Delivery:
        server = AsyncRedisServer(valkey.url)
        lease = await take_lease(server, keys, keys.outbox(delivery.sink), "drain")
        assert lease is not None
        outbox = RedisOutbox(
            lease=lease,
            keys=keys,
            layouts=Layouts(keys, 4),
            shard=Shard(keys, delivery.sink),
            order=Order.NONE,
            keep_dead=timedelta(days=30),
            observer=NoObserver(),
        )
        tried = delivery.with_attempt(at)
        await server.call("XADD", lease.stream, "1-1", "r", write_delivery(delivery))
        outcome = Dead(reason=reason, answer=Answer(status=404, text="no such lead"))
        attempt = Attempt(at=at, seconds=0.1, outcome=outcome)
        entry = OutboxEntry(id=EntryId("1-1"), delivery=delivery)
        dead = Attempted(entry=entry, delivery=tried, attempt=attempt, step=Bury(reason=reason))
        assert await outbox.settle([dead])
        await outbox.release()
        await server.call("DEL", lease.stream)  # with it the last entry's id, which would forbid the next 1-1
        await server.close()
        return tried

    def let_one_die(delivery: Delivery, *, at: datetime = RECEIVED_AT, reason: Reason = Reason.REFUSED) -> Delivery:
        return asyncio.run(let_die(delivery, at, reason))

    return let_one_die


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    """A server that the test may stop, change and kill."""
    made = OwnValkey.start(tmp_path / "valkey")
    yield made
    made.kill()


@pytest.fixture
def primary(tmp_path: Path) -> Iterator[OwnValkey]:
    """A server of the test's own that flushes what it writes, to be the primary of a replica."""
    made = OwnValkey.start(tmp_path / "primary", *SOUND, "--repl-diskless-sync-delay", "0")
    yield made
    made.kill()


@pytest.fixture
def replica(primary: OwnValkey, tmp_path: Path) -> Iterator[OwnValkey]:
    """Its replica, in step when the test begins."""
    made = primary.replica(tmp_path / "replica")
    yield made
    made.kill()


def pytest_configure(config: pytest.Config) -> None:
    """Let the hundreds of processes that tests start keep what they compile: a third of the suite's time otherwise."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    settings.register_profile("patient", deadline=None)  # how long an example takes is the machine's affair
    settings.load_profile("patient")
    if not hasattr(config, "workerinput"):
        compile_all(config)


def pytest_collection_finish() -> None:
    """Leave thousands of collected tests alone from now on: a look at them all kept the code under test waiting."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two tests at once for each core, five of the long ones for two: most of those wait more than they reckon."""
    return len(os.sched_getaffinity(0)) * (5 if _wants_long(config) else 4) // 2


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files without a long test alone where only those are wanted: each worker imports what it collects."""
    if not _wants_long(config):
        return None
    files = [collection_path] if collection_path.suffix == ".py" else collection_path.rglob("test_*.py")
    return None if any("mark.long" in file.read_text() for file in files) else True


def _wants_long(config: pytest.Config) -> bool:
    return bool(config.getoption("markexpr") == "long")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> SharersTogether:
    """Take it in place of xdist's own."""
    return SharersTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that are given the most time, so that the others run beside them and none is left over."""
    items.sort(key=lambda item: -max((mark.args[0] for mark in item.iter_markers("timeout")), default=0.0))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures that tests recorded, whether or not they passed."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    for report in reports:
        for name, value in getattr(report, "user_properties", []):
            if name == "figures" and report.when == "call":
                terminalreporter.write_line(str(value))


def _start(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    [port] = free_ports(1)
    leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), "--"]
    options = ["--bind", LOOPBACK, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    options += ["--unixsocket", str(folder / SOCKET)]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [*leash, server_binary(), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return process, port


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether this very server answers on the port; another's would give another process id."""
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis(host=LOOPBACK, port=port) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                return bool(client.info("server")["process_id"] == process.pid)
            except redis.RedisError:
                time.sleep(0.01)
    return False
