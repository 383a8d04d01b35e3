"""A collector of traces, and hookrouter that sends it some; stacks, stand-ins and all as the tests have them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2] / "tests"
sys.path[:0] = [str(TESTS / "flow"), str(TESTS)]

from flow_crm import Crm  # noqa: E402
from flow_stack import HttpRecorder, Stack, prepare  # noqa: E402
from otlp import Collector  # noqa: E402


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """One that this process' spans are sent to."""
    made = Collector()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
    yield made
    made.close()


@pytest.fixture
def recorder() -> Iterator[HttpRecorder]:
    made = HttpRecorder()
    yield made
    made.close()


@pytest.fixture
def crm() -> Iterator[Crm]:
    made = Crm()
    yield made
    made.close()


@pytest.fixture
def stack_of(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Start receiver, worker and scheduler, each by its command."""
    made: list[Stack] = []

    def start(configuration: str, **environment: str) -> Stack:
        stack = prepare(tmp_path, configuration, is_warm=False, **environment)
        made.append(stack)
        stack.begin("web", "worker", "scheduler")
        return stack

    yield start
    for stack in made:
        stack.close()
