"""Whatever is pushed comes out again: accepted leads as deliveries, the others as rejected."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookrouter.config.settings import read_settings
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.ports.outbox import Cursor
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.leases import Leases

CONFIGURATION = """
version: 1
receiver: {sources: {crm: {token: goes-in-comes-out-0123}}}
sinks:
  all: {type: stdout}
  hot: {type: stdout}
routes:
  - {name: every-lead, match: {event: [created, updated, unchanged, stale]}, to: [all]}
  - {name: hot-lead, match: {event: [created, updated, unchanged, stale], leadScore: {gte: 80}}, to: [hot]}
"""
SOURCE = SourceName("crm")

text = st.text(st.characters(codec="utf-8"), max_size=20)
good_lead = st.fixed_dictionaries(
    {"id": st.integers(1, 12).map(str) | st.integers(1, 12)},
    optional={
        "leadScore": st.integers(0, 100) | st.integers(0, 100).map(str) | st.sampled_from(["", None]),
        "firstName": text | st.none(),
        "updateTimestamp": st.sampled_from(["2026-03-04 15:20:11", "2026-03-04 15:20:12", "0000-00-00 00:00:00", "x"]),
        "favorite_color_5a0dd86e6e290": text,
    },
)
bad_lead = st.sampled_from([{}, "text", 7, None, [], {"id": "a b"}, {"id": True}, {"id": 1, "leadScore": "high"}])
batches = st.lists(st.lists(good_lead | bad_lead, max_size=12), min_size=1, max_size=4)


class DeafWake:
    """Nobody to wake: the test drains by itself."""

    def ring(self, stage: Stage) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hookrouter.yaml").write_text(CONFIGURATION)
    return tmp_path


def a_runtime(folder: Path, url: str) -> Runtime:
    environment = {
        "HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"),
        "HOOKROUTER_DATA_DIR": str(folder),
        "HOOKROUTER_REDIS_URL": url,
        "HOOKROUTER_KEY_PREFIX": f"t{uuid4().hex[:12]}",
    }
    return open_runtime(read_settings(environment), quiet=True)


async def drain(leases: Leases, runtime: Runtime) -> None:
    router = runtime.router(DeafWake())
    for partition in range(runtime.settings.partitions):
        intake = await leases.intake(partition)
        assert intake is not None
        await router.drain(intake, "intake")
        await intake.release()


async def outbox(leases: Leases, sink: str) -> list[Delivery]:
    box = await leases.outbox(SinkName(sink))
    assert box is not None
    return [entry.delivery for entry in await box.read(Cursor(), 10_000)]


def deliveries_of(runtime: Runtime) -> list[Delivery]:
    """Route what waits; what lies in the outbox of the sink that gets every lead."""

    async def drained() -> list[Delivery]:
        store = AsyncRedisServer(runtime.url)
        leases = runtime.leases(store)
        await drain(leases, runtime)
        found = await outbox(leases, "all")
        await store.close()
        return found

    return asyncio.run(drained())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches)
def test_every_lead_of_every_push_is_delivered_or_rejected(folder: Path, valkey: Any, pushed: list[list[Any]]) -> None:
    runtime = a_runtime(folder, valkey.url)
    receive = runtime.receive()

    taken = [receive.take(SOURCE, json.dumps(batch).encode(), {}) for batch in pushed]
    delivered = deliveries_of(runtime)

    receipts = {one.receipt.push: one.receipt for one in taken if not one.receipt.duplicate}
    assert all(receipt.accepted + receipt.rejected == receipt.leads for receipt in receipts.values())
    assert Counter(delivery.push for delivery in delivered) == Counter(
        {push: receipt.accepted for push, receipt in receipts.items() if receipt.accepted}
    )
    assert len({delivery.id for delivery in delivered}) == len(delivered)
    kept = runtime.server.call("ZCARD", runtime.keys.rejected_leads())
    assert kept == sum(receipt.rejected for receipt in receipts.values())
    assert runtime.backlog.depth(Stage.ROUTE) == 0
    runtime.server.client.close()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(good_lead, min_size=1, max_size=30))
def test_a_leads_updates_keep_their_order_and_their_values(folder: Path, valkey: Any, batch: list[Any]) -> None:
    runtime = a_runtime(folder, valkey.url)

    runtime.receive().take(SOURCE, json.dumps(batch).encode(), {})

    by_lead: dict[str, list[Any]] = {}
    for delivery in deliveries_of(runtime):
        by_lead.setdefault(delivery.lead_key, []).append(delivery)
    for key, deliveries in by_lead.items():
        sent = [lead for lead in batch if str(lead["id"]) == key]
        assert len(deliveries) == len(sent)
        for delivery, lead in zip(deliveries, sent, strict=True):
            assert {name: delivery.lead[name] for name in lead if name != "id"} == {
                name: value for name, value in lead.items() if name != "id"
            }
    runtime.server.client.close()
