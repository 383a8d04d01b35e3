"""What waits in former shards is moved by workers, though no scheduler lives, and then told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runtimes import runtime_at

from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Spread, outbox_of
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.testing.builders import a_delivery
from hookrouter.wire.kept.records import write_delivery
from workers.background import Background
from workers.delivering import Delivering

LOG = SinkName("log")
WAITING = 25
PATIENCE = 30.0
CONFIG = """
version: 1
receiver: {sources: {crm: {token: a-token-for-tests-0123456789}}}
sinks: {log: {type: stdout, shards: 4}}
routes: [{name: all, to: [log]}]
"""


@pytest.fixture
def runtime(tmp_path: Path, valkey: Any) -> Iterator[Runtime]:
    made = runtime_at(tmp_path, valkey.url, CONFIG)
    made.backlog.know_sinks(made.config.sinks)
    yield made
    made.server.client.close()


@pytest.fixture
def worker(runtime: Runtime) -> Iterator[Background]:
    background = Background(runtime, lambda: None)
    background.start(Delivering(runtime, background.begin))
    yield background
    background.finish()


def is_done(runtime: Runtime) -> bool:
    spread = runtime.layouts.read(runtime.server).layout.outbox(LOG)
    return spread == Spread(4, 1) and not runtime.backlog.outboxes(runtime.backlog.now())[LOG].all_waiting


def test_a_worker_moves_what_waits_though_no_scheduler_lives(
    runtime: Runtime, worker: Background, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in range(WAITING):
        record = write_delivery(replace(a_delivery(), id=f"d_{number:032}", sink=LOG))
        runtime.server.call("XADD", runtime.keys.outbox(LOG), "*", "r", record)
    book = runtime.keep_layout.book
    was = book.read()
    assert book.swap(was, was.toward({outbox_of(LOG): 4}))  # and then the scheduler dies

    deadline = runtime.clock.monotonic() + PATIENCE
    while not is_done(runtime) and runtime.clock.monotonic() < deadline:
        worker.poke(Stage.DELIVER)  # as new deliveries do
        runtime.clock.sleep(0.05)
    assert is_done(runtime)
    assert len(capfd.readouterr().out.splitlines()) == WAITING
