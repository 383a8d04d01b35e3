"""Stacks of real processes for the tests of the whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flow_crm import Crm
from flow_stack import HttpRecorder, Mailbox, Stack, eventually
from tally import Tally

from hookrouter.supervise.free_port import LOOPBACK, free_ports


@pytest.fixture
def recorder() -> Iterator[HttpRecorder]:
    made = HttpRecorder()
    yield made
    made.close()


@pytest.fixture
def tally() -> Iterator[Tally]:
    made = Tally()
    yield made
    made.close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    yield made
    made.close()


@pytest.fixture
def crm() -> Iterator[Crm]:
    made = Crm()
    yield made
    made.close()


@pytest.fixture
def stack_of(tmp_path: Path) -> Iterator[Callable[[str], Stack]]:
    """Start everything with a configuration."""
    made: list[Stack] = []

    def start(configuration: str, *, processes: tuple[str, ...] = ("web", "worker", "scheduler")) -> Stack:
        port, redis_port = free_ports(2)
        (tmp_path / "hookrouter.yaml").write_text(configuration)
        environment = {
            **os.environ,
            "HOOKROUTER_CONFIG": str(tmp_path / "hookrouter.yaml"),
            "HOOKROUTER_REDIS_URL": f"redis://{LOOPBACK}:{redis_port}/0",
            "HOOKROUTER_DATA_DIR": str(tmp_path / "data"),
            "HOST": LOOPBACK,
            "PORT": str(port),
        }
        stack = Stack(folder=tmp_path, port=port, redis_port=redis_port, environment=environment)
        made.append(stack)
        stack.start("valkey", *processes)
        if "web" in processes:
            eventually(stack.is_ready, "the receiver is ready")
        return stack

    yield start
    for stack in made:
        stack.close()
