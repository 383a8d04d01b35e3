"""Shells for the tests of the commands."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest
from cli_support import CONFIGURATION, KEY, Shell

from hookrouter.store.keys import Keys

SimulatorOf = Callable[[Shell, int], "subprocess.Popen[str]"]


class Server(Protocol):
    """A running server."""

    @property
    def url(self) -> str: ...


@pytest.fixture
def simulator_of() -> Iterator[SimulatorOf]:
    """Start the simulator as its own command, and name it to a shell as the CRM."""
    with ExitStack() as stack:

        def start(shell: Shell, leads: int) -> subprocess.Popen[str]:
            size = ("--port", "0", "--push-rate", "0", "--leads", str(leads))
            process = stack.enter_context(shell.start("simulate-crm", *size, "--account-id", "a", "--secret-key", KEY))
            stack.callback(process.send_signal, signal.SIGTERM)
            assert process.stdout is not None
            url = process.stdout.readline().split()[2]
            shell.configure(f"{CONFIGURATION}crm: {{account_id: a, secret_key: {KEY}, url: '{url}'}}\n")
            return process

        yield start


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """With a sound configuration, and without Redis."""
    made = Shell(folder=tmp_path)
    made.configure(CONFIGURATION)
    return made


@pytest.fixture
def shell_at_work(shell: Shell, valkey: Server, keys: Keys) -> Shell:
    """With the test's own keys on the server."""
    shell.environment |= {"HOOKROUTER_REDIS_URL": valkey.url, "HOOKROUTER_KEY_PREFIX": keys.prefix}
    return shell
