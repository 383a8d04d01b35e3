"""Ctrl-C amid an event loop: what runs there ends in order, wherever it stood."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from hookrouter.cli.interrupted import run_until_interrupted, stopped_by_interrupt
from hookrouter.stopping import Stopping, be_interrupted

FOR_EVER = 60


@pytest.fixture(autouse=True)
def as_commands_take_it() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    be_interrupted()
    yield
    signal.signal(signal.SIGINT, before)


def ctrl_c() -> None:
    """Have the handler run here and now."""
    signal.raise_signal(signal.SIGINT)


@asynccontextmanager
async def connection(told: list[str]) -> AsyncIterator[None]:
    """What takes a turn of the loop to close."""
    try:
        yield
    finally:
        await asyncio.sleep(0)
        told.append("closed")


def test_the_step_is_done_and_everything_is_closed() -> None:
    told: list[str] = []

    async def beside() -> None:
        async with connection(told):
            await asyncio.sleep(FOR_EVER)

    async def work() -> None:
        task = asyncio.create_task(beside())
        await asyncio.sleep(0)
        async with connection(told):
            ctrl_c()
            told.append("the step is done")
            await task

    with pytest.raises(KeyboardInterrupt):
        run_until_interrupted(work())

    assert told == ["the step is done", "closed", "closed"]


def test_one_that_comes_as_the_work_ends_is_not_forgotten() -> None:
    async def work() -> str:
        ctrl_c()
        return "done"

    with pytest.raises(KeyboardInterrupt):
        run_until_interrupted(work())


def test_one_amid_a_failure_is_told_in_its_stead() -> None:
    async def work() -> None:
        try:
            ctrl_c()
            await asyncio.sleep(FOR_EVER)
        finally:
            raise ValueError

    with pytest.raises(KeyboardInterrupt):
        run_until_interrupted(work())


def test_without_one_the_result_comes_back_and_the_next_raises_again() -> None:
    async def work() -> str:
        return "done"

    assert run_until_interrupted(work()) == "done"
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()


def test_the_second_breaks_off_what_the_first_asked_to_stop() -> None:
    runtime, told = SimpleNamespace(stopping=Stopping()), []

    async def work() -> None:
        ctrl_c()
        told.append(runtime.stopping.is_set())
        ctrl_c()
        told.append("the step is done")
        await asyncio.sleep(FOR_EVER)

    with pytest.raises(KeyboardInterrupt), stopped_by_interrupt(runtime):
        run_until_interrupted(work())

    assert told == [True, "the step is done"]
