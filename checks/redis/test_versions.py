"""What the store promises holds on each version of Redis and Valkey that can be had, and processes work with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TESTS
from valkeys import SOUND, OwnValkey

from hookrouter.clock import SystemClock
from hookrouter.domain.durability import Asked
from hookrouter.domain.preflight import judge
from hookrouter.store.inspection import RedisInspection
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

PROMISES = "accepting", "outbox", "leases", "deliveries", "hydrating", "forgetting", "sentinels", "demotions", "rights"
"""Tests of the store: pushes are accepted, drained, delivered, forgotten; replicas, Sentinels and failovers; rights."""
PROCESSES = TESTS / "cli" / "test_least_user.py"
"""Receiver, worker, scheduler and commands, as the user with the least rights, over a replica."""
SMOOTH = (7, 0)


@pytest.mark.timeout(180)
def test_it_keeps_what_the_store_promises(binary: Path) -> None:
    run(binary, *(TESTS / "store" / f"test_{name}.py" for name in PROMISES))


@pytest.mark.timeout(180)
def test_processes_work_with_it(oldest_or_newest: Path) -> None:
    run(oldest_or_newest, PROCESSES)


def run(binary: Path, *files: Path) -> None:
    """Run tests with a server."""
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", *map(str, files)],
        cwd=TESTS.parent,
        env={**os.environ, "REDIS_SERVER": str(binary)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-5000:]


def test_it_is_found_sound_but_for_its_age(
    binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("REDIS_SERVER", str(binary))
    started = OwnValkey.start(tmp_path / "server", *SOUND)
    server = RedisServer(started.url)

    facts = RedisInspection(server=server, keys=Keys("hr"), clock=SystemClock()).facts()

    server.client.close()
    started.kill()
    assert facts.version is not None
    record_property("figures", f"{facts.product} {'.'.join(map(str, facts.version))}")
    expected = ["version"] if facts.product == "Redis" and facts.version < SMOOTH else []
    assert [finding.name for finding in judge(facts, Asked())] == expected
