"""Shells for the tests of the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest
from cli_support import CONFIGURATION, Shell

from hookrouter.store.keys import Keys


class Server(Protocol):
    """A running server."""

    @property
    def url(self) -> str: ...


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
