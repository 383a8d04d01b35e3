"""What became of deliveries, looked up after real drains on a real server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from drain_support import SALES, Scene, failing, of_lead, put_many

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Try
from hookrouter.domain.errors import NotFound
from hookrouter.domain.lead import Json
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Answer, Dead, Reason
from hookrouter.domain.pause import Pause
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.routing import Enrichment
from hookrouter.store.dead_letters import RedisDeadLetters
from hookrouter.store.deliveries import RedisDeliveries
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.pauses import RedisPauses
from hookrouter.store.server import RedisServer
from hookrouter.testing.builders import RECEIVED_AT
from hookrouter.usecases.deliveries import LookUpDeliveries
from hookrouter.wire.kept.enriching import write_enriching
from hookrouter.wire.kept.records import write_delivery

REFUSED = Dead(reason=Reason.REFUSED, answer=Answer(status=404, text="no such lead"))


@pytest.fixture
def desk(server: RedisServer, keys: Keys) -> LookUpDeliveries:
    return LookUpDeliveries(RedisDeliveries(server=server, keys=keys, layouts=Layouts(keys, 4)), SystemClock())


def outcomes(story: dict[str, Json]) -> list[Json]:
    attempts = story["attempts"]
    assert isinstance(attempts, list)
    return [attempt["outcome"] for attempt in attempts if isinstance(attempt, dict)]


async def test_a_delivery_waits_and_is_delivered(scene: Scene, desk: LookUpDeliveries) -> None:
    delivery = of_lead("p_1")
    await scene.put(of_lead("p_0"), delivery)
    waiting = desk.show(delivery.id).whole()
    await scene.drain()

    story = desk.show(delivery.id).whole()

    names = {"id": delivery.id, "push": "p_1", "sink": "sales", "route": "hot-lead", "lead": "777", "revision": ""}
    assert waiting == {**names, "now": "waiting", "until": None, "attempts": []}
    assert {name: story[name] for name in names} == names
    assert (story["now"], outcomes(story)) == ("delivered", ["delivered"])


async def test_a_delivery_that_failed_tells_when_it_is_tried_again(scene: Scene, desk: LookUpDeliveries) -> None:
    scene.sink.script = failing("p_1")
    await scene.put(of_lead("p_1"))
    await scene.drain()

    story = desk.show(of_lead("p_1").id).whole()

    assert (story["now"], outcomes(story)) == ("retrying", ["retry"])
    assert datetime.fromisoformat(str(story["until"])) > RECEIVED_AT


async def test_the_story_goes_on_through_death_and_replay(
    scene: Scene, desk: LookUpDeliveries, server: RedisServer, keys: Keys
) -> None:
    delivery = of_lead("p_1")
    scene.sink.script = failing("p_1", outcome=REFUSED)
    await scene.put(delivery)
    await scene.drain()
    dead = desk.show(delivery.id).whole()
    assert RedisDeadLetters(server=server, keys=keys, layouts=Layouts(keys, 4)).replay(delivery.id)
    scene.sink.script = failing()
    await scene.drain()

    told = desk.show(delivery.id).whole()

    assert (dead["now"], outcomes(dead)) == ("dead", ["dead"])
    assert (told["now"], outcomes(told)) == ("delivered", ["dead", "delivered"])


async def test_what_waits_behind_another_delivery_or_for_its_route_says_so(
    scene: Scene, desk: LookUpDeliveries, server: RedisServer, keys: Keys
) -> None:
    scene.policy = SinkPolicy(order=Order.STRICT)
    scene.sink.script = failing("p_1")
    pause = Pause(by="ada", reason="", since=datetime.now(UTC), until=None)
    RedisPauses(server=server, keys=keys).keep("route:closed", pause)
    first, second, held = of_lead("p_1"), of_lead("p_2"), of_lead("p_3", lead="778", route="closed")
    await scene.put(first)
    await scene.drain()
    await scene.put(second, held)
    await scene.let_circuit_time_pass()
    await scene.drain()

    assert [desk.show(each.id).now for each in (first, second, held)] == ["retrying", "behind", "held"]


async def test_what_a_later_delivery_replaced_names_it(scene: Scene, desk: LookUpDeliveries) -> None:
    scene.policy = SinkPolicy(order=Order.LATEST)
    scene.sink.script = failing("p_1")
    first, second = of_lead("p_1"), of_lead("p_2")
    await scene.put(first)
    await scene.drain()
    await scene.put(second)
    await scene.drain()

    story = desk.show(first.id)

    assert story.now == "superseded"
    assert story.logged[-1].came_to.reason == second.id


def test_what_waits_for_its_history_is_found(desk: LookUpDeliveries, server: RedisServer, keys: Keys) -> None:
    delivery = of_lead("p_1")
    record = write_enriching(Enrichment(sources=(), last=None), [of_lead("p_0"), delivery], RECEIVED_AT)
    server.call("XADD", keys.enrich(3), "*", "r", record)

    assert desk.show(delivery.id).now == "enriching"


def test_attempts_that_the_log_forgot_are_told_by_the_delivery(
    desk: LookUpDeliveries, server: RedisServer, keys: Keys
) -> None:
    failure = Try(at=RECEIVED_AT, seconds=1.0, outcome="retry", reason="network", status=None, text="")
    delivery = replace(of_lead("p_1"), tries=(failure, replace(failure, at=RECEIVED_AT + timedelta(seconds=5))))
    server.call("SADD", keys.outboxes(), SALES)
    server.call("XADD", keys.outbox(SALES), "*", "r", write_delivery(delivery))

    assert outcomes(desk.show(delivery.id).whole()) == ["retry", "retry"]


@pytest.mark.parametrize("since", [RECEIVED_AT, None], ids=["from its push on", "from now back"])
@pytest.mark.parametrize("is_first_gone", [False, True], ids=["all of it is there", "the log forgot its beginning"])
async def test_what_came_of_a_delivery_long_after_its_push_and_long_ago_is_told(
    scene: Scene,
    desk: LookUpDeliveries,
    server: RedisServer,
    keys: Keys,
    since: datetime | None,
    *,
    is_first_gone: bool,
) -> None:
    """A look at so much of the log, from either end, does not come to it."""
    delivery = of_lead("p_1")
    await scene.put(of_lead("p_0", lead="1"), delivery)
    scene.sink.script = failing("p_1")
    await scene.drain()
    await put_many(scene, 20)
    await scene.drain()
    tried = desk.show(delivery.id, since=since, most=5)
    if is_first_gone:
        server.call("XTRIM", keys.attempts(), "MAXLEN", "=", 20)
    scene.sink.script = failing()
    await scene.let_retries_come_due()
    await scene.drain()
    await put_many(scene, 20)
    await scene.drain()

    story = desk.show(delivery.id, since=since, most=5)

    assert (tried.now, outcomes(tried.whole())) == ("retrying", ["retry"])
    assert (story.now, outcomes(story.whole())) == (
        "delivered",
        ["delivered"] if is_first_gone else ["retry", "delivered"],
    )


def test_nothing_known_is_said(desk: LookUpDeliveries) -> None:
    with pytest.raises(NotFound, match="nothing is known of a delivery d_1"):
        desk.show("d_1")
