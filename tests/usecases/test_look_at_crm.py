"""What the CRM's page is made of: looked up in one go, and nothing asked of the CRM."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from enrich_support import Desk, desk_at
from reconcile_support import CRM, Broom, Run, change

from hookrouter.runtime.overview import Overview
from hookrouter.usecases.look_at_crm import MOST_RUNS


@pytest.fixture
async def desk(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url) as made:
        yield made


def reconciles(desk: Desk) -> None:
    path = desk.folder / "hookrouter.yaml"
    path.write_text(path.read_text().replace("\ncrm: {", "\ncrm: {reconcile: {every: 15m, sweep: daily}, "))
    assert [desk.runtime.look_for_edits() for _ in range(2)] == [False, True]
    desk.sides.append(desk.runtime.open_lead_side(desk.wake))


async def test_it_tells_what_runs_and_sweeps_found_and_when_the_next_are(desk: Desk) -> None:
    reconciles(desk)
    change(desk, 1, hours=1)
    await Run(desk).since(hours=2)
    calls = desk.simulator.status()["calls"]
    found = Overview(desk.runtime).crm().look()

    assert desk.simulator.status()["calls"] == calls
    [run] = found.reconciled.runs
    assert (run.missed, run.is_whole) == (1, True)
    assert run.calls
    assert found.reconciled.due is not None
    assert timedelta(minutes=14) < found.reconciled.due - found.at <= timedelta(minutes=15)
    assert found.trust is not None
    assert found.trust.missed == 1
    assert {"crm", "crm_calls", "pushes"} <= {part.name for part in found.parts}

    await Broom(desk).case.run_if_due(CRM)
    swept = Overview(desk.runtime).crm().look().reconciled
    assert swept.swept is not None
    assert swept.sweep_due is not None
    for _ in range(MOST_RUNS + 2):
        await Run(desk).since(minutes=5)
    assert len(Overview(desk.runtime).crm().look().reconciled.runs) == MOST_RUNS


async def test_runs_that_an_older_version_noted_are_told_as_far_as_they_go(desk: Desk) -> None:
    reconciles(desk)
    runs = desk.runtime.keys.reconciled(CRM)
    old = b'{"v":1,"at":1772625600,"known":4,"missed":1,"lag":2.5,"whole":true}'
    desk.runtime.server.call("LPUSH", runs, b'{"v":1,"at":"soon"}', old)

    [run] = Overview(desk.runtime).crm().look().reconciled.runs
    assert (run.known, run.missed, run.lag, run.calls, run.is_contradicted) == (4, 1, 2.5, None, False)


async def test_without_reconcile_there_is_nothing_of_it(desk: Desk) -> None:
    found = Overview(desk.runtime).crm().look()

    assert (found.plan, found.trust, found.reconciled.runs) == (None, None, ())
    assert found.quota is not None
