"""Drains that a worker's end cannot wait for are broken off, and leave in order while Redis can still be told."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from runtimes import runtime_at

from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from workers import background
from workers.background import Background, Serve

CONFIG = """
version: 1
receiver: {sources: {crm: {token: a-token-for-tests-0123456789}}}
sinks: {log: {type: stdout}}
routes: [{name: all, to: [log]}]
"""


class Hanging:
    """A stage whose drain hangs, and takes a while to give back its lease."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.looks: Mapping[Stage, Serve] = {Stage.DELIVER: self.drain}

    async def drain(self) -> None:
        self.told.append("began")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.1)
            self.told.append("gave back")

    async def close(self) -> None:
        self.told.append("closed")

    async def look_around(self) -> None:
        """See nobody."""

    def open(self) -> None:
        """Open nothing."""

    def hurry(self) -> None:
        """Wait for nothing."""

    def renew(self) -> Coroutine[None, None, None]:
        return self.look_around()


@pytest.fixture
def runtime(tmp_path: Path, valkey: Any) -> Iterator[Runtime]:
    made = runtime_at(tmp_path, valkey.url, CONFIG)
    yield made
    made.server.client.close()


def test_they_give_back_their_leases_before_the_connections_close(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "FINISH_WITHIN", 0.1)
    half = Hanging()
    worker = Background(runtime, lambda: None)
    worker.start(half)
    worker.poke(Stage.DELIVER)
    while not half.told:
        runtime.clock.sleep(0.01)

    worker.finish()

    assert half.told == ["began", "gave back", "closed"]
