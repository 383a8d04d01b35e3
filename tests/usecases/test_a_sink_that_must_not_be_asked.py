"""Circuits, pauses and rates: what a drain leaves alone, and how it goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from drain_support import (
    AWAY,
    FAR_AHEAD,
    LONG_AGO,
    SALES,
    Scene,
    circuit,
    failing,
    many,
    of_lead,
    pause,
    put_many,
    set_circuit,
)

from hookrouter.domain.circuit import CLOSED, IN_A_ROW, Circuit, CircuitState
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import CircuitChanged, SinkPaused
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Answer, Dead, Delivered, Reason, Retry
from hookrouter.domain.policy import SinkPolicy
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.pauses import RedisPauses
from hookrouter.store.retrying import RedisRetries
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import pauses_of

NOW = datetime(2026, 3, 4, tzinfo=UTC)


async def test_a_far_side_that_keeps_failing_is_left_alone_with_what_waits(scene: Scene) -> None:
    scene.policy = SinkPolicy(concurrency=2)
    scene.sink.script = lambda _: AWAY
    await put_many(scene, 100)

    assert await scene.drain() is False

    assert IN_A_ROW <= len(scene.sink.given) <= IN_A_ROW + 2
    waiting, retrying = await scene.counts()
    assert waiting + retrying == 100
    assert (await circuit(scene)).opened_at is not None
    [event] = scene.reports.of(CircuitChanged)
    assert isinstance(event, CircuitChanged)
    assert (event.state, event.reason) == (CircuitState.OPEN, Reason.NETWORK)


async def test_who_knows_that_it_is_back_has_it_asked_at_once_and_all_goes_out(
    scene: Scene, server: RedisServer, keys: Keys
) -> None:
    scene.policy = SinkPolicy(concurrency=2)
    scene.sink.script = lambda _: AWAY
    await put_many(scene, 100)
    await scene.drain()
    scene.sink.script, scene.sink.given = lambda _: Delivered(), []

    again, besides = RedisRetries(server=server, keys=keys, layouts=Layouts(keys, 1)).ask_now(SALES)
    await scene.drain()

    assert (again + besides, again >= IN_A_ROW) == (100, True)
    assert sorted(scene.sink.pushes) == sorted(many(100))
    assert await circuit(scene) == CLOSED


async def test_who_is_wrong_about_that_costs_one_attempt_and_no_longer_pause(
    scene: Scene, server: RedisServer, keys: Keys
) -> None:
    await set_circuit(scene, Circuit(failures=10, trips=4, opened_at=LONG_AGO, until=FAR_AHEAD, reason="network"))
    scene.sink.script = lambda _: AWAY
    await put_many(scene, 3)

    RedisRetries(server=server, keys=keys, layouts=Layouts(keys, 1)).ask_now(SALES)
    await scene.drain()

    assert len(scene.sink.given) == 1
    assert (await circuit(scene)).trips == 4


async def test_what_waits_behind_another_delivery_goes_on_doing_so(
    scene: Scene, server: RedisServer, keys: Keys
) -> None:
    scene.policy = SinkPolicy(order=Order.STRICT)
    scene.sink.script = failing("p_1")
    await scene.put(of_lead("p_1"), of_lead("p_2"))
    await scene.drain()
    scene.sink.script = lambda _: Delivered()

    asked = RedisRetries(server=server, keys=keys, layouts=Layouts(keys, 1)).ask_now(SALES)
    await scene.drain()
    await scene.drain()

    assert asked == (1, 0)
    assert scene.sink.pushes == ["p_1", "p_1", "p_2"]


async def test_while_it_is_open_nothing_is_asked(scene: Scene) -> None:
    await set_circuit(scene, Circuit(failures=10, trips=1, opened_at=LONG_AGO, until=FAR_AHEAD, reason="network"))
    await put_many(scene, 3)

    assert await scene.drain() is False

    assert scene.sink.given == []
    assert await scene.counts() == (3, 0)


async def test_one_delivery_asks_whether_the_far_side_is_back_and_the_others_follow(scene: Scene) -> None:
    await set_circuit(scene, Circuit(failures=10, trips=1, opened_at=LONG_AGO, until=LONG_AGO, reason="network"))
    await put_many(scene, 40)
    seen: list[int] = []
    scene.sink.script = lambda _: seen.append(scene.sink.at_once) or Delivered()  # type: ignore[func-returns-value]

    assert await scene.drain() is True

    assert len(scene.sink.given) == 40
    assert await scene.counts() == (0, 0)
    assert await circuit(scene) == CLOSED


async def test_a_probe_that_fails_costs_one_attempt(scene: Scene) -> None:
    await set_circuit(scene, Circuit(failures=10, trips=1, opened_at=LONG_AGO, until=LONG_AGO, reason="network"))
    scene.sink.script = lambda _: AWAY
    await put_many(scene, 40)

    await scene.drain()

    assert len(scene.sink.given) == 1
    assert await scene.counts() == (39, 1)
    assert (await circuit(scene)).trips == 2


async def test_a_retry_after_holds_the_whole_sink(scene: Scene) -> None:
    scene.policy = SinkPolicy(concurrency=1)
    scene.sink.script = failing("p_0", outcome=Retry(reason=Reason.THROTTLED, after=timedelta(minutes=5)))
    await put_many(scene, 5)

    assert await scene.drain() is False

    assert scene.sink.pushes == ["p_0"]
    assert await scene.counts() == (4, 1)
    assert (await circuit(scene)).state(datetime.now(UTC)) is CircuitState.RESTING


async def test_a_paused_sink_holds_its_deliveries(scene: Scene) -> None:
    await pause(scene, "sink:sales")
    await put_many(scene, 3)

    assert await scene.drain() is False
    assert await scene.counts() == (3, 0)

    await scene.server.call("HDEL", scene.keys.pauses(), "sink:sales")
    await scene.drain()
    assert sorted(scene.sink.pushes) == many(3)


async def test_a_pause_ends_by_itself(scene: Scene) -> None:
    await pause(scene, "sink:sales", until=LONG_AGO)
    await put_many(scene, 3)

    await scene.drain()

    assert await scene.counts() == (0, 0)


async def test_a_paused_route_holds_its_deliveries_and_no_others(scene: Scene) -> None:
    await pause(scene, "route:hot-lead")
    await scene.put(of_lead("p_1", lead="1"), of_lead("p_2", lead="2", route="every-lead"))

    await scene.drain()

    assert scene.sink.pushes == ["p_2"]
    assert await scene.counts() == (0, 0)


async def test_what_a_paused_route_held_goes_out_when_it_is_paused_no_more(
    scene: Scene, server: RedisServer, keys: Keys
) -> None:
    await pause(scene, "route:hot-lead")
    await scene.put(of_lead("p_1"), of_lead("p_2", lead="2"))
    await scene.drain()
    await scene.drain()
    assert scene.sink.pushes == []

    RedisPauses(server=server, keys=keys).lift("route:hot-lead")
    await scene.drain()

    assert sorted(scene.sink.pushes) == ["p_1", "p_2"]
    assert await scene.counts() == (0, 0)


async def test_a_far_side_that_is_gone_pauses_its_sink(scene: Scene) -> None:
    scene.policy = SinkPolicy(concurrency=1)
    scene.sink.script = failing("p_0", outcome=Dead(reason=Reason.GONE, answer=Answer(status=410)))
    await put_many(scene, 3)

    assert await scene.drain() is False

    assert scene.sink.pushes == ["p_0"]
    assert await scene.counts() == (2, 0)
    assert await scene.server.call("ZCARD", scene.keys.dead_letters()) == 1
    [held] = pauses_of(await scene.server.call("HGETALL", scene.keys.pauses())).values()
    assert (held.by, held.until) == ("hookrouter", None)
    assert len(scene.reports.of(SinkPaused)) == 1


async def test_a_rate_is_kept_by_all_drains_together(scene: Scene) -> None:
    scene.policy = SinkPolicy(rate_limit=100.0)
    await put_many(scene, 30)
    began = await _now(scene)

    await scene.drain()

    assert len(scene.sink.given) == 30
    assert (await _now(scene) - began) * 100 >= 30 - 10 - 1  # a bucketful was there to begin with


async def test_what_was_tried_is_remembered_with_each_answer(scene: Scene) -> None:
    refused = Retry(reason=Reason.SERVER_ERROR, answer=Answer(status=503, text="x" * 1000))
    scene.sink.script = failing("p_1", outcome=refused)
    await scene.put(of_lead("p_1"))
    for _ in range(3):
        await scene.drain()
        await scene.let_retries_come_due()
    scene.sink.script = failing("p_1", outcome=Dead(reason=Reason.REFUSED, answer=Answer(status=422, text="no")))

    await scene.drain()

    letter = json.loads(await scene.server.call("GET", scene.keys.dead_letter(of_lead("p_1").id)))
    tries = [(outcome, status, len(text)) for _, _, outcome, _, status, text in letter["delivery"]["tries"]]
    assert tries == [("retry", 503, 200)] * 3 + [("dead", 422, 2)]


async def _now(scene: Scene) -> float:
    seconds, microseconds = await scene.server.call("TIME")
    return int(seconds) + int(microseconds) / 1_000_000


@pytest.mark.parametrize("record", [b"", b"{", b'{"v": 0}', b'{"v": 1}'])
async def test_a_standing_that_cannot_be_read_holds_nothing(scene: Scene, record: bytes) -> None:
    await scene.server.call("SET", scene.keys.circuit(SALES), record)
    await scene.server.call("HSET", scene.keys.pauses(), "sink:sales", record)
    await put_many(scene, 1)

    await scene.drain()

    assert await scene.counts() == (0, 0)


async def test_a_drain_that_is_told_to_stop_ends_and_leaves_what_it_has_in_hand(scene: Scene) -> None:
    scene.policy = SinkPolicy(concurrency=2)

    def stop(_: Delivery) -> Delivered:
        scene.is_told_to_stop = True
        return Delivered()

    scene.sink.script = stop
    await put_many(scene, 10)

    await scene.drain()

    assert 1 <= len(scene.sink.given) <= 2
    assert await scene.counts() == (10 - len(scene.sink.given), 0)
