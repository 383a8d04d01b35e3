"""`hookrouter serve`, `worker` and `scheduler` turn into the running processes; `up` starts them."""

from __future__ import annotations

import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from cli_support import CONFIGURATION, Shell
from ports import free_ports

from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.supervise.free_port import LOOPBACK

PATIENCE = 60
MOMENT = "2026-11-18 11:58:00"


def eventually(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.parametrize("name", ["worker", "scheduler"])
def test_the_process_keeps_its_id_and_ends_on_sigterm(
    shell_at_work: Shell, server: RedisServer, keys: Keys, name: str
) -> None:
    shell_at_work.environment["HOOKROUTER_DATA_DIR"] = str(shell_at_work.folder / "files")
    with shell_at_work.start(name) as process:
        beginning = f"{name}:{socket.gethostname()}-{process.pid}-".encode()

        def beats() -> bool:
            return any(member.startswith(beginning) for member in server.call("ZRANGE", keys.heartbeats(), 0, -1))

        eventually(beats)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert not beats()


def test_the_receiver_serves_the_configuration_it_was_given(shell_at_work: Shell) -> None:
    [port] = free_ports(1)
    (shell_at_work.folder / "hookrouter.yaml").rename(shell_at_work.folder / "other.yaml")
    shell_at_work.environment |= {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "1"}
    with shell_at_work.start("serve", "--config", "other.yaml") as process:
        eventually(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        assert answers(f"http://127.0.0.1:{port}/hooks/crm/a-token-only-for-tests")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)

    assert process.returncode == 0


@pytest.mark.parametrize("name", ["serve", "worker", "scheduler"])
def test_without_redis_a_process_ends_with_2(shell: Shell, name: str) -> None:
    ended = shell.run(name)

    assert (ended.code, len(ended.err.splitlines())) == (2, 1)
    assert ended.err.startswith("no Redis: ")


@pytest.mark.parametrize("name", ["serve", "up"])
def test_a_port_that_is_taken_is_one_line_and_1(shell_at_work: Shell, name: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        shell_at_work.environment |= {"HOST": LOOPBACK, "PORT": str(port)}
        ended = shell_at_work.run(name)

    said = f"port {port} is taken by another program: stop that one, or set PORT to a free one\n"
    assert (ended.code, ended.out, ended.err) == (1, "", said)


@pytest.mark.parametrize("name", ["serve", "up"])
def test_a_host_that_is_not_here_is_one_line_and_2(shell_at_work: Shell, name: str) -> None:
    shell_at_work.environment["HOST"] = "192.0.2.1"

    ended = shell_at_work.run(name)

    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
    assert ended.err.startswith("HOST is '192.0.2.1': ")


@pytest.mark.parametrize("name", ["serve", "worker", "scheduler", "up"])
def test_a_data_directory_that_cannot_be_made_is_one_line_and_1(shell_at_work: Shell, name: str) -> None:
    shell_at_work.environment["HOOKROUTER_DATA_DIR"] = "hookrouter.yaml/below-a-file"

    ended = shell_at_work.run(name)

    assert (ended.code, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert "hookrouter.yaml/below-a-file (Not a directory): set HOOKROUTER_DATA_DIR to a directory" in ended.err


def test_up_tells_a_faulty_configuration_before_it_starts_anything(shell: Shell) -> None:
    shell.configure(CONFIGURATION.replace("version: 1", "version: 9"))

    ended = shell.run("up")

    assert ended.code == 2
    assert ended.err.startswith("hookrouter.yaml:1:10: ")
    assert not (shell.folder / ".hookrouter").exists()
