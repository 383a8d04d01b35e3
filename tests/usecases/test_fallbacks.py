"""What waits for a sink that has been dead for long goes to another, whole and once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from drain_support import AWAY, FAR_AHEAD, LONG_AGO, SALES, Scene, circuit, many, of_lead, pause, put_many, set_circuit

from hookrouter.domain.circuit import Circuit
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import LeaseLost, SinkFellBack
from hookrouter.domain.fallback import Fallback, fallen_back
from hookrouter.domain.ids import SinkName
from hookrouter.domain.order import Order
from hookrouter.domain.pause import ITSELF, Pause
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.store.outbox import RedisOutbox
from hookrouter.store.standing import keep_pause
from hookrouter.wire.kept.records import read_delivery

NOTES = SinkName("notes")
FALLBACK = Fallback(to=NOTES, after=timedelta(minutes=30))
DEAD = Circuit(failures=10, trips=7, opened_at=LONG_AGO, until=FAR_AHEAD, reason="network")
ASKED_AGAIN = Circuit(failures=10, trips=7, opened_at=LONG_AGO, until=LONG_AGO, reason="network")


async def elsewhere(scene: Scene) -> list[Delivery]:
    found = await scene.server.call("XRANGE", scene.keys.outbox(NOTES), "-", "+")
    return [read_delivery(fields[b"r"]) for _, fields in found]


async def test_all_that_waits_goes_to_the_other_sink_in_its_order_and_is_told_so(scene: Scene) -> None:
    scene.policy = SinkPolicy(fallback=FALLBACK)
    await set_circuit(scene, DEAD)
    await put_many(scene, 450)

    await scene.drain()

    moved = await elsewhere(scene)
    assert [delivery.push for delivery in moved] == many(450)
    assert {(delivery.sink, delivery.in_place_of) for delivery in moved} == {(NOTES, SALES)}
    assert scene.sink.given == []
    assert await scene.counts() == (0, 0)
    assert await scene.server.call("SISMEMBER", scene.keys.outboxes(), NOTES)
    [event] = scene.reports.of(SinkFellBack)
    assert isinstance(event, SinkFellBack)
    assert (event.sink, event.to, event.deliveries) == (SALES, NOTES, 450)


@pytest.mark.parametrize("order", Order)
async def test_what_was_tried_and_waits_for_its_next_attempt_goes_too(scene: Scene, order: Order) -> None:
    scene.policy = SinkPolicy(order=order)
    scene.sink.script = lambda _: AWAY
    await scene.put(of_lead("p_1", lead="1"), of_lead("p_2", lead="2"))
    await scene.drain()
    await scene.put(of_lead("p_3", lead="1"))
    await set_circuit(scene, DEAD)
    scene.policy = SinkPolicy(order=order, fallback=FALLBACK)

    await scene.drain()

    pushes = [delivery.push for delivery in await elsewhere(scene)]
    assert sorted(pushes) == ["p_1", "p_2", "p_3"]
    assert pushes.index("p_1") < pushes.index("p_3")
    assert await scene.counts() == (0, 0)
    lanes = [key async for key in scene.server.client.scan_iter(f"{scene.keys.prefix}:*lane*")]
    assert lanes == []


async def test_one_delivery_stays_to_ask_whether_the_far_side_is_back_and_goes_the_next_time(scene: Scene) -> None:
    scene.policy = SinkPolicy(fallback=FALLBACK)
    scene.sink.script = lambda _: AWAY
    await set_circuit(scene, ASKED_AGAIN)
    await put_many(scene, 5)

    await scene.drain()

    assert scene.sink.pushes == ["p_4"]
    assert [delivery.push for delivery in await elsewhere(scene)] == many(4)

    await scene.drain()

    assert scene.sink.pushes == ["p_4"]
    assert [delivery.push for delivery in await elsewhere(scene)] == many(5)


async def test_when_the_far_side_is_back_everything_stays_again(scene: Scene) -> None:
    scene.policy = SinkPolicy(fallback=FALLBACK)
    await set_circuit(scene, ASKED_AGAIN)
    await put_many(scene, 1)
    await scene.drain()
    assert (await circuit(scene)).opened_at is None

    await scene.put(of_lead("p_later", lead="later"))
    await scene.drain()

    assert scene.sink.pushes == ["p_0", "p_later"]
    assert await elsewhere(scene) == []


@pytest.mark.parametrize("since", [timedelta(minutes=29), timedelta(minutes=31)])
async def test_a_sink_that_is_dead_for_less_than_the_time_is_waited_for(scene: Scene, since: timedelta) -> None:
    scene.policy = SinkPolicy(fallback=FALLBACK)
    dead = Circuit(failures=10, trips=7, opened_at=datetime.now(UTC) - since, until=FAR_AHEAD, reason="network")
    await set_circuit(scene, dead)
    await put_many(scene, 2)

    await scene.drain()

    assert len(await elsewhere(scene)) == (0 if since < FALLBACK.after else 2)


async def test_what_somebody_paused_waits_for_its_sink(scene: Scene) -> None:
    scene.policy = SinkPolicy(fallback=FALLBACK)
    await set_circuit(scene, DEAD)
    await pause(scene, f"sink:{SALES}")
    await put_many(scene, 2)

    await scene.drain()

    assert await elsewhere(scene) == []
    assert await scene.counts() == (2, 0)


async def test_what_waits_for_a_sink_that_said_it_is_gone_goes_to_the_other(scene: Scene) -> None:
    scene.policy = SinkPolicy(fallback=FALLBACK)
    gone = Pause(by=ITSELF, reason="the far side says that it is gone", since=LONG_AGO)
    await scene.server.call(*keep_pause(scene.keys, f"sink:{SALES}", gone))
    await put_many(scene, 2)

    await scene.drain()

    assert [delivery.push for delivery in await elsewhere(scene)] == many(2)
    assert scene.sink.given == []


async def test_a_digest_that_waits_goes_as_its_members_and_what_gathers_goes_at_once(scene: Scene) -> None:
    digest = Digest(every=timedelta(hours=1), most=2)
    scene.policy = SinkPolicy(digest=digest)
    scene.sink.script = lambda _: AWAY
    await put_many(scene, 3)
    await scene.drain()
    await set_circuit(scene, DEAD)
    scene.policy = SinkPolicy(digest=digest, fallback=FALLBACK)

    await scene.drain()

    moved = await elsewhere(scene)
    assert sorted(delivery.push for delivery in moved) == many(3)
    assert all(not delivery.members for delivery in moved)


async def test_a_drain_that_is_killed_between_two_steps_leaves_the_rest_to_the_next_and_moves_nothing_twice(
    scene: Scene,
) -> None:
    scene.policy = SinkPolicy(fallback=FALLBACK)
    await set_circuit(scene, DEAD)
    await put_many(scene, 450)

    await scene.drain_until_killed(settles=1)
    assert len(await elsewhere(scene)) == 200
    await scene.drain()

    moved = await elsewhere(scene)
    assert [delivery.push for delivery in moved] == many(450)
    assert len({delivery.id for delivery in moved}) == 450


class SlowOutbox(RedisOutbox):
    """Takes as long for each step as a lease lives."""

    async def settle(self, *settled: Any, **more: Any) -> bool:
        is_kept = await super().settle(*settled, **more)
        await self.lease.server.call("DEL", self.lease.key)
        return is_kept


async def test_what_takes_longer_to_move_than_a_lease_lives_is_moved_by_one_drain(scene: Scene) -> None:
    scene.policy = SinkPolicy(fallback=FALLBACK)
    await set_circuit(scene, DEAD)
    await put_many(scene, 450)

    await scene.drain(SlowOutbox)

    assert [delivery.push for delivery in await elsewhere(scene)] == many(450)
    assert scene.reports.of(LeaseLost) == []


async def test_what_went_elsewhere_tells_where(scene: Scene) -> None:
    scene.policy = SinkPolicy(fallback=FALLBACK)
    await set_circuit(scene, DEAD)
    here = of_lead("p_1", lead="1")
    await scene.put(here)

    await scene.drain()

    [(_, fields)] = await scene.server.call("XRANGE", scene.keys.attempts(), "-", "+")
    assert b'"outcome":"moved"' in fields[b"r"]
    [there] = fallen_back(here, NOTES)
    assert there.id.encode() in fields[b"r"]
