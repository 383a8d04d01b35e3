"""However much of an outbox comes to its end at once: all of it is written, some at a time, and nothing of it twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from drain_support import LONG_AGO, SALES, Scene, failing, many, of_lead, pause, put_many

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.ids import DeliveryId, EntryId
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Delivered
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.schedule import Finish
from hookrouter.ports.outbox import Attempt, Attempted, OutboxEntry, Settlement, ShutOut
from hookrouter.store.outbox import RedisOutbox
from hookrouter.store.settling import by_confirmed_key
from hookrouter.usecases.delivering import drain as draining
from hookrouter.usecases.delivering.drain import READ_AHEAD
from hookrouter.wire.kept.records import read_delivery, write_delivery

MOST = 1000 * READ_AHEAD
"""What a drain has in hand at the largest `concurrency` there is."""
HOT = of_lead("p_0").route


async def put_the_most(scene: Scene) -> list[OutboxEntry]:
    """As many deliveries, as they are read."""
    first = of_lead("p_0")
    deliveries = [replace(first, id=DeliveryId(f"d_{number}")) for number in range(MOST)]
    record = write_delivery(first)
    assert record.count(first.id.encode()) == 1
    entries: list[OutboxEntry] = []
    for at in range(0, MOST, 1000):
        some = deliveries[at : at + 1000]
        records = [record.replace(first.id.encode(), each.id.encode()) for each in some]
        added = await scene.server.call_all([("XADD", scene.keys.outbox(SALES), "*", "r", each) for each in records])
        entries += [
            OutboxEntry(id=EntryId(entry.decode()), delivery=each) for entry, each in zip(added, some, strict=True)
        ]
    return entries


def delivered(entry: OutboxEntry) -> Settlement:
    attempt = Attempt(at=LONG_AGO, seconds=0.1, outcome=Delivered())
    return Attempted(entry=entry, delivery=entry.delivery, attempt=attempt, step=Finish())


async def test_all_that_a_drain_may_have_in_hand_is_shut_out_and_let_in_and_delivered_in_one_step_each(
    scene: Scene,
) -> None:
    entries = await put_the_most(scene)
    outbox, shut = await scene.open(), scene.keys.shut(SALES, HOT)

    assert await outbox.settle([ShutOut(entry=entry, route=HOT) for entry in entries])
    assert await scene.counts() == (0, 0)
    assert await scene.server.call("XLEN", shut) == MOST

    assert await outbox.let_in(HOT, MOST, as_new=True)
    assert await scene.counts() == (MOST, 0)
    assert await scene.server.call("EXISTS", shut, scene.keys.shut_routes(SALES)) == 0

    found = await scene.server.call("XRANGE", scene.keys.outbox(SALES), "-", "+")
    settled = [
        delivered(replace(entry, id=EntryId(name.decode()))) for entry, (name, _) in zip(entries, found, strict=True)
    ]
    innocent = [entry.delivery.id for entry in entries]
    await outbox.suspect(dict.fromkeys(innocent, 1))
    assert await outbox.settle(settled, innocent=innocent)
    [confirmed] = by_confirmed_key(scene.keys, SALES, [entries[0].delivery])
    assert await scene.server.call("SCARD", confirmed) == MOST
    assert await scene.server.call("EXISTS", scene.keys.suspects(SALES)) == 0
    assert await scene.counts() == (0, 0)


async def test_a_route_that_is_paused_over_a_backlog_has_it_shut_out_some_at_a_time(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "MOST_SETTLED", 7)
    written: list[int] = []

    class Counting(RedisOutbox):
        async def settle(self, settlements: Any, **more: Any) -> bool:
            written.append(len(settlements))
            return await super().settle(settlements, **more)

    scene.policy = SinkPolicy(concurrency=10)
    await put_many(scene, 50)
    await pause(scene, f"route:{HOT}")

    await scene.drain(Counting)

    shut = await scene.server.call("XRANGE", scene.keys.shut(SALES, HOT), "-", "+")
    assert [read_delivery(fields[b"r"]).push for _, fields in shut] == many(50)
    assert await scene.counts() == (0, 0)
    assert max(written) == 7


async def test_one_goes_in_the_same_step_as_those_whose_place_it_takes(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "MOST_SETTLED", 1)
    scene.policy = SinkPolicy(order=Order.LATEST)
    scene.sink.script = failing("p_1")
    first, second = replace(of_lead("p_1"), event=LeadEvent.CREATED), of_lead("p_2")
    await scene.put(first)
    await scene.drain()
    await pause(scene, f"route:{HOT}")
    await scene.put(second)

    await scene.drain_until_killed(settles=1)

    [(_, fields)] = await scene.server.call("XRANGE", scene.keys.shut(SALES, HOT), "-", "+")
    told = read_delivery(fields[b"r"])
    assert (told.id, told.event) == (second.id, LeadEvent.CREATED)
    assert await scene.counts() == (0, 0)
