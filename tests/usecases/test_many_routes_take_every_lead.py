"""Hundreds of routes take every lead: what they lead to is written in steps that Redis can take."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
from enrich_support import PLAIN, Desk, crm_id, desk_at

from hookrouter.clock import SystemClock
from hookrouter.store import lease
from hookrouter.usecases.routing.harvest import ENOUGH_FOR_A_STEP
from hookrouter.usecases.routing.route import ENTRIES_A_STEP

ROUTES = 90
LEADS = 40
MANY = "".join(f"  - {{name: r-{number}, to: [all]}}\n" for number in range(ROUTES))
ONCE = "  - {name: r-once, once: {every: 1d}, to: [some]}\n"


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url) as made:
        made.configure(MANY + ONCE)
        yield made


def push(stage: Desk, score: int) -> str:
    return stage.push(*({"id": crm_id(number), "leadScore": str(score)} for number in range(LEADS)))


@pytest.mark.parametrize("is_stopped", [True, False], ids=["the process ends", "given up to another worker"])
async def test_each_step_is_small_and_who_takes_over_goes_on_within_an_entry(stage: Desk, *, is_stopped: bool) -> None:
    pushes = [push(stage, score) for score in (1, 2)]
    looks = iter([False, True])
    intake = await stage.side.leases.intake(0)
    assert intake is not None

    if is_stopped:
        await replace(stage.side.route, should_stop=lambda: next(looks)).drain(intake, "intake:0")
    else:
        await stage.side.route.drain(intake, "intake:0", lambda: next(looks))
    first = len(await stage.deliveries("all", most=10_000))
    await intake.release()
    await stage.route()

    assert ENOUGH_FOR_A_STEP <= first + LEADS < ENOUGH_FOR_A_STEP + ROUTES + LEADS
    assert len(await stage.deliveries("all", most=10_000)) == 2 * LEADS * ROUTES
    told = [(each.lead_key, each.push) for each in await stage.deliveries("some", most=100)]
    assert told == [(crm_id(number), pushes[0]) for number in range(LEADS)]


class StarvedClock(SystemClock):
    """Of a process that hardly gets a core: each lead, whose judging asks for the time, takes long."""

    def now(self) -> datetime:
        self.sleep(0.05)
        return super().now()


async def test_a_step_that_takes_longer_than_a_lease_lives_is_written(
    stage: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_LIFE", timedelta(seconds=1))
    monkeypatch.setattr(lease.Lease, "kept", partialmethod(lease.Lease.kept, every=0.05))
    stage.configure(PLAIN)
    pushes = [stage.push({"id": crm_id(number)}, {"id": crm_id(100 + number)}) for number in range(ENTRIES_A_STEP)]
    intake = await stage.side.leases.intake(0)
    assert intake is not None

    routed = await replace(stage.side.route, clock=StarvedClock()).drain(intake, "intake:0")

    assert routed == len(pushes)
    assert len(await stage.deliveries("all")) == 2 * len(pushes)
