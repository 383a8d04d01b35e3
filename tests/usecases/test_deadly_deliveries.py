"""A delivery that kills its worker is found out and set aside, without taking its neighbours along."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from drain_support import SALES, Scene, ScriptedSink, of_lead

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.ids import DeliveryId
from hookrouter.domain.outcome import Delivered, Outcome, Reason
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.sinks import Message
from hookrouter.store.outbox import RedisOutbox
from hookrouter.usecases.delivering.caution import MOST_CRASHES, MOST_SUSPECTED

LIFE = "life"
"""The name of the task that is a worker's life; after it nothing is run, as if the process had died."""
DEADLY = "p_5"


class Killed(RedisOutbox):
    """Of a worker that writes nothing as it dies."""

    async def close(self, as_before: Mapping[DeliveryId, int] | None = None) -> bool:
        if as_before is not None:
            raise StoreAway("nobody is there any more")
        return await super().close()


async def drain_until_killed(scene: Scene) -> bool:
    """One life of a worker; whether it was killed."""
    try:
        await asyncio.create_task(scene.drain(Killed), name=LIFE)
    except asyncio.CancelledError:
        await scene.server.call("DEL", scene.keys.lease(scene.keys.outbox(SALES)))
        return True
    return False


def kill_at(scene: Scene, push: str) -> None:
    def script(delivery: object) -> Delivered:
        if getattr(delivery, "push", "") == push:
            [life] = [task for task in asyncio.all_tasks() if task.get_name() == LIFE]
            life.cancel()
        return Delivered()

    scene.sink.script = script


async def test_it_is_set_aside_and_its_neighbours_are_delivered(scene: Scene) -> None:
    kill_at(scene, DEADLY)
    await scene.put(*(of_lead(f"p_{number}", lead=str(number)) for number in range(10)))

    lives = 1
    while await drain_until_killed(scene):
        lives += 1
        assert lives < 10

    assert lives == MOST_CRASHES + 2
    assert set(scene.sink.pushes) == {f"p_{number}" for number in range(10)}
    [name] = await scene.server.call("ZRANGE", scene.keys.dead_letters(), 0, -1)
    letter = json.loads(await scene.server.call("GET", scene.keys.dead_letter(name.decode())))
    assert (letter["delivery"]["push"], letter["reason"]) == (DEADLY, Reason.DEADLY)
    assert await scene.counts() == (0, 0)
    assert await scene.server.call("EXISTS", scene.keys.suspects(SALES), scene.keys.serving(SALES)) == 0


async def test_those_that_only_stood_beside_it_are_not_suspected(scene: Scene) -> None:
    kill_at(scene, DEADLY)
    await scene.put(*(of_lead(f"p_{number}", lead=str(number)) for number in range(10)))
    while await drain_until_killed(scene):
        pass
    scene.sink.given.clear()
    await scene.put(*(of_lead(f"p_1{number}", lead=str(number)) for number in range(10)))

    kill_at(scene, "nobody")
    await scene.drain()

    assert len(scene.sink.given) == 10
    assert await scene.server.call("ZCARD", scene.keys.dead_letters()) == 1


async def test_of_a_sink_with_many_places_few_go_alone(scene: Scene) -> None:
    scene.policy = SinkPolicy(concurrency=500)
    kill_at(scene, DEADLY)
    await scene.put(*(of_lead(f"p_{number}", lead=str(number)) for number in range(1000)))

    assert [await drain_until_killed(scene) for _ in range(2)] == [True, True]

    assert 1 <= await scene.server.call("HLEN", scene.keys.suspects(SALES)) <= MOST_SUSPECTED


async def test_a_killed_drain_costs_nothing_but_notes(scene: Scene) -> None:
    await scene.server.call("SET", scene.keys.serving(SALES), "somebody")
    await scene.put(*(of_lead(f"p_{number}", lead=str(number)) for number in range(300)))

    assert await scene.drain() is True

    assert len(scene.sink.given) == 300
    assert scene.sink.most_at_once > 1
    assert await scene.counts() == (0, 0)


async def test_nobody_stays_suspected_of_whom_redis_was_away_as_it_was_cleared(scene: Scene) -> None:
    away = ["once"]

    class Away(RedisOutbox):
        async def settle(self, *settled: Any, **more: Any) -> bool:
            if settled[0] and away:
                raise StoreAway(away.pop())
            return await super().settle(*settled, **more)

    await scene.server.call("SET", scene.keys.serving(SALES), "somebody who was killed once")
    await scene.put(of_lead(DEADLY))

    assert await scene.drain(Away) is True

    assert (away, scene.sink.pushes) == ([], [DEADLY])
    assert await scene.server.call("HGETALL", scene.keys.suspects(SALES)) == {}


async def test_none_is_left_behind_that_was_to_be_noted_when_redis_was_away(scene: Scene) -> None:
    away = ["once"]

    class Away(RedisOutbox):
        async def suspect(self, crashes: Mapping[DeliveryId, int]) -> bool:
            if away:
                raise StoreAway(away.pop())
            return await super().suspect(crashes)

    await scene.server.call("SET", scene.keys.serving(SALES), "somebody who was killed once")
    await scene.put(*(of_lead(f"p_{number}", lead="777") for number in range(3)))

    assert await scene.drain(Away) is True

    assert (away, scene.sink.pushes) == ([], ["p_0", "p_1", "p_2"])
    assert await scene.counts() == (0, 0)


class HangingSink(ScriptedSink):
    """Never answers; by the time that it is asked, who asks is told to end and has waited long enough."""

    async def send(self, _delivery: Delivery, _message: Message) -> Outcome:
        [life] = [task for task in asyncio.all_tasks() if task.get_name() == LIFE]
        life.cancel()
        await asyncio.Event().wait()
        raise AssertionError


async def break_off_amid_attempts(scene: Scene) -> None:
    """One life of a worker that must end while its sink hangs."""
    scene.sink = HangingSink()
    life = asyncio.create_task(scene.drain(), name=LIFE)
    with suppress(asyncio.CancelledError):
        await life
    assert life.cancelled()
    await scene.server.call("DEL", scene.keys.lease(scene.keys.outbox(SALES)))


async def test_none_is_suspected_that_only_hung_when_workers_were_told_to_end(scene: Scene) -> None:
    await scene.put(of_lead(DEADLY))
    await scene.server.call("SET", scene.keys.serving(SALES), "somebody who was killed once")

    for _ in range(MOST_CRASHES + 1):
        await break_off_amid_attempts(scene)

    assert await scene.server.call("EXISTS", scene.keys.suspects(SALES), scene.keys.serving(SALES)) == 0
    assert await scene.server.call("ZCARD", scene.keys.dead_letters()) == 0
    scene.sink = ScriptedSink()
    assert await scene.drain() is True
    assert scene.sink.pushes == [DEADLY]


async def test_what_workers_died_of_stays_suspected_when_one_is_told_to_end(scene: Scene) -> None:
    await scene.put(of_lead(DEADLY))
    kill_at(scene, DEADLY)
    assert [await drain_until_killed(scene) for _ in range(2)] == [True, True]
    crashes = await scene.server.call("HGETALL", scene.keys.suspects(SALES))

    await break_off_amid_attempts(scene)

    assert await scene.server.call("HGETALL", scene.keys.suspects(SALES)) == crashes
