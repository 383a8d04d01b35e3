"""The unit files, judged by systemd, and run as it runs them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from deploy_support import (
    BINARIES,
    CONFIGURATION,
    HOOK,
    PATIENCE,
    TOKEN,
    UNITS,
    answer,
    environment_of,
    eventually,
    running,
    unit,
)

from hookrouter.supervise.up import PROCESS_GRACE, PROCESSES, SERVER_GRACE
from hookrouter.web.server import GRACE
from workers.leaving import LEAVE_WITHIN

RECEIVER, WORKER, SCHEDULER, ALL = (
    "hookrouter-receiver.service",
    "hookrouter-worker@.service",
    "hookrouter-scheduler.service",
    "hookrouter.service",
)
SERVICES = (RECEIVER, WORKER, SCHEDULER, ALL)
KINDS = {".service", ".socket", ".target"}
MARGIN = 5
"""Seconds between the longest end of a process and the moment when it is killed."""
EXPOSED = "15"
"""Tenths that `systemd-analyze security` may find: from 0, shut in, to 100, free."""
ONE_S_OWN = {"Environment", "ExecStart", "MemoryMax", "TasksMax", "LimitNOFILE", "TimeoutStopSec", "SystemCallFilter"}


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units where systemd finds them, their commands being those of this installation."""
    for path in UNITS.glob("*.*"):
        if path.is_file():
            text = path.read_text("utf-8").replace("/opt/hookrouter/bin", str(BINARIES))
            (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


def analyze(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    found = os.environ.get("SYSTEMD_ANALYZE") or shutil.which("systemd-analyze")
    assert found, "no systemd-analyze: apt-get install systemd, or name one in the variable SYSTEMD_ANALYZE"
    root = Path(found).parents[2] / "lib" / "systemd" / "system"
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:{root}:"}
    return subprocess.run([found, *arguments], env=environment, cwd=folder, capture_output=True, text=True, check=False)


def test_systemd_finds_no_fault_in_them(installed: Path) -> None:
    units = [f"./{path.name.replace('@.', '@1.')}" for path in installed.iterdir() if path.suffix in KINDS]
    assert len(units) == len(SERVICES) + 2

    found = analyze(installed, "verify", "--man=no", "--recursive-errors=yes", *units)

    assert (found.returncode, found.stderr) == (0, "")
    (installed / RECEIVER).write_text((installed / RECEIVER).read_text().replace("KillMode=mixed", "KillMode=mxed"))
    assert "kill mode" in analyze(installed, "verify", "--man=no", f"./{RECEIVER}").stderr  # it would have told


@pytest.mark.parametrize("name", SERVICES)
def test_they_are_shut_in(installed: Path, name: str) -> None:
    found = analyze(installed, "security", "--offline=true", "--no-pager", f"--threshold={EXPOSED}", name)

    assert found.returncode == 0, found.stdout


def test_a_drop_in_for_more_secrets_is_all_units_one(installed: Path) -> None:
    folder = installed / "hookrouter-.service.d"
    folder.mkdir()
    shutil.copy(installed / "secrets.conf.example", folder / "secrets.conf")
    for name in (RECEIVER, WORKER, SCHEDULER):
        assert analyze(installed, "verify", "--man=no", f"./{name.replace('@.', '@1.')}").stderr == ""

    (folder / "secrets.conf").write_text("[Service]\nNoSuch=1\n", encoding="utf-8")

    for name in (RECEIVER, WORKER, SCHEDULER):
        assert "NoSuch" in analyze(installed, "verify", "--man=no", f"./{name.replace('@.', '@1.')}").stderr


def test_what_shuts_them_in_is_the_same_in_all() -> None:
    shared = [{key: value for key, value in unit(name)["Service"].items() if key not in ONE_S_OWN} for name in SERVICES]

    assert all(each == shared[0] for each in shared)
    assert {"ProtectSystem", "CapabilityBoundingSet", "MemoryDenyWriteExecute", "LoadCredential"} <= shared[0].keys()


@pytest.mark.parametrize(
    ("name", "longest"),
    [
        (RECEIVER, GRACE),
        (WORKER, LEAVE_WITHIN),
        (SCHEDULER, LEAVE_WITHIN),
        (ALL, len(PROCESSES) * PROCESS_GRACE + SERVER_GRACE),
    ],
)
def test_each_is_given_the_time_that_it_takes_to_end(name: str, longest: float) -> None:
    service = unit(name)["Service"]

    assert service["KillMode"] == ["mixed"]
    assert int(service["TimeoutStopSec"][0]) >= longest + MARGIN
    assert service["Restart"] == ["always"]


def test_pushes_that_come_while_the_receiver_is_started_anew_wait_at_its_socket(tmp_path: Path) -> None:
    environment = as_the_unit_says(tmp_path)
    log = tmp_path / "receiver.log"
    answers: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        port = listener.getsockname()[1]
        with running(handed(listener), environment, log, pass_fds=(listener.fileno(),)) as receiver:
            eventually(log, "process.started")
            first = answer(port, HOOK, b'[{"id": "1"}]')
            receiver.send_signal(signal.SIGTERM)
            assert receiver.wait(PATIENCE) == 0
        meanwhile = threading.Thread(target=lambda: answers.append(answer(port, HOOK, b'[{"id": "2"}]')))
        meanwhile.start()
        with running(handed(listener), environment, log, pass_fds=(listener.fileno(),)):
            meanwhile.join(PATIENCE)

    assert b'"accepted":1' in first
    assert [b'"accepted":1' in each for each in answers] == [True]


def as_the_unit_says(folder: Path) -> dict[str, str]:
    """The environment of the receiver's unit, with its files in a folder, and no Redis: it keeps pushes on its disk."""
    credentials = folder / "credentials"
    credentials.mkdir()
    for name in unit(RECEIVER)["Service"]["Environment"]:
        if "_FILE=%d/" in name:
            (credentials / name.rpartition("/")[2]).write_text(f"{TOKEN}\n", encoding="utf-8")
    (credentials / "secret_HOOKROUTER_REDIS_URL").write_text("redis://127.0.0.1:1/0\n", encoding="utf-8")
    (folder / "hookrouter.yaml").write_text(CONFIGURATION, encoding="utf-8")
    here = {"HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"), "HOOKROUTER_DATA_DIR": str(folder / "data")}
    return {**os.environ, "WEB_CONCURRENCY": "1", **environment_of(RECEIVER, credentials), **here}


def handed(listener: socket.socket) -> list[str]:
    """The unit's command, given a socket by sd_listen_fds(3): as descriptor 3, under its own process id."""
    (command,) = unit(RECEIVER)["Service"]["ExecStart"]
    ours = command.replace("/opt/hookrouter/bin", str(BINARIES))
    hand_over = (
        f"import os, sys; os.dup2({listener.fileno()}, 3, inheritable=True); os.environ.update(LISTEN_FDS='1', "
        "LISTEN_PID=str(os.getpid())); os.execv(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-c", hand_over, *ours.split()]
