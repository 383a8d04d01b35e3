"""However many signals come in whatever order, each process ends, quietly, and leaves nobody behind."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cli_support import CONFIGURATION, KEY, PATIENCE, Shell
from ports import free_ports
from valkeys import eventually

from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.supervise.warden import session_members

pytestmark = pytest.mark.long

NAMES = ["serve", "worker", "scheduler", "up", "demo"]
QUICK = 50
"""So many signals come as fast as they can be sent; the rest a little slower, until it has ended."""


@pytest.fixture
def shell_on_a_port(shell_at_work: Shell) -> Shell:
    [port] = free_ports(1)
    files = shell_at_work.folder / "files"
    shell_at_work.environment |= {"HOST": LOOPBACK, "PORT": str(port), "HOOKROUTER_DATA_DIR": str(files)}
    return shell_at_work


@pytest.fixture
def far_side(shell: Shell) -> Iterator[socket.socket]:
    """A sink and a CRM that take requests, and never answer."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        listening.settimeout(PATIENCE)
        url = f"http://{LOOPBACK}:{listening.getsockname()[1]}/"
        crm = f"crm: {{account_id: a, secret_key: {KEY}, url: '{url}'}}\n"
        shell.configure(CONFIGURATION.replace("http://127.0.0.1:9/leads", url) + crm)
        yield listening


def catches_signals(process: subprocess.Popen[str]) -> bool:
    """Whether its own code has begun: the interpreter alone catches no SIGTERM."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:")).split()[1]
    return bool(int(caught, 16) & 1 << (signal.SIGTERM - 1))


def pelt(process: subprocess.Popen[str], *numbers: signal.Signals) -> None:
    """Signal the process and its group until it has ended."""
    deadline = time.monotonic() + PATIENCE
    signals = itertools.cycle(numbers or (signal.SIGTERM, signal.SIGINT))
    ways = itertools.cycle((os.kill, os.kill, os.killpg))
    for count, (number, send) in enumerate(zip(signals, ways, strict=False)):
        if process.poll() is not None:
            return
        assert time.monotonic() < deadline, "it goes on"
        with suppress(ProcessLookupError):
            send(process.pid, number)
        if count >= QUICK:
            time.sleep(0.01)


def pelted(shell: Shell, name: str, begins: Callable[[subprocess.Popen[str], Path], bool]) -> tuple[int, str]:
    """Start it, and pelt it with signals once it has begun; its exit code, and all it said."""
    told = shell.folder / "told"
    with (
        told.open("w") as output,
        shell.start(name, stdout=output, stderr=output, start_new_session=True) as process,
    ):
        try:
            eventually(lambda: begins(process, told), f"{name} begins")
            pelt(process)
            eventually(lambda: not session_members(process.pid), "nobody is left behind")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, told.read_text()


def is_quiet(said: str) -> bool:
    return not any(word in said for word in ("Traceback", "Exception", "KeyboardInterrupt", "fault of hookrouter"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("after", [0.0, 0.4], ids=["at its first line", "while it starts"])
def test_signals_end_a_process_that_has_not_begun_yet(shell_on_a_port: Shell, name: str, after: float) -> None:
    begun: list[float] = []

    def begins(process: subprocess.Popen[str], _: Path) -> bool:
        if not begun and catches_signals(process):
            begun.append(time.monotonic())
        return bool(begun) and time.monotonic() >= begun[0] + after

    code, said = pelted(shell_on_a_port, name, begins)

    assert code in {0, 130, -signal.SIGTERM, -signal.SIGINT}, said
    assert is_quiet(said), said


@pytest.mark.parametrize("name", NAMES)
def test_signals_end_a_process_that_is_at_work(
    shell_on_a_port: Shell, server: RedisServer, keys: Keys, name: str
) -> None:
    def begins(process: subprocess.Popen[str], told: Path) -> bool:
        if name in {"worker", "scheduler"}:
            beginning = f"{name}:{socket.gethostname()}-{process.pid}-".encode()
            return any(each.startswith(beginning) for each in server.call("ZRANGE", keys.heartbeats(), 0, -1))
        return ("Watch the leads" if name == "demo" else '"process.started"') in told.read_text()

    code, said = pelted(shell_on_a_port, name, begins)

    assert code == 0, said
    assert is_quiet(said), said


COMMANDS = [("send-test", "billing"), ("subscribe",), ("crm", "getLead")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("is_pelted", [False, True], ids=["once", "again and again"])
def test_ctrl_c_ends_a_command_that_waits_for_an_answer(
    shell: Shell, far_side: socket.socket, command: tuple[str, ...], is_pelted: bool
) -> None:
    with shell.start(*command, start_new_session=True) as process:
        connection, _ = far_side.accept()
        with connection:
            if is_pelted:
                pelt(process, signal.SIGINT)
            else:
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE)

    assert (process.returncode, out, err) in {(130, "", "\n"), *([(-signal.SIGINT, "", "")] if is_pelted else [])}
