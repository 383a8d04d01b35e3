"""A disk that is full, for real: it ends no process, no connection is cut, and Redis takes the pushes as ever."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from raw_http import Answer, exchange, request
from receivers import CONFIGURATION, Receiver, running_receiver
from valkeys import OwnValkey, eventually

from hookrouter.domain.process_events import ProcessStopped
from hookrouter.telemetry.log import EventLog

SIZE = "4m"
MOUNTED = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'
OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNTED, "sh", SIZE]
SOURCES = [f"source-{number}" for number in range(95)]
"""So many that their counters are more than a file of counters holds at first."""


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """The data directory of a receiver as a file system of its own, which nobody else sees."""

    receiver: Receiver
    folder: Path

    def fill(self) -> None:
        with (self.folder / "filler").open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        assert os.statvfs(self.folder).f_bavail == 0

    def make_room(self) -> None:
        (self.folder / "filler").unlink()

    def processes(self) -> set[str]:
        return set(Path(f"/proc/{self.receiver.pid}/task/{self.receiver.pid}/children").read_text().split())

    def push(self, lead: int, source: str = SOURCES[0]) -> Answer:
        path = f"/hooks/{source}/token-of-{source}-0123456789"
        return exchange(self.receiver.port, request(b'[{"id": "%d"}]' % lead, path=path))

    def ask(self, path: str) -> Answer:
        return exchange(self.receiver.port, request(method="GET", path=path, length=None, host="localhost"))

    def pushes_counted(self) -> int:
        text = self.ask("/metrics").body.decode()
        return sum(
            int(float(count)) for count in re.findall(r"^hookrouter_pushes_total\{.*\} (\S+)$", text, re.MULTILINE)
        )

    def said(self) -> str:
        return self.receiver.log.read_text()


@pytest.fixture(scope="module")
def own_mounts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that gives what follows a small disk, at the folder that comes first."""
    folder = tmp_path_factory.mktemp("mounted")
    try:
        tried = subprocess.run([*OWN_MOUNTS, str(folder), "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("a small disk needs `unshare` of util-linux")
    if tried.returncode:
        pytest.skip(f"a small disk needs user namespaces, which this system refuses: {tried.stderr.strip()}")
    return OWN_MOUNTS


@pytest.fixture
def disk(own_mounts: list[str], own_valkey: OwnValkey, tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(own_mounts, own_valkey, tmp_path) as made:
        yield made


@contextmanager
def small_disk(own_mounts: list[str], own_valkey: OwnValkey, tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "data"
    folder.mkdir()
    sources = "\n".join(f"    {source}: {{token: token-of-{source}-0123456789}}" for source in SOURCES)
    text = CONFIGURATION.replace("  sources:\n", f"  sources:\n{sources}\n")
    with running_receiver(own_valkey.url, tmp_path, text, within=[*own_mounts, str(folder)], processes=2) as receiver:
        yield SmallDisk(receiver, Path(f"/proc/{receiver.pid}/root{folder}"))


def counters(disk: SmallDisk) -> list[tuple[str, str]]:
    """What the process that answers says of its counters."""
    return [(each["status"], each["observedValue"]) for each in disk.ask("/health").json["checks"]["metrics"]]


IN_MEMORY = ("warn", "in memory, for the disk is full")


def test_with_redis_well_every_push_is_taken_and_none_of_the_processes_dies(disk: SmallDisk) -> None:
    processes = disk.processes()
    disk.fill()

    answers = [disk.push(number, source).status for number, source in enumerate(SOURCES)]

    assert answers == [200] * len(SOURCES)
    assert disk.processes() == processes
    assert disk.ask("/readyz").json == {"ready": True, "mode": "redis", "reasons": ["spool: its disk is full"]}
    eventually(lambda: '"event":"counters.moved","to":"memory"' in disk.said(), "it is said that counts are in memory")
    assert disk.said().count("counters.moved") <= len(processes), "once by each process"
    eventually(
        lambda: IN_MEMORY in counters(disk), "a process whose counts are in memory tells so, if it is the one asked"
    )


def test_a_process_that_starts_on_a_full_disk_takes_pushes(disk: SmallDisk) -> None:
    killed = disk.processes()
    disk.fill()
    for process in killed:
        os.kill(int(process), signal.SIGKILL)
    eventually(lambda: len(disk.processes() - killed) == 2, "others take their place")
    heirs = disk.processes()

    answers = [disk.push(number).status for number in range(10)]

    assert answers == [200] * 10
    assert disk.processes() == heirs
    lines = [json.loads(line) for line in disk.said().splitlines()]
    told = [line["text"] for line in lines if line.get("library") == "gunicorn.error"]
    assert all(any(process in text and "SIGKILL" in text for text in told) for process in killed), told
    assert disk.ask("/metrics").status == 200


def test_without_redis_a_push_is_refused_until_there_is_room_and_then_spooled(
    disk: SmallDisk, own_valkey: OwnValkey
) -> None:
    processes = disk.processes()
    disk.fill()
    own_valkey.kill()

    refused = disk.push(1)

    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    ready = disk.ask("/readyz")
    assert (ready.status, ready.json["mode"]) == (503, "none")
    disk.make_room()
    assert disk.push(1).status == 200
    assert disk.ask("/readyz").json["mode"] == "spool"
    assert disk.processes() == processes


def test_a_spool_that_was_made_before_the_disk_was_full_refuses_and_is_fed_all_the_same(
    disk: SmallDisk, own_valkey: OwnValkey
) -> None:
    own_valkey.kill()
    assert disk.push(1).status == 200
    disk.fill()

    statuses = {disk.push(number).status for number in range(2, 200)}

    assert 503 in statuses
    assert statuses <= {200, 503}, "what there is room for is spooled"
    disk.make_room()
    heir = OwnValkey.start(own_valkey.folder, port=own_valkey.port)
    eventually(lambda: disk.ask("/readyz").json == {"ready": True, "mode": "redis", "reasons": []}, "the spool is fed")
    heir.kill()


@pytest.mark.timeout(180)
def test_once_there_is_room_again_every_push_is_counted_for_all_to_see(disk: SmallDisk) -> None:
    disk.fill()
    for number, source in enumerate(SOURCES):
        disk.push(number, source)
    eventually(lambda: "counters.moved" in disk.said(), "it is said that counts are in memory")
    disk.make_room()
    pushed = len(SOURCES)

    def all_are_counted() -> bool:
        nonlocal pushed
        pushed += 1
        assert disk.push(pushed).status == 200
        return disk.pushes_counted() == pushed

    eventually(all_are_counted, "the counters return to the disk")
    left = disk.said().count('"counters.moved","to":"memory"')
    eventually(lambda: left == disk.said().count('"counters.moved","to":"disk"'), "it is said that they are back")


def test_a_log_on_a_full_disk_loses_its_lines_and_nothing_else() -> None:
    stream = Path("/dev/full").open("w")  # noqa: SIM115 - closed below, which fails
    log = EventLog("info", "json", stream)

    for _ in range(10_000):
        log.report(ProcessStopped(role="web"))
    log.flush()

    with suppress(OSError):
        stream.close()
