"""Few leads have very much waiting, of which the latest is wanted, and the sink hangs: memory does not hold it all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from drain_support import Scene, ScriptedSink, many, of_lead

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Outcome
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.outbox import Cursor, OutboxEntry
from hookrouter.ports.sinks import Message
from hookrouter.store import lease
from hookrouter.store.outbox import RedisOutbox
from hookrouter.usecases.delivering import drain, gate, hand

DELIVERIES = 300
AT_ONCE, HELD = 10, 50


async def test_no_more_of_them_are_read_while_a_sink_hangs_than_are_to_be_held(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "OLD_AFTER", timedelta())
    monkeypatch.setattr(drain, "MOST_LOOKED_THROUGH", AT_ONCE)
    monkeypatch.setattr(hand, "MOST_IN_THEIR_PLACE", HELD)
    read = 0

    class Counting(RedisOutbox):
        async def read(self, after: Cursor, count: int) -> Sequence[OutboxEntry]:
            nonlocal read
            found = await super().read(after, count)
            read += len(found)
            return found

    class Hanging(ScriptedSink):
        read_meanwhile = 0

        async def send(self, delivery: Delivery, message: Message) -> Outcome:
            before = -1
            while not self.given and before != read:  # the first one hangs until nothing more is read
                before = read
                await asyncio.sleep(3 * drain.LOOK_AGAIN)
            self.read_meanwhile = self.read_meanwhile or read
            return await super().send(delivery, message)

    scene.sink = sink = Hanging()
    scene.policy = SinkPolicy(order=Order.LATEST, concurrency=1)
    await scene.put(*map(of_lead, many(DELIVERIES)))

    await scene.drain(Counting)

    assert HELD <= sink.read_meanwhile < HELD + 3 * AT_ONCE
    assert sink.pushes[-1] == many(DELIVERIES)[-1]
    assert len(sink.given) < DELIVERIES / 2
    assert await scene.counts() == (0, 0)


async def test_the_lease_is_kept_while_they_are_looked_through(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "OLD_AFTER", timedelta())
    monkeypatch.setattr(lease, "LEASE_LIFE", timedelta(seconds=1.5))
    monkeypatch.setattr(drain, "RENEW_EVERY", 0.2)
    taken: list[lease.Lease | None] = []

    class Slow(RedisOutbox):
        async def read(self, after: Cursor, count: int) -> Sequence[OutboxEntry]:
            await asyncio.sleep(0.06)
            taken.append(await lease.take_lease(scene.server, scene.keys, self.lease.stream, "another"))
            return await super().read(after, count)

    scene.policy = SinkPolicy(order=Order.LATEST, concurrency=1)
    await scene.put(*map(of_lead, many(DELIVERIES)))

    await scene.drain(Slow)

    assert not any(taken)
    assert scene.sink.pushes[-1] == many(DELIVERIES)[-1]
    assert await scene.counts() == (0, 0)
