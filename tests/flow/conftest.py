"""Stacks of real processes for the tests of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flow_crm import Crm
from flow_stack import HttpRecorder, Mailbox, Stack, prepare
from tally import Tally


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

    def start(
        configuration: str,
        *,
        processes: tuple[str, ...] = ("web", "worker", "scheduler"),
        is_warm: bool = True,
        **environment: str,
    ) -> Stack:
        stack = prepare(tmp_path, configuration, is_warm=is_warm, **environment)
        made.append(stack)
        stack.begin(*processes)
        return stack

    yield start
    for stack in made:
        stack.close()
