"""What the processes say of the Redis that they are given, and which they refuse."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_support import CONFIGURATION, PATIENCE, Shell
from ports import free_ports
from sentinels import OwnSentinel
from valkeys import SOUND, OwnValkey, eventually

from hookrouter.supervise.free_port import LOOPBACK

PROCESSES = ("serve", "worker", "scheduler")
StartValkey = Callable[..., OwnValkey]


@pytest.fixture
def start_valkey(tmp_path: Path) -> Iterator[StartValkey]:
    made: list[OwnValkey] = []

    def start(*options: str, port: int | None = None) -> OwnValkey:
        made.append(OwnValkey.start(tmp_path / f"valkey{len(made)}", *options, port=port))
        return made[-1]

    yield start
    for each in made:
        each.kill()


@pytest.fixture
def shell_of(tmp_path: Path) -> Callable[..., Shell]:
    def make(url: str, durability: str = "fsync") -> Shell:
        shell = Shell(folder=tmp_path)
        shell.configure(CONFIGURATION.replace("receiver:\n", f"receiver:\n  durability: {durability}\n"))
        shell.environment = {"HOOKROUTER_REDIS_URL": url, "PORT": str(free_ports(1)[0]), "HOST": LOOPBACK}
        return shell

    return make


def lines_until(shell: Shell, process: str, event: str) -> list[dict[str, Any]]:
    """What a process says until an event of this name is among it; it is ended then."""
    log = shell.folder / f"{process}.log"
    with log.open("wb") as output:
        running = shell.start_warm(process, output=output.fileno())

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]

    try:
        eventually(lambda: event in {line["event"] for line in lines()}, f"{process} says {event}: {log.read_text()}")
        return lines()
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(PATIENCE)


def redis_part(shell: Shell) -> dict[str, Any]:
    [part] = [part for part in shell.run("status", "--json").json["parts"] if part["name"] == "redis"]
    return dict(part)


@pytest.mark.parametrize("process", [*PROCESSES, "up"])
def test_a_server_that_evicts_is_refused_in_one_line(
    start_valkey: StartValkey, shell_of: Callable[..., Shell], process: str
) -> None:
    valkey = start_valkey(*SOUND[:4], "--maxmemory-policy", "allkeys-lru")

    ended = shell_of(valkey.url).run(process)

    assert ended.code == 2
    assert ended.err == (
        "Valkey drops keys, and leads with them, when it is full (maxmemory-policy allkeys-lru): "
        "set maxmemory-policy noeviction\n"
    )


def test_a_cluster_is_refused_in_one_line(start_valkey: StartValkey, shell_of: Callable[..., Shell]) -> None:
    ended = shell_of(start_valkey(*SOUND, "--cluster-enabled", "yes").url).run("scheduler")

    assert ended.code == 2
    assert ended.err == "Valkey is a cluster, whose scripts reach one slot only: give hookrouter one primary\n"


def test_a_sentinel_in_the_place_of_its_server_is_refused_in_one_line(
    start_valkey: StartValkey, shell_of: Callable[..., Shell], tmp_path: Path
) -> None:
    sentinel = OwnSentinel.start(tmp_path / "sentinel", start_valkey(*SOUND))

    ended = shell_of(f"redis://{sentinel.place}/0").run("scheduler")

    sentinel.kill()
    assert ended.code == 2
    assert ended.err == (
        "a Sentinel answers there and keeps nothing: write redis+sentinel://HOST:PORT,HOST:PORT/NAME/0\n"
    )


@pytest.mark.parametrize("process", PROCESSES)
def test_a_sound_server_is_found_and_nothing_else_said(
    start_valkey: StartValkey, shell_of: Callable[..., Shell], process: str
) -> None:
    said = lines_until(shell_of(start_valkey(*SOUND).url), process, "redis.found")

    [found] = [line for line in said if line["event"] == "redis.found"]
    assert (found["product"], found["asked"], found["found"]) == ("Valkey", "fsync", "fsync")
    assert not [line for line in said if line["event"] == "redis.doubtful"]


@pytest.mark.parametrize(
    ("options", "durability", "expected"),
    [
        (("--appendonly", "no"), "fsync", ("append-only", "memory")),
        (("--appendonly", "yes", "--appendfsync", "everysec"), "fsync", ("appendfsync", "everysec")),
        (("--appendonly", "yes", "--appendfsync", "no"), "everysec", ("appendfsync", "memory")),
        ((*SOUND, "--no-appendfsync-on-rewrite", "yes"), "fsync", ("rewrites", "fsync")),
        (SOUND, "replicated", ("replicas", "fsync")),
        ((*SOUND, "--replicaof", f"{LOOPBACK} 1"), "fsync", ("replica", "fsync")),
    ],
)
def test_a_server_weaker_than_what_is_asked_is_doubted_at_start_and_in_status(
    start_valkey: StartValkey,
    shell_of: Callable[..., Shell],
    options: tuple[str, ...],
    durability: str,
    expected: tuple[str, str],
) -> None:
    finding, found = expected
    shell = shell_of(start_valkey(*options).url, durability)

    said = lines_until(shell, "scheduler", "redis.doubtful")

    assert [line["finding"] for line in said if line["event"] == "redis.doubtful"] == [finding]
    assert {line["found"] for line in said if line["event"] == "redis.found"} == {found}
    part = redis_part(shell)
    if finding != "replica":  # which takes no writes: it counts as away
        assert part["status"] == "warn"
        assert part["value"].startswith(f"durability {found}")
        assert part["advice"]


def test_memory_that_is_nearly_full_is_told(start_valkey: StartValkey, shell_of: Callable[..., Shell]) -> None:
    valkey = start_valkey(*SOUND)
    valkey.call("CONFIG", "SET", "maxmemory", int(valkey.info()["used_memory"] * 1.05))

    assert "% of its maxmemory" in redis_part(shell_of(valkey.url))["advice"]


def test_settings_that_may_not_be_read_are_named_and_can_be_vouched_for(
    start_valkey: StartValkey, shell_of: Callable[..., Shell]
) -> None:
    valkey = start_valkey(*SOUND)
    valkey.call("ACL", "SETUSER", "app", "on", ">a-password", "~*", "&*", "+@all", "-config")
    shell = shell_of(f"redis://app:a-password@{LOOPBACK}:{valkey.port}/0")

    unchecked = redis_part(shell)
    shell.environment["HOOKROUTER_REDIS_DURABILITY"] = "fsync"
    vouched = redis_part(shell)

    assert (unchecked["status"], unchecked["value"]) == ("warn", "durability unknown, fsync is asked")
    assert "does not tell its appendfsync:" in unchecked["advice"]
    assert (vouched["status"], vouched["value"]) == ("pass", "durability fsync, as asked")


def test_a_receiver_starts_without_redis_and_checks_it_when_it_comes(
    start_valkey: StartValkey, shell_of: Callable[..., Shell]
) -> None:
    [port] = free_ports(1)
    shell = shell_of(f"redis://{LOOPBACK}:{port}/0")
    log = shell.folder / "log"
    with log.open("wb") as output:
        running = shell.start_warm("serve", output=output.fileno())
    eventually(lambda: "neighbour.failed" in log.read_text(), "the receiver misses Redis")

    start_valkey(*SOUND[:4], "--maxmemory-policy", "volatile-ttl", port=port)

    eventually(lambda: "redis.unfit" in log.read_text(), "it is told when it comes")
    assert running.poll() is None
    running.terminate()
    running.wait(PATIENCE)
    assert shell.run("status").code == 1


def test_the_embedded_server_cannot_replicate(shell: Shell) -> None:
    shell.configure(CONFIGURATION.replace("receiver:\n", "receiver:\n  durability: replicated\n"))

    ended = shell.run("up")

    assert ended.code == 2
    assert ended.err == ("durability is replicated, but the embedded server has no replica: set HOOKROUTER_REDIS_URL\n")
