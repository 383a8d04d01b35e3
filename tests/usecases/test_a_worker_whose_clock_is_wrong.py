"""A worker whose clock is hours ahead, beside others: what all of them share goes by Redis' clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from drain_support import AWAY, SALES, Scene, failing, of_lead
from test_digests import DigestingSink

from hookrouter.clock import SystemClock
from hookrouter.domain.events import CircuitChanged
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.store.standing import circuit_of

AHEAD = timedelta(hours=2)
HOUR = timedelta(hours=1)


@dataclass
class WrongClock(SystemClock):
    ahead: timedelta = AHEAD

    def now(self) -> datetime:
        return super().now() + self.ahead


async def test_it_gives_up_no_delivery_before_its_time(scene: Scene) -> None:
    scene.policy = SinkPolicy(retry_for=HOUR)
    scene.sink.script = failing("p_1")
    await scene.put(of_lead("p_1"))
    await scene.drain()
    await scene.let_retries_come_due()

    scene.clock = WrongClock()
    await scene.drain()

    assert len(scene.sink.given) == 2
    assert await scene.counts() == (0, 1)
    assert await scene.server.call("ZCARD", scene.keys.dead_letters()) == 0


@pytest.mark.parametrize("ahead", [AHEAD, -AHEAD], ids=["ahead", "behind"])
async def test_it_sends_a_digest_neither_early_nor_late(scene: Scene, ahead: timedelta) -> None:
    scene.policy = SinkPolicy(digest=Digest(every=HOUR, most=5))
    scene.sink = sink = DigestingSink()
    scene.clock = WrongClock(ahead)
    await scene.put(of_lead("p_1", state="CA"))

    await scene.drain()
    early = list(sink.digests)
    stream = scene.keys.outbox(SALES)
    [(_, fields)] = await scene.server.call("XRANGE", stream, "-", "+")
    seconds, _ = await scene.server.call("TIME")
    await scene.server.call("DEL", stream)
    await scene.server.call("XADD", stream, f"{(int(seconds) - 3700) * 1000}-0", "r", fields[b"r"])
    await scene.drain()

    assert (early, sink.digests) == ([], [["p_1"]])


async def test_a_circuit_that_it_opened_waits_no_longer_for_it(scene: Scene) -> None:
    pushes = [f"p_{number}" for number in range(12)]
    scene.policy = SinkPolicy(concurrency=1)
    scene.sink.script = lambda _: AWAY
    scene.clock = WrongClock()
    await scene.put(*(of_lead(push, lead=push) for push in pushes))

    await scene.drain()

    assert scene.reports.of(CircuitChanged)
    circuit = circuit_of(await scene.server.call("GET", scene.keys.circuit(SALES)))
    assert circuit.until is not None
    assert circuit.until - datetime.now(UTC) < HOUR
