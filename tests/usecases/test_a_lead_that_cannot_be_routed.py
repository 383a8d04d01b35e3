"""A defect in judging one lead costs that lead its delivery, and nobody else anything."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from runtimes import runtime_at

from hookrouter.domain.case import Case
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.routing import RouteTable
from hookrouter.ports.outbox import Cursor
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.leases import Leases

CONFIGURATION = """
version: 1
receiver: {sources: {crm: {token: one-bad-lead-0123456789}}}
sinks: {all: {type: stdout}}
routes:
  - {name: every-lead, to: [all]}
"""
POISON = "2"


class BreaksAtPoison:
    """A condition with a defect."""

    label = "breaks"

    def holds(self, case: Case) -> bool:
        return case.change.lead.key != POISON or 1 / 0 > 0

    def judge(self, case: Case) -> Judgement:
        return Judgement(label=self.label, held=self.holds(case))


class DeafWake:
    """Nobody to wake: the test drains by itself."""

    def ring(self, stage: Stage) -> None:
        pass


@pytest.fixture
def runtime(tmp_path: Path, valkey: object) -> Runtime:
    return runtime_at(tmp_path, getattr(valkey, "url", ""), CONFIGURATION, HOOKROUTER_PARTITIONS="1")


async def drain(runtime: Runtime, leases: Leases) -> None:
    router = runtime.router(DeafWake())
    broken = RouteTable(tuple(replace(route, conditions=(BreaksAtPoison(),)) for route in router.table.routes))
    intake = await leases.intake(0)
    assert intake is not None
    await replace(router, table=broken).drain(intake, "intake")


async def test_the_others_go_out_and_the_lead_is_kept_among_the_rejected(
    runtime: Runtime, async_server: AsyncRedisServer
) -> None:
    leases = runtime.leases(async_server)
    body = json.dumps([{"id": number} for number in ("1", POISON, "3")]).encode()
    push = runtime.receive().take(SourceName("crm"), body, {}).receipt.push

    await drain(runtime, leases)

    box = await leases.outbox(SinkName("all"))
    assert box is not None
    assert [entry.delivery.lead_key for entry in await box.read(Cursor(), 10)] == ["1", "3"]
    [rejection] = Desk(runtime).rejected().list(limit=10).found
    assert (rejection.push, rejection.place, rejection.lead) == (push, 1, {"id": POISON})
    assert "ZeroDivisionError" in rejection.errors[""]
    assert runtime.backlog.depth(Stage.ROUTE) == 0
    runtime.server.client.close()
