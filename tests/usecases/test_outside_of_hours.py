"""Deliveries of a route whose time is not open: held on a real server, and given to the sink in their order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from drain_support import AWAY, SALES, Scene, closed, failing, names, of_lead

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import RouteName
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Delivered, Outcome
from hookrouter.domain.pause import Pause
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.stages import Stage
from hookrouter.store.backlog import RedisBacklog
from hookrouter.store.deliveries import RedisDeliveries
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.retention import KeptFor
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import keep_pause
from hookrouter.usecases.deliveries import LookUpDeliveries

HOT, URGENT = RouteName("hot-lead"), RouteName("urgent")


@pytest.fixture
def scene(scene: Scene) -> Scene:
    scene.hours = closed()
    return scene


@pytest.fixture
def backlog(scene: Scene, server: RedisServer, keys: Keys) -> RedisBacklog:
    life = timedelta(days=1)
    made = RedisBacklog(
        server=server,
        keys=keys,
        layouts=Layouts(keys, 1),
        kept=KeptFor(pushes=life, deliveries=life, dead=life, rejected=life),
        policies=lambda _: scene.policy,
        hours=lambda: scene.hours,
        reconciled=lambda: None,
        watched=lambda: None,
    )
    made.know_sinks([SALES])
    return made


def urgent(push: str) -> Delivery:
    return of_lead(push, route=URGENT)


@pytest.mark.parametrize("order", Order)
async def test_they_wait_and_hold_up_no_other_route_of_the_lead(scene: Scene, order: Order) -> None:
    scene.policy = SinkPolicy(order=order)
    await scene.put(of_lead("p_1"), urgent("p_1"), of_lead("p_2"), urgent("p_2"))

    await scene.drain()

    assert [(each.push, each.route) for each in scene.sink.given] == [("p_1", URGENT), ("p_2", URGENT)]
    assert await scene.counts() == (0, 0)


@pytest.mark.parametrize("order", [Order.STRICT, Order.NONE])
async def test_when_it_opens_they_go_in_the_order_of_their_arrival_and_new_ones_behind(
    scene: Scene, order: Order
) -> None:
    scene.policy = SinkPolicy(order=order, concurrency=1)
    held = [f"p_{number}" for number in range(25)]
    await scene.put(*[of_lead(push) for push in held])
    await scene.drain()
    await scene.put(of_lead("p_new"))

    scene.hours = ALWAYS
    await scene.drain()

    assert names(scene.sink.given) == [*held, "p_new"]


async def test_the_latest_state_goes_and_tells_what_those_before_would_have(scene: Scene) -> None:
    scene.policy = SinkPolicy(order=Order.LATEST)
    await scene.put(of_lead("p_1"), of_lead("p_2"), of_lead("p_3"))
    await scene.drain()

    scene.hours = ALWAYS
    await scene.drain()

    assert names(scene.sink.given) == ["p_3"]


async def test_a_failed_one_that_comes_due_outside_of_its_hours_waits_before_the_later_ones(scene: Scene) -> None:
    scene.policy, scene.hours = SinkPolicy(order=Order.STRICT), ALWAYS
    scene.sink.script = failing("p_1")
    await scene.put(of_lead("p_1"), of_lead("p_2"))
    await scene.drain()

    scene.hours, scene.sink.script = closed(), failing()
    await scene.put(of_lead("p_3"))
    for _ in range(3):  # each lets the next move up
        await scene.let_retries_come_due()
        await scene.drain()
    outside = names(scene.sink.given)
    scene.hours = ALWAYS
    await scene.drain()

    assert outside == ["p_1"]
    assert names(scene.sink.given) == ["p_1", "p_1", "p_2", "p_3"]
    assert await scene.counts() == (0, 0)


async def test_one_that_was_let_in_and_fails_keeps_its_place(scene: Scene) -> None:
    scene.policy = SinkPolicy(order=Order.STRICT)
    await scene.put(of_lead("p_1"), of_lead("p_2"))
    await scene.drain()
    scene.hours, scene.sink.script = ALWAYS, failing("p_1")
    await scene.drain()
    await scene.put(of_lead("p_3"))
    await scene.drain()

    scene.sink.script = failing()
    for _ in range(3):  # each lets the next move up
        await scene.let_retries_come_due()
        await scene.drain()

    assert names(scene.sink.given) == ["p_1", "p_1", "p_2", "p_3"]


async def test_thousands_that_are_held_wake_nobody(scene: Scene, backlog: RedisBacklog) -> None:
    await scene.put(*[of_lead(f"p_{number}", lead=str(number % 100)) for number in range(3000)])
    await scene.drain()

    now = backlog.now()
    depth = backlog.outboxes(now)[SALES]

    assert (depth.waiting, depth.retrying, depth.shut, depth.let_in) == (0, 0, {HOT: 3000}, 0)
    assert backlog.stages_with_work(now) == {}
    scene.hours = ALWAYS  # as an edit would have it, or the clock
    assert backlog.stages_with_work(now) == {Stage.DELIVER: 3000}
    await scene.drain()
    for lead in map(str, range(100)):
        pushes = [int(each.push[2:]) for each in scene.sink.given if each.lead_key == lead]
        assert pushes == sorted(pushes)
    assert len(scene.sink.given) == 3000
    assert backlog.outboxes(now)[SALES].shut == {}
    assert [key async for key in scene.server.client.scan_iter(f"{scene.keys.shut_routes(SALES)}*")] == []


async def test_a_route_that_is_paused_too_waits_for_both(scene: Scene, backlog: RedisBacklog) -> None:
    await scene.put(of_lead("p_1"))
    await scene.drain()
    now = backlog.now()
    await scene.server.call(*keep_pause(scene.keys, "route:hot-lead", Pause(by="ada", reason="", since=now)))

    scene.hours = ALWAYS
    await scene.drain()

    assert (names(scene.sink.given), backlog.stages_with_work(now)) == ([], {})
    await scene.server.call("HDEL", scene.keys.pauses(), "route:hot-lead")
    await scene.drain()
    assert names(scene.sink.given) == ["p_1"]


async def test_one_that_is_in_hand_when_it_closes_is_not_attempted(scene: Scene) -> None:
    scene.policy = SinkPolicy(concurrency=1)
    hours = Hours({})
    scene.hours = hours

    def close(delivery: Delivery) -> None:
        object.__setattr__(hours, "times", closed().times)

    attempted = failing()
    scene.sink.script = lambda delivery: (close(delivery), attempted(delivery))[1]
    await scene.put(of_lead("p_1"), of_lead("p_2"), of_lead("p_3", lead="778"))
    await scene.drain()
    inside = names(scene.sink.given)

    scene.hours, scene.sink.script = ALWAYS, attempted
    await scene.drain()

    assert inside == ["p_1"]
    assert sorted(names(scene.sink.given)) == ["p_1", "p_2", "p_3"]


async def test_one_tells_that_it_is_held_and_until_when(scene: Scene, server: RedisServer, keys: Keys) -> None:
    delivery = of_lead("p_1")
    await scene.put(delivery)
    await scene.drain()
    desk = LookUpDeliveries(
        RedisDeliveries(server=server, keys=keys, layouts=Layouts(keys, 1)), clock=SystemClock(), hours=scene.hours
    )

    told = desk.show(delivery.id).whole()

    opens = scene.hours.opens(HOT, SystemClock().now())
    assert opens is not None
    assert (told["now"], told["until"]) == ("held", opens.isoformat())


async def test_the_time_outside_of_its_hours_does_not_count_as_tried(scene: Scene) -> None:
    scene.policy = SinkPolicy(retry_for=timedelta(hours=12))
    long_ago = SystemClock().now() - timedelta(days=2)
    await scene.put(replace(of_lead("p_1"), attempts=1, first_attempt_at=long_ago))
    await scene.drain()

    scene.hours, scene.sink.script = ALWAYS, failing("p_1")
    await scene.drain()

    assert await scene.counts() == (0, 1)


def closing_after(scene: Scene, attempts: int) -> None:
    """Open, until so many have been attempted."""
    hours = scene.hours = Hours({})

    def script(_: Delivery) -> Outcome:
        if len(scene.sink.given) >= attempts:
            object.__setattr__(hours, "times", closed().times)
        return Delivered()

    scene.sink.script = script


@pytest.mark.parametrize("order", Order)
async def test_those_that_were_let_in_when_it_closes_go_back_to_their_places(scene: Scene, order: Order) -> None:
    scene.policy = SinkPolicy(order=order, concurrency=1)
    held = [f"p_{number:02}" for number in range(40)]
    await scene.put(*[of_lead(push, lead=str(int(push[2:]) % 2)) for push in held])
    await scene.drain()
    for attempts in (2, 4, 6):
        closing_after(scene, attempts)
        await scene.drain()

    scene.hours, scene.sink.script = ALWAYS, failing()
    await scene.drain()

    for lead in ("0", "1"):
        given = [each.push for each in scene.sink.given if each.lead_key == lead]
        assert given == sorted(given)
    assert await scene.counts() == (0, 0)


@pytest.mark.parametrize("order", [Order.STRICT, Order.NONE])
async def test_what_comes_while_the_route_is_paused_lines_up_behind_what_was_shut_out(
    scene: Scene, backlog: RedisBacklog, order: Order
) -> None:
    scene.policy = SinkPolicy(order=order, concurrency=1)
    held = [f"p_{number:02}" for number in range(25)]
    await scene.put(*[of_lead(push) for push in held])
    await scene.drain()
    scene.hours = ALWAYS
    pause = Pause(by="ada", reason="", since=backlog.now())
    await scene.server.call(*keep_pause(scene.keys, "route:hot-lead", pause))
    await scene.put(of_lead("p_new"))
    await scene.drain()

    await scene.server.call("HDEL", scene.keys.pauses(), "route:hot-lead")
    await scene.drain()

    assert names(scene.sink.given) == [*held, "p_new"]


async def test_what_was_let_in_when_a_drain_is_killed_stays_behind_what_failed_before(scene: Scene) -> None:
    scene.policy = SinkPolicy(order=Order.STRICT, concurrency=1)
    held = [f"p_{number:02}" for number in range(20)]
    await scene.put(*[of_lead(push) for push in held])
    await scene.drain()
    scene.hours, scene.sink.script = ALWAYS, failing("p_00")
    await scene.drain_until_killed(settles=1)

    scene.sink.script = failing()
    for _ in held:  # each lets the next move up
        await scene.let_retries_come_due()
        await scene.drain()

    assert names(scene.sink.given) == ["p_00", *held]


async def test_what_is_let_in_little_by_little_stays_behind_what_waits_for_its_turn(scene: Scene) -> None:
    scene.policy = SinkPolicy(order=Order.STRICT, concurrency=1)
    held = [f"p_{number:02}" for number in range(30)]
    await scene.put(*[of_lead(push) for push in held])
    await scene.drain()
    scene.hours = ALWAYS

    def stop(delivery: Delivery) -> Outcome:  # each drain lets in a few more
        scene.is_told_to_stop = True
        return AWAY if scene.sink.pushes == ["p_00"] else Delivered()

    scene.sink.script = stop
    for _ in range(3 * len(held)):
        scene.is_told_to_stop = False
        await scene.let_retries_come_due()
        await scene.drain()

    assert names(scene.sink.given) == ["p_00", *held]


async def test_one_that_took_the_place_of_a_failed_one_waits_when_its_time_closes(scene: Scene) -> None:
    scene.policy = SinkPolicy(order=Order.LATEST, concurrency=1)
    scene.hours = hours = Hours({})

    def close(_: Delivery) -> Outcome:
        object.__setattr__(hours, "times", closed().times)
        return AWAY

    scene.sink.script = close
    await scene.put(of_lead("p_1"), of_lead("p_2"))
    await scene.drain()
    inside = names(scene.sink.given)
    scene.hours, scene.sink.script = ALWAYS, failing()
    await scene.drain()

    assert (inside, names(scene.sink.given)) == (["p_1"], ["p_1", "p_2"])
    assert await scene.counts() == (0, 0)


async def test_after_a_drain_was_killed_the_hours_are_kept_too(scene: Scene) -> None:
    scene.policy, scene.hours = SinkPolicy(concurrency=1), ALWAYS
    await scene.put(*[of_lead(f"p_{number}", lead=str(number)) for number in range(3)])
    await scene.drain_until_killed(settles=0)
    scene.sink.given.clear()

    closing_after(scene, 1)
    await scene.drain()

    assert names(scene.sink.given) == ["p_0"]


@pytest.mark.parametrize("order", Order)
async def test_what_waited_while_its_route_was_paused_goes_in_the_order_of_its_arrival(
    scene: Scene, backlog: RedisBacklog, order: Order
) -> None:
    scene.hours, scene.policy = ALWAYS, SinkPolicy(order=order, concurrency=1)
    now = backlog.now()
    pause = Pause(by="ada", reason="", since=now, until=now + timedelta(hours=1))
    await scene.server.call(*keep_pause(scene.keys, "route:hot-lead", pause))
    held = [f"p_{number:02}" for number in range(12)]
    for first in (0, 6):
        await scene.put(*[of_lead(push) for push in held[first : first + 6]])
        await scene.drain()
    outside = (names(scene.sink.given), backlog.stages_with_work(now), backlog.outboxes(now)[SALES].pauses)

    await scene.server.call("HDEL", scene.keys.pauses(), "route:hot-lead")
    assert backlog.stages_with_work(now) == {Stage.DELIVER: len(held)}
    await scene.drain()

    assert outside == ([], {}, {HOT: pause})
    given = names(scene.sink.given)
    assert given == (held if order is not Order.LATEST else [*sorted(given[:-1]), held[-1]])
    assert await scene.counts() == (0, 0)
