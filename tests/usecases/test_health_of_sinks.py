"""What the health says of a sink that is left alone: since when nobody asks it, and who is told instead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from enrich_support import Desk, desk_at

from hookrouter.clock import SystemClock
from hookrouter.domain.circuit import Circuit
from hookrouter.domain.health import Part
from hookrouter.domain.ids import SinkName
from hookrouter.store.standing import keep_circuit

SALES = SinkName("some")


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url) as made:
        made.runtime.backlog.know_sinks([SALES])
        yield made


def part_with(stage: Desk, *, opened: timedelta, waits: timedelta) -> Part:
    """The sink's part, whose circuit opened so long ago and is not asked for so long yet."""
    now = SystemClock().now()
    circuit = Circuit(failures=10, trips=3, opened_at=now - opened, until=now + waits, reason="network")
    stage.runtime.server.call(*keep_circuit(stage.runtime.keys, SALES, circuit))
    [part] = [part for part in stage.runtime.examine().all() if part.name == f"sink:{SALES}"]
    return part


async def test_it_says_when_the_far_side_is_asked_again(stage: Desk) -> None:
    part = part_with(stage, opened=timedelta(minutes=5), waits=timedelta(hours=1))

    assert part.status == "warn"
    assert "its circuit is open" in part.advice
    assert "; asked again at " in part.advice


async def test_with_nothing_to_ask_by_it_names_no_moment_that_is_past(stage: Desk) -> None:
    part = part_with(stage, opened=timedelta(hours=1), waits=-timedelta(minutes=5))

    todo = "see that it runs, and that this machine reaches its address"
    assert part.advice.endswith(f"(network): {todo}; the next delivery asks")


@pytest.mark.parametrize(("opened", "told"), [(10, "; from "), (40, "; all is told instead")])
async def test_it_names_the_fallback(stage: Desk, opened: int, told: str) -> None:
    path = stage.folder / "hookrouter.yaml"
    fallback = "some: {type: stdout, fallback: {to: all, after: 30m}}"
    path.write_text(path.read_text().replace("some: {type: stdout}", fallback))
    assert [stage.runtime.look_for_edits() for _ in range(2)] == [False, True]

    part = part_with(stage, opened=timedelta(minutes=opened), waits=timedelta(minutes=5))

    assert told in part.advice
    assert part.advice.endswith("all is told instead")
