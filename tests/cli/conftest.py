"""Shells for the tests of the commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest
from cli_support import CONFIGURATION, KEY, PATIENCE, Shell
from valkeys import eventually
from warm import WarmProcess

from hookrouter.store.keys import Keys

SimulatorOf = Callable[[Shell, int], WarmProcess]


class Server(Protocol):
    """A running server."""

    @property
    def url(self) -> str: ...


@pytest.fixture
def simulator_of() -> Iterator[SimulatorOf]:
    """Start the simulator as its own command, and name it to a shell as the CRM."""
    with ExitStack() as stack:

        def start(shell: Shell, leads: int) -> WarmProcess:
            size = ("--port", "0", "--push-rate", "0", "--leads", str(leads))
            told = shell.folder / "simulator.log"
            with told.open("wb") as output:
                account = ("--account-id", "a", "--secret-key", KEY)
                process = shell.start_warm("simulate-crm", *size, *account, output=output.fileno())
            stack.callback(process.wait, PATIENCE)
            stack.callback(process.terminate)
            eventually(lambda: "\n" in told.read_text(), "the simulator says where it is")
            url = told.read_text().split()[2]
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
