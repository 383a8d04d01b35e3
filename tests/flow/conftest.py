"""Stacks of real processes for the tests of the whole."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flow_crm import Crm
from flow_stack import HttpRecorder, Mailbox, Stack, prepare
from slack_workspace import Workspace
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
def workspace() -> Iterator[Workspace]:
    """A workspace in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made = Workspace()
    asyncio.run_coroutine_threadsafe(made.far.__aenter__(), loop).result(10)
    yield made
    asyncio.run_coroutine_threadsafe(made.far.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


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
