"""The places of one worker are shared among its drains, and a sink that hangs has none but its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from drain_support import Reports, Scene, many, of_lead, put_many
from shards_support import Split

from hookrouter.domain import pace
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import Event, NeighbourFailed
from hookrouter.domain.outcome import Delivered, Outcome
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.sinks import Message
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.usecases.delivering.seats import Seat, Seats


@dataclass
class Alarm(Reports):
    """Tells when Redis takes nothing."""

    failed: asyncio.Event = field(default_factory=asyncio.Event)

    def report(self, event: Event) -> None:
        super().report(event)
        if isinstance(event, NeighbourFailed):
            self.failed.set()


@pytest.fixture
def scene(async_server: AsyncRedisServer, keys: Keys) -> Scene:
    return Scene(async_server, keys)


def test_each_drain_has_its_part_and_what_another_leaves() -> None:
    seats = Seats(40)

    with seats.take(32) as first:
        assert first.places == 32
        with seats.take(32) as second, seats.take(4) as third:
            assert (first.places, second.places, third.places) == (18, 18, 4)
        assert first.places == 32


async def served(scene: Scene, seat: Seat) -> None:
    outbox = await scene.open()
    async with asyncio.timeout(30):
        await scene.deliver.drain(outbox, outbox.sink, asyncio.Event(), seat)
    await outbox.release()


async def test_a_drain_keeps_to_its_places(scene: Scene) -> None:
    await put_many(scene, 50)

    await served(scene, Seat(32, 3))

    assert scene.sink.most_at_once <= 3
    assert sorted(scene.sink.pushes) == sorted(many(50))


async def test_places_that_others_need_are_left_when_their_attempts_end(scene: Scene) -> None:
    await put_many(scene, 60)
    seat = Seat(8, 8)
    at_once: list[int] = []

    def answer(_delivery: Delivery) -> Outcome:
        at_once.append(scene.sink.at_once + 1)
        if len(scene.sink.given) == 20:
            seat.places = 2
        return Delivered()

    scene.sink.script = answer
    await served(scene, seat)

    assert max(at_once[:20]) > 2
    assert max(at_once[30:]) <= 2
    assert len(scene.sink.given) == 60


async def test_what_is_given_up_ends_at_once_and_nothing_is_lost(scene: Scene) -> None:
    scene.policy = SinkPolicy(concurrency=1)
    await put_many(scene, 30)
    seat = Seat(1, 1)

    def answer(_delivery: Delivery) -> Outcome:
        seat.is_given_up = len(scene.sink.given) >= 5
        return Delivered()

    scene.sink.script = answer
    await served(scene, seat)

    assert len(scene.sink.given) < 30
    assert sum(await scene.counts()) == 30 - len(scene.sink.given)


async def test_what_is_given_up_is_served_on_while_one_attempt_hangs(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "HANGS_AFTER", 0.2)
    await put_many(scene, 300)
    seat, hangs_on = Seat(4, 4), asyncio.Event()
    given: list[str] = []

    async def send(delivery: Delivery, _message: Message) -> Outcome:
        if delivery.push == many(1)[0]:
            await hangs_on.wait()
        given.append(delivery.push)
        if len(given) == 5:
            seat.is_given_up = True
        if len(given) == 60:
            hangs_on.set()
        return Delivered()

    scene.sink.send = send  # type: ignore[method-assign]  # a far side of its own
    await served(scene, seat)

    assert 60 < len(given) < 300, "it ends when nothing hangs any more, and not before"
    assert sum(await scene.counts()) == 300 - len(given)


async def test_what_hangs_only_later_keeps_nobody_from_being_followed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "HANGS_AFTER", 0.2)
    await put_many(scene, 300)
    seat, number, last = Seat(4, 4), 0, asyncio.Event()

    async def send(_delivery: Delivery, _message: Message) -> Outcome:
        nonlocal number, last
        number += 1
        seat.is_given_up = number > 5
        if number % 50 == 1:  # at every moment one hangs: until the next one that does has hung for long
            before, last = last, asyncio.Event()
            asyncio.get_running_loop().call_later(0.4, before.set)
            async with asyncio.timeout(5):
                await last.wait()
        await asyncio.sleep(0.02)
        return Delivered()

    async def let_go() -> None:
        while not last.is_set():
            await asyncio.sleep(0.5)
            if seat.is_to_be_left:
                last.set()

    scene.sink.send = send  # type: ignore[method-assign]  # a far side of its own
    letting_go = asyncio.create_task(let_go())
    await served(scene, seat)
    last.set()
    await letting_go

    assert 5 < number < 300
    assert sum(await scene.counts()) == 300 - number


async def test_what_ended_before_it_was_given_up_is_written_when_redis_takes_it(scene: Scene) -> None:
    scene.policy = SinkPolicy(concurrency=1)
    scene.reports = reports = Alarm()
    await put_many(scene, 3)
    seat = Seat(1, 1)

    async def send(delivery: Delivery, _message: Message) -> Outcome:
        scene.sink.given.append(delivery)
        await scene.server.call("CONFIG", "SET", "maxmemory", "1")
        seat.is_given_up = True
        return Delivered()

    scene.sink.send = send  # type: ignore[method-assign]  # a far side of its own
    serving = asyncio.create_task(served(scene, seat))
    try:
        async with asyncio.timeout(30):
            await reports.failed.wait()
    finally:
        await scene.server.call("CONFIG", "SET", "maxmemory", "0")
    await serving

    assert reports.of(NeighbourFailed) == [NeighbourFailed(neighbour="redis", reason="Redis is full")]
    assert scene.sink.pushes == many(1)
    assert await scene.counts() == (2, 0)


async def test_a_sink_that_hangs_has_no_places_of_others(
    async_server: AsyncRedisServer, server: RedisServer, keys: Keys
) -> None:
    split = Split(Scene(async_server, keys, SinkPolicy(concurrency=32)), server)
    split.change(2)
    deliveries = [of_lead(push, lead=str(number)) for number, push in enumerate(many(200))]
    await split.put(*deliveries)
    [hanging, other] = split.shards
    place_of = split.layout.outbox(hanging.sink).place_of
    hung = [each for each in deliveries if place_of(each.who) == hanging.place]
    goes_on = asyncio.Event()
    begun: list[Delivery] = []

    async def send(delivery: Delivery, _message: Message) -> Outcome:
        begun.append(delivery)
        if place_of(delivery.who) == hanging.place:
            await goes_on.wait()
        return Delivered()

    split.scene.sink.send = send  # type: ignore[method-assign]  # a far side of its own
    seats = Seats(10)

    async def serve(at: int) -> None:
        outbox = await split.leases().outbox(hanging.sink, at, 1)
        assert outbox is not None
        with seats.take(32) as seat:
            await split.scene.deliver.drain(outbox, hanging.sink, asyncio.Event(), seat)
        await outbox.release()

    hangs = asyncio.create_task(serve(hanging.place.number))
    async with asyncio.timeout(30):
        await serve(other.place.number)

    assert len([each for each in begun if place_of(each.who) == hanging.place]) <= 10
    assert len([each for each in begun if place_of(each.who) == other.place]) == len(deliveries) - len(hung)
    goes_on.set()
    async with asyncio.timeout(30):
        await hangs
    assert split.kept() == {}
