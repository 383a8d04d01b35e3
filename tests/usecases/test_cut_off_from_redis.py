"""A worker that is cut off from Redis stops before another one goes on in its place, whatever it does just then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

import pytest
from drain_support import SALES, Reports, Scene, ScriptedSink, many, of_lead
from fronts import Front

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Delivered, Outcome
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.sinks import Message
from hookrouter.store import lease
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.usecases.delivering import attempts, drain

COUNT = 12
STRICT = SinkPolicy(order=Order.STRICT, concurrency=1)


class Server(Protocol):
    """A running server."""

    @property
    def port(self) -> int: ...


@dataclass
class FarSide:
    """What came, of all workers, in the order in which it came."""

    came: list[tuple[str, str]] = field(default_factory=list)
    first_came: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, worker: str, push: str) -> None:
        self.came.append((worker, push))
        self.first_came.set()

    def of(self, worker: str) -> list[str]:
        return [push for who, push in self.came if who == worker]


@dataclass
class SlowLine(ScriptedSink):
    """A sink to whose far side it takes a while."""

    worker: str = ""
    seconds: float = 0.0
    far: FarSide = field(default_factory=FarSide)

    async def send(self, delivery: Delivery, _message: Message) -> Outcome:
        await asyncio.sleep(self.seconds)
        self.far.take(self.worker, delivery.push)
        return Delivered()


@pytest.fixture(autouse=True)
def short_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of what they are, that no test lasts for long."""
    monkeypatch.setattr(lease, "LEASE_LIFE", timedelta(seconds=1.5))
    monkeypatch.setattr(drain, "RENEW_EVERY", 0.5)
    monkeypatch.setattr(attempts, "MAY_END", 0.1)


@pytest.fixture
def front(valkey: Server) -> Iterator[Front]:
    made = Front(valkey.port)
    yield made
    made.close()


@pytest.fixture
def far() -> FarSide:
    return FarSide()


@pytest.fixture
async def cut_off(scene: Scene, front: Front, far: FarSide) -> AsyncIterator[Scene]:
    """A worker whose every delivery takes a third of a lease's life."""
    server = AsyncRedisServer(front.url, answer_within=0.3)
    line = SlowLine(worker="cut off", seconds=0.4, far=far)
    yield replace(scene, server=server, sink=line, policy=STRICT, reports=Reports())
    await server.close()


@pytest.fixture
def other(scene: Scene, far: FarSide) -> Scene:
    """A worker that takes over."""
    return replace(scene, sink=SlowLine(worker="other", seconds=0.01, far=far), policy=STRICT)


async def drain_when_it_may(scene: Scene) -> None:
    """Take the outbox as soon as nobody else has it, and serve it until it is empty."""
    async with asyncio.timeout(30):
        while True:
            try:
                outbox = await scene.open("other")
                break
            except AssertionError:
                await asyncio.sleep(0.02)
        await scene.deliver.drain(outbox, SALES, asyncio.Event())
        await outbox.release()


@pytest.mark.parametrize(
    ("leads", "only_answers"),
    [(1, False), (1, True), (COUNT, False)],
    ids=["of one lead, both ways", "of one lead, its answers", "of many leads"],
)
async def test_it_begins_nothing_that_another_may_have_begun(
    cut_off: Scene, other: Scene, far: FarSide, front: Front, leads: int, *, only_answers: bool
) -> None:
    await cut_off.put(*(of_lead(push, lead=str(number % leads)) for number, push in enumerate(many(COUNT))))
    serving = asyncio.create_task(cut_off.deliver.drain(await cut_off.open("cut off"), SALES, asyncio.Event()))
    await far.first_came.wait()

    front.cut(only_answers=only_answers)
    await drain_when_it_may(other)
    came = list(far.came)
    front.mend()
    async with asyncio.timeout(30):
        await serving

    first = next(number for number, (who, _) in enumerate(came) if who == "other")
    assert far.came == came, "it delivers nothing more when it is back"
    assert {who for who, _ in came[first:]} == {"other"}
    assert far.of("cut off") == many(COUNT)[:first], "it went on with what it had, for as long as it could"
    assert far.of("other") == many(COUNT)[-len(far.of("other")) :], "and the other where it ended, or before"
    assert 1 < first < COUNT
    assert await other.counts() == (0, 0)


async def test_what_it_has_under_way_does_not_come_after_what_another_delivered(
    cut_off: Scene, other: Scene, far: FarSide, front: Front
) -> None:
    cut_off.sink = SlowLine(worker="cut off", seconds=3.0, far=far)  # as where a connection takes long
    await cut_off.put(*map(of_lead, many(3)))
    serving = asyncio.create_task(cut_off.deliver.drain(await cut_off.open("cut off"), SALES, asyncio.Event()))
    await asyncio.sleep(0.2)

    front.cut()
    await drain_when_it_may(other)
    await asyncio.sleep(2.0)
    front.mend()
    async with asyncio.timeout(30):
        await serving

    assert far.came == [("other", push) for push in many(3)]
