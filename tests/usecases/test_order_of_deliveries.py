"""What a lead's later deliveries do while an earlier one waits for its next attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from drain_support import Scene, ScriptedSink, failing, names, of_lead

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import DeliveryAttempted, DeliverySuperseded
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Dead, Delivered, Outcome, Reason
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.outbox import Cursor, OutboxEntry
from hookrouter.ports.sinks import Message
from hookrouter.store.outbox import RedisOutbox
from hookrouter.testing.builders import RECEIVED_AT

THREE = ("p_1", "p_2", "p_3")


def ordered(scene: Scene, order: Order) -> None:
    scene.policy = SinkPolicy(order=order)


@pytest.mark.parametrize("order", Order)
async def test_deliveries_of_one_lead_go_in_order(scene: Scene, order: Order) -> None:
    ordered(scene, order)
    await scene.put(*(of_lead(push, route=route) for push in THREE for route in ("hot-lead", "every-lead")))

    await scene.drain()

    assert [name for name in scene.sink.pushes if scene.sink.pushes.count(name)] == sorted(scene.sink.pushes)
    assert await scene.counts() == (0, 0)


async def test_later_ones_overtake_when_nothing_is_said(scene: Scene) -> None:
    scene.sink.script = failing("p_1")
    await scene.put(*map(of_lead, THREE))

    await scene.drain()

    assert scene.sink.pushes == ["p_1", "p_2", "p_3"]
    assert await scene.counts() == (0, 1)


class TestStrict:
    @pytest.fixture(autouse=True)
    def _strict(self, scene: Scene) -> None:
        ordered(scene, Order.STRICT)

    async def test_later_ones_wait_behind_the_one_that_waits(self, scene: Scene) -> None:
        scene.sink.script = failing("p_1")
        await scene.put(*map(of_lead, THREE), of_lead("p_9", lead="888"))
        await scene.drain()
        assert sorted(scene.sink.pushes) == ["p_1", "p_9"]
        await scene.put(of_lead("p_4"))
        await scene.drain()
        assert await scene.counts() == (0, 4)

        scene.sink.script = failing()
        scene.sink.given.clear()
        await scene.let_retries_come_due()
        while (await scene.counts())[1]:
            await scene.drain()

        assert scene.sink.pushes == ["p_1", "p_2", "p_3", "p_4"]
        assert await scene.counts() == (0, 0)
        assert await scene.server.call("KEYS", f"{scene.keys.prefix}:lane:*") == []

    async def test_they_move_up_when_it_dies(self, scene: Scene) -> None:
        scene.sink.script = failing("p_1")
        await scene.put(*map(of_lead, THREE))
        await scene.drain()

        scene.sink.script = failing("p_1", outcome=Dead(reason=Reason.REFUSED))
        await scene.let_retries_come_due()
        while sum(await scene.counts()):
            await scene.drain()

        assert scene.sink.pushes == ["p_1", "p_1", "p_2", "p_3"]

    async def test_each_may_fail_in_its_turn(self, scene: Scene) -> None:
        failed: list[str] = []

        def fail_once(delivery: object) -> object:
            push = getattr(delivery, "push", "")
            if push in failed:
                return Delivered()
            failed.append(push)
            return failing(push)(delivery)  # type: ignore[arg-type]

        scene.sink.script = fail_once  # type: ignore[assignment]
        await scene.put(*map(of_lead, THREE))
        while sum(await scene.counts()):
            await scene.let_retries_come_due()
            await scene.drain()

        assert scene.sink.pushes == ["p_1", "p_1", "p_2", "p_2", "p_3", "p_3"]

    async def test_what_is_behind_nothing_is_not_forgotten(self, scene: Scene) -> None:
        scene.sink.script = failing("p_1")
        await scene.put(*map(of_lead, THREE))
        await scene.drain()
        await scene.server.call("ZREM", scene.keys.retries("sales"), of_lead("p_1").id)
        await scene.server.call("HDEL", scene.keys.retry_records("sales"), of_lead("p_1").id)

        while sum(await scene.counts()):
            await scene.drain()

        assert scene.sink.pushes == ["p_1", "p_2", "p_3"]


class TestLatest:
    @pytest.fixture(autouse=True)
    def _latest(self, scene: Scene) -> None:
        ordered(scene, Order.LATEST)

    async def test_the_latest_takes_the_place_of_one_that_waits(self, scene: Scene) -> None:
        scene.sink.script = failing("p_1")
        await scene.put(of_lead("p_1", leadStatus="qualified"))
        await scene.drain()
        assert await scene.counts() == (0, 1)

        await scene.put(of_lead("p_2", leadStatus="contact"))
        await scene.drain()

        assert scene.sink.pushes == ["p_1", "p_2"]
        assert await scene.counts() == (0, 0)
        assert await scene.server.call("KEYS", f"{scene.keys.prefix}:lane:*") == []
        [event] = scene.reports.of(DeliverySuperseded)
        assert isinstance(event, DeliverySuperseded)
        assert (event.delivery, event.by) == (of_lead("p_1").id, of_lead("p_2").id)

    async def test_it_tells_also_what_the_earlier_one_would_have_told(self, scene: Scene) -> None:
        scene.sink.script = failing("p_1")
        await scene.put(of_lead("p_1"))
        await scene.drain()

        await scene.put(of_lead("p_2"))
        await scene.drain()

        assert scene.sink.given[-1].changed == ("leadStatus",)
        assert scene.sink.given[-1].previous == {"leadStatus": "open"}

    async def test_nothing_is_left_out_while_nothing_fails(self, scene: Scene) -> None:
        scene.policy = SinkPolicy(order=Order.LATEST, concurrency=1)
        await scene.put(of_lead("p_0", lead="888"), *map(of_lead, THREE))

        await scene.drain()

        assert scene.sink.pushes == ["p_0", "p_1", "p_2", "p_3"]
        assert await scene.counts() == (0, 0)

    async def test_an_older_one_never_comes_after_a_newer_one(self, scene: Scene) -> None:
        scene.sink.script = failing("p_1", "p_2")
        for push in THREE[:2]:
            await scene.put(of_lead(push))
            await scene.drain()
        await scene.let_retries_come_due()
        await scene.put(of_lead("p_3"))

        await scene.drain()
        await scene.let_retries_come_due()
        await scene.drain()

        assert scene.sink.pushes == ["p_1", "p_2", "p_3"]
        assert await scene.counts() == (0, 0)

    async def test_an_older_one_that_is_replayed_takes_nobodys_place(self, scene: Scene) -> None:
        scene.sink.script = failing("p_2")
        newer = replace(of_lead("p_2"), received_at=RECEIVED_AT + timedelta(hours=1))
        await scene.put(newer)
        await scene.drain()

        await scene.put(of_lead("p_1"))
        await scene.drain()

        assert scene.sink.pushes == ["p_2", "p_1"]
        assert await scene.counts() == (0, 1)

    async def test_another_route_says_something_else(self, scene: Scene) -> None:
        scene.sink.script = failing("p_1")
        await scene.put(of_lead("p_1", route="hot-lead"))
        await scene.drain()

        await scene.put(of_lead("p_2", route="every-lead"))
        await scene.drain()

        assert await scene.counts() == (0, 1)

    async def test_the_next_one_in_hand_takes_over_when_an_attempt_fails(self, scene: Scene) -> None:
        scene.sink.script = failing("p_1")
        scene.policy = SinkPolicy(order=Order.LATEST, concurrency=1)
        await scene.put(of_lead("p_1"))
        outbox_before = await scene.counts()
        await scene.put(of_lead("p_9", lead="888"), of_lead("p_2"))

        await scene.drain()

        assert outbox_before == (1, 0)
        assert "p_2" in scene.sink.pushes
        assert await scene.counts() == (0, 0)


@pytest.mark.parametrize("order", [Order.STRICT, Order.LATEST])
async def test_leads_of_two_accounts_with_one_id_have_nothing_to_do_with_each_other(scene: Scene, order: Order) -> None:
    ordered(scene, order)
    scene.sink.script = failing("p_1")
    await scene.put(of_lead("p_1", source="crm"))
    await scene.drain()

    await scene.put(of_lead("p_2", source="other-crm"))
    await scene.drain()
    assert (scene.sink.pushes, await scene.counts()) == (["p_1", "p_2"], (0, 1))
    scene.sink.script = failing()
    await scene.let_retries_come_due()
    while sum(await scene.counts()):
        await scene.drain()

    assert scene.sink.pushes == ["p_1", "p_2", "p_1"]
    assert await scene.server.call("KEYS", f"{scene.keys.prefix}:lane:*") == []


async def test_two_of_one_id_that_are_in_hand_together_do_not_take_each_others_place(scene: Scene) -> None:
    ordered(scene, Order.LATEST)
    scene.policy = SinkPolicy(order=Order.LATEST, concurrency=1)
    scene.sink.script = failing("p_1")

    await scene.put(of_lead("p_1", source="crm"), of_lead("p_2", source="other-crm"))
    await scene.drain()

    assert scene.sink.pushes == ["p_1", "p_2"]
    assert await scene.counts() == (0, 1)


async def test_what_was_confirmed_is_not_sent_again(scene: Scene) -> None:
    await scene.put(of_lead("p_1"))
    await scene.drain()
    await scene.put(of_lead("p_1"))

    await scene.drain()

    assert scene.sink.pushes == ["p_1"]
    assert await scene.counts() == (0, 0)


async def test_a_new_one_waits_behind_all_of_its_lead_when_the_foremost_is_due(scene: Scene) -> None:
    scene.policy = SinkPolicy(order=Order.STRICT)
    scene.sink.script = failing("p_1")
    await scene.put(of_lead("p_1"), of_lead("p_2"))
    await scene.drain()

    scene.sink.script = failing()
    await scene.put(of_lead("p_3"))
    for _ in range(3):  # each lets the next move up
        await scene.let_retries_come_due()
        await scene.drain()

    assert names(scene.sink.given) == ["p_1", "p_1", "p_2", "p_3"]


@pytest.mark.parametrize(("order", "given"), [(Order.STRICT, ["p_1"]), (Order.LATEST, ["p_1", "p_2"])])
async def test_one_that_is_read_in_the_moment_the_one_before_it_fails_knows_of_that(
    scene: Scene, order: Order, given: list[str]
) -> None:
    was_read = asyncio.Event()

    class Overtaken(ScriptedSink):
        async def send(self, delivery: Delivery, message: Message) -> Outcome:
            if delivery.push == "p_1":
                await scene.put(of_lead("p_2"))
                await was_read.wait()
            return await super().send(delivery, message)

    class Slow(RedisOutbox):
        async def read(self, after: Cursor, count: int) -> Sequence[OutboxEntry]:
            found = await super().read(after, count)
            if [entry.delivery.push for entry in found] == ["p_2"]:
                was_read.set()
                while not scene.reports.of(DeliveryAttempted):  # noqa: ASYNC110 - nobody rings when it is settled
                    await asyncio.sleep(0)
            return found

    ordered(scene, order)
    scene.sink = Overtaken(script=failing("p_1"))
    await scene.put(of_lead("p_1"))
    await scene.drain(Slow)
    assert scene.sink.pushes == given

    scene.sink = ScriptedSink()
    for _ in range(2):  # each lets the next move up
        await scene.let_retries_come_due()
        await scene.drain()

    assert scene.sink.pushes == (["p_1", "p_2"] if order is Order.STRICT else [])


async def test_one_that_comes_due_while_a_later_one_takes_its_place_does_not_follow_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookrouter.usecases.delivering.drain.STANDING_EVERY", 0.0)
    is_due_again = asyncio.Event()

    class Slow(ScriptedSink):
        async def send(self, delivery: Delivery, message: Message) -> Outcome:
            if delivery.push == "p_2":
                await scene.let_retries_come_due()
                await is_due_again.wait()
            return await super().send(delivery, message)

    class Watched(RedisOutbox):
        async def read(self, after: Cursor, count: int) -> Sequence[OutboxEntry]:
            found = await super().read(after, count)
            if any(entry.again for entry in found):
                asyncio.get_running_loop().call_later(0.05, is_due_again.set)
            return found

    ordered(scene, Order.LATEST)
    scene.sink.script = failing("p_1")
    await scene.put(of_lead("p_1"))
    await scene.drain()

    scene.sink = Slow()
    await scene.put(of_lead("p_2"))
    await scene.drain(Watched)
    await scene.drain()

    assert scene.sink.pushes == ["p_2"]
    assert await scene.counts() == (0, 0)
    assert len(scene.reports.of(DeliverySuperseded)) == 1


async def test_one_that_two_later_ones_replace_in_turn_is_over_with_the_last_when_it_comes_due(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookrouter.usecases.delivering.drain.STANDING_EVERY", 0.0)
    monkeypatch.setattr("hookrouter.usecases.delivering.gate.OLD_AFTER", timedelta())
    seen: dict[str, asyncio.Event] = {push: asyncio.Event() for push in ("p_1", "p_3")}

    class Watched(RedisOutbox):
        async def read(self, after: Cursor, count: int) -> Sequence[OutboxEntry]:
            found = await super().read(after, count)
            for entry in found:
                if entry.delivery.push in seen:
                    asyncio.get_running_loop().call_later(0.05, seen[entry.delivery.push].set)
            return found

    class Slow(ScriptedSink):
        async def send(self, delivery: Delivery, message: Message) -> Outcome:
            if delivery.push == "p_9":  # of another route, and the lead's others wait for it
                await scene.put(of_lead("p_3"))
                await seen["p_3"].wait()
                await scene.let_retries_come_due()
                await seen["p_1"].wait()
            return await super().send(delivery, message)

    ordered(scene, Order.LATEST)
    scene.sink.script = failing("p_1")
    await scene.put(of_lead("p_1"))
    await scene.drain()

    scene.sink = Slow()
    await scene.put(of_lead("p_9", route="every-lead"), of_lead("p_2"))
    await scene.drain(Watched)
    await scene.drain()

    assert scene.sink.pushes == ["p_9", "p_3"]
    assert await scene.counts() == (0, 0)
    assert len(scene.reports.of(DeliverySuperseded)) == 2
