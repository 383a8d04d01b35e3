"""Receivers for the tests that send them what they should not get."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from receivers import CONFIGURATION, Receiver, running_receiver


@pytest.fixture(scope="module")
def receiver(valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with running_receiver(valkey.url, tmp_path_factory.mktemp("receiver"), CONFIGURATION) as running:
        yield running


@pytest.fixture
def lone_receiver(own_valkey, tmp_path: Path) -> Iterator[Receiver]:
    """One on a server that the test may stop."""
    with running_receiver(own_valkey.url, tmp_path, CONFIGURATION) as running:
        yield running
