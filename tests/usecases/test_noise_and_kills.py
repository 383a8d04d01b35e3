"""Whatever is killed at whatever moment: no lead is lost between a message of its own and one that it shares."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from drain_support import SALES, Killed, Said, Scene, ScriptedSink, names, of_lead

from hookrouter.domain.burst import Burst, Tide
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import digest_id
from hookrouter.domain.outcome import Delivered, Outcome, Reason, Retry
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.outbox import OutboxEntry
from hookrouter.ports.sinks import Message
from hookrouter.store.outbox import RedisOutbox
from hookrouter.wire.kept.records import read_delivery, write_delivery

OVER = 5
ROUNDS = 12


@dataclass
class TellingSink(ScriptedSink):
    """Remembers whom it told of, and by which message."""

    told: list[tuple[str, list[str]]] = field(default_factory=list)

    def digest_key(self, _delivery: Delivery) -> str:
        return ""

    def render_digest(self, _deliveries: Sequence[Delivery]) -> Message:
        return Said()

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        outcome = await super().send(delivery, message)
        if isinstance(outcome, Delivered):
            self.told.append((delivery.id, names(delivery.members or (delivery,))))
        return outcome


def dying(dice: random.Random) -> type[RedisOutbox]:
    """An outbox whose worker is killed before or after one of its writes."""
    left = dice.randrange(1, 8)
    after = dice.random() < 0.5

    async def perhaps(write: Any) -> bool:
        nonlocal left
        left -= 1
        if left == 0 and not after:
            write.close()
            raise Killed
        kept = bool(await write)
        if left == 0:
            raise Killed
        return kept

    class Dying(RedisOutbox):
        async def settle(self, *settled: Any, **more: Any) -> bool:
            return await perhaps(super().settle(*settled, **more))

        async def gather(self, entries: Sequence[OutboxEntry], digest: Delivery) -> bool:
            return await perhaps(super().gather(entries, digest))

        async def keep_tide(self, tide: Tide) -> bool:
            return await perhaps(super().keep_tide(tide))

    return Dying


async def a_minute_passes(scene: Scene) -> None:
    """As if what is in the outbox had been there for a minute more, and what failed were due after some hours."""
    stream = scene.keys.outbox(SALES)
    if found := await scene.server.call("XRANGE", stream, "-", "+"):
        moved = []
        for entry, fields in found:
            milliseconds, _, sequence = entry.decode().partition("-")
            moved.append(("XADD", f"{stream}:aged", f"{int(milliseconds) - 61_000}-{sequence}", "r", fields[b"r"]))
        await scene.server.call_all([*moved, ("RENAME", f"{stream}:aged", stream)])
    waiting = scene.keys.retry_records(SALES)
    for name, record in (await scene.server.call("HGETALL", waiting)).items():
        delivery = read_delivery(record)
        aged = replace(delivery, received_at=delivery.received_at - timedelta(hours=3))
        await scene.server.call("HSET", waiting, name, write_delivery(aged))
    await scene.let_circuit_time_pass()
    await scene.let_retries_come_due()


@pytest.mark.parametrize("seed", range(20))
async def test_nobody_is_lost_and_a_digest_keeps_its_name(scene: Scene, seed: int) -> None:
    dice = random.Random(seed)
    scene.policy = SinkPolicy(burst=Burst(over=OVER, per=timedelta(minutes=1)), expire_after=timedelta(hours=4))
    scene.sink = sink = TellingSink()
    sink.script = lambda _: Delivered() if dice.random() < 0.7 else Retry(reason=Reason.NETWORK)
    pushed: list[str] = []

    for number in range(ROUNDS):
        some = [f"p_{number}_{place}" for place in range(dice.randrange(12))]
        age = timedelta(hours=dice.choice((0, 0, 9)))
        await scene.put(*(replace(of_lead(push, lead=push), received_at=datetime.now(UTC) - age) for push in some))
        pushed += some
        outbox = await scene.open(kind=dying(dice))
        try:
            async with asyncio.timeout(30):
                await scene.deliver.drain(outbox, SALES, asyncio.Event())
        except Killed:
            pass
        await outbox.release()
        await a_minute_passes(scene)
    sink.script = lambda _: Delivered()
    for _ in range(6):
        await scene.drain()
        await a_minute_passes(scene)

    assert {push for _, told in sink.told for push in told} == set(pushed)
    assert await scene.counts() == (0, 0)
    assert not await scene.server.call("EXISTS", scene.keys.dead_letters())
    members: dict[str, list[str]] = {}
    for name, told in sink.told:
        assert members.setdefault(name, told) == told
    digests = [delivery for delivery in sink.given if delivery.members]
    assert all(delivery.id == digest_id(delivery.members) for delivery in digests)
