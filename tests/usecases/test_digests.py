"""Deliveries gathered into one message: when they go out, with whom, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from drain_support import AWAY, SALES, Said, Scene, ScriptedSink, closed, names, of_lead

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import gather
from hookrouter.domain.events import DigestGathered
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import RouteName
from hookrouter.domain.outcome import Dead, Delivered, Reason
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.ports.sinks import Message
from hookrouter.store.deliveries import RedisDeliveries
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.usecases.deliveries import LookUpDeliveries
from hookrouter.wire.kept.records import read_delivery, write_delivery

HOURLY = Digest(every=timedelta(hours=1), most=5)


@dataclass
class DigestingSink(ScriptedSink):
    """Words several deliveries as one, those of one state each."""

    digests: list[list[str]] = field(default_factory=list)

    def digest_key(self, delivery: Delivery) -> str:
        if delivery.lead["state"] == "XX":
            raise ZeroDivisionError
        return str(delivery.lead["state"])

    def render_digest(self, deliveries: Sequence[Delivery]) -> Message:
        self.digests.append(names(deliveries))
        return Said()


@pytest.fixture
def gathering(scene: Scene) -> DigestingSink:
    scene.policy = SinkPolicy(digest=HOURLY)
    scene.sink = sink = DigestingSink()
    return sink


async def put(scene: Scene, *pushes: str, state: str = "CA") -> None:
    await scene.put(*(of_lead(push, lead=push.removeprefix("p_"), state=state) for push in pushes))


async def let_time_pass(scene: Scene) -> None:
    """As if what is in the outbox had been there for two hours."""
    stream = scene.keys.outbox(SALES)
    entries = await scene.server.call("XRANGE", stream, "-", "+")
    await scene.server.call("DEL", stream)
    for entry, fields in entries:
        milliseconds, _, sequence = entry.decode().partition("-")
        await scene.server.call("XADD", stream, f"{int(milliseconds) - 7_200_000}-{sequence}", "r", fields[b"r"])


async def test_as_many_as_a_digest_holds_go_out_at_once(scene: Scene, gathering: DigestingSink) -> None:
    pushes = [f"p_{number}" for number in range(7)]
    await put(scene, *pushes)

    assert await scene.drain() is False

    assert gathering.digests == [pushes[:5]]
    assert await scene.counts() == (2, 0)
    [event] = scene.reports.of(DigestGathered)
    assert isinstance(event, DigestGathered)
    assert event.deliveries == 5


async def test_few_wait_for_their_time_and_then_go_out(scene: Scene, gathering: DigestingSink) -> None:
    await put(scene, "p_1", "p_2")
    assert await scene.drain() is False
    assert (gathering.given, await scene.counts()) == ([], (2, 0))

    await let_time_pass(scene)
    await scene.drain()

    assert gathering.digests == [["p_1", "p_2"]]
    assert await scene.counts() == (0, 0)


async def test_those_that_may_not_share_a_message_do_not(scene: Scene, gathering: DigestingSink) -> None:
    await put(scene, "p_1", "p_3")
    await put(scene, "p_2", state="WA")
    await let_time_pass(scene)

    await scene.drain()

    assert sorted(gathering.digests) == [["p_1", "p_3"], ["p_2"]]


async def test_one_whose_message_cannot_be_made_holds_up_nobody(scene: Scene, gathering: DigestingSink) -> None:
    await put(scene, "p_1", state="XX")
    await put(scene, "p_2")
    await let_time_pass(scene)

    await scene.drain()

    assert sorted(gathering.digests) == [["p_1"], ["p_2"]]
    assert await scene.counts() == (0, 0)


async def test_a_digest_that_fails_is_tried_again_as_it_was(scene: Scene, gathering: DigestingSink) -> None:
    gathering.script = lambda _: AWAY
    await put(scene, "p_1", "p_2")
    await let_time_pass(scene)
    await scene.drain()
    assert await scene.counts() == (0, 1)
    await put(scene, "p_3")

    gathering.script = lambda _: Delivered()
    await scene.let_retries_come_due()
    await scene.drain()

    assert gathering.digests == [["p_1", "p_2"], ["p_1", "p_2"]]
    assert gathering.given[0].id == gathering.given[1].id
    assert await scene.counts() == (1, 0)


async def test_a_digest_that_is_refused_is_one_dead_letter_with_all_its_leads(
    scene: Scene, gathering: DigestingSink
) -> None:
    gathering.script = lambda _: Dead(reason=Reason.REFUSED)
    await put(scene, "p_1", "p_2")
    await let_time_pass(scene)

    await scene.drain()

    [name] = await scene.server.call("ZRANGE", scene.keys.dead_letters(), 0, -1)
    letter = json.loads(await scene.server.call("GET", scene.keys.dead_letter(name.decode())))
    assert [member["push"] for member in letter["delivery"]["members"]] == ["p_1", "p_2"]


def test_a_digest_is_read_back_as_it_was() -> None:
    digest = gather([of_lead("p_1"), of_lead("p_2", lead="888")])

    assert read_delivery(write_delivery(digest)) == digest


def test_a_digests_name_does_not_depend_on_the_order() -> None:
    one, other = of_lead("p_1"), of_lead("p_2", lead="888")

    assert gather([one, other]).id == gather([other, one]).id != gather([one]).id


async def test_a_gathered_delivery_names_the_digest_that_it_is_a_part_of(
    scene: Scene, gathering: DigestingSink, server: RedisServer, keys: Keys
) -> None:
    desk = LookUpDeliveries(RedisDeliveries(server=server, keys=keys, layouts=Layouts(keys, 4)), SystemClock())
    await put(scene, "p_1", "p_2")
    await let_time_pass(scene)
    await scene.drain()

    story = desk.show(of_lead("p_1", lead="1", state="CA").id)

    assert gathering.digests == [["p_1", "p_2"]]
    assert story.now == "gathered"
    assert desk.show(story.logged[-1].came_to.reason).now == "delivered"


async def test_those_that_were_held_outside_of_their_hours_share_a_message_when_it_opens(
    scene: Scene, gathering: DigestingSink
) -> None:
    scene.hours = closed()
    await put(scene, "p_1", "p_2")
    await let_time_pass(scene)
    await scene.drain()
    before = (list(gathering.digests), await scene.counts())

    scene.hours = ALWAYS
    await scene.drain()
    await let_time_pass(scene)
    await scene.drain()

    assert before == ([], (0, 0))
    assert gathering.digests == [["p_1", "p_2"]]


async def test_one_whose_hours_end_before_its_digest_is_due_waits_and_the_others_go(
    scene: Scene, gathering: DigestingSink
) -> None:
    scene.hours = hours = Hours({})

    class Closing(DigestingSink):
        def digest_key(self, delivery: Delivery) -> str:
            object.__setattr__(hours, "times", closed().times)
            return super().digest_key(delivery)

    scene.sink = sink = Closing()
    await scene.put(of_lead("p_1"), of_lead("p_2", route="urgent"), of_lead("p_3", lead="778"))
    await let_time_pass(scene)

    await scene.drain()
    await scene.drain()

    assert sink.digests == [["p_2"]]
    assert await scene.server.call("XLEN", scene.keys.shut(SALES, RouteName("hot-lead"))) == 2


async def test_a_digest_that_comes_due_again_waits_for_the_hours_of_all_its_routes(
    scene: Scene, gathering: DigestingSink
) -> None:
    gathering.script = lambda _: AWAY
    await scene.put(of_lead("p_1"), of_lead("p_2", route="urgent"))
    await let_time_pass(scene)
    await scene.drain()

    scene.hours, gathering.script = closed(), lambda _: Delivered()
    await scene.let_retries_come_due()
    await scene.drain()
    outside = len(gathering.given)
    scene.hours = ALWAYS
    await scene.drain()

    assert (outside, len(gathering.given)) == (1, 2)
    assert gathering.digests == [["p_1", "p_2"], ["p_1", "p_2"]]
    assert await scene.counts() == (0, 0)
