"""Too many messages, and messages that come too late: what shares a message, and that nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from drain_support import AWAY, SALES, Said, Scene, ScriptedSink, names, of_lead

from hookrouter.clock import SystemClock
from hookrouter.domain.burst import Burst, Tide
from hookrouter.domain.calendar import Holiday, OpenTime
from hookrouter.domain.conditions.during import During
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import gather
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import RouteName
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Dead, Delivered, Reason
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.ports.sinks import Message
from hookrouter.store.backlog import RedisBacklog
from hookrouter.store.dead_letters import RedisDeadLetters
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.outbox import RedisOutbox
from hookrouter.store.retention import KeptFor
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import WHOLE
from hookrouter.wire.kept.records import read_delivery, write_delivery
from hookrouter.wire.kept.standing import read_circuit, write_circuit

FOUR_HOURS = timedelta(hours=4)
DAY = timedelta(days=1)
THREE_A_MINUTE = Burst(over=3, per=timedelta(minutes=1))


@dataclass
class TellingSink(ScriptedSink):
    """Remembers who was told alone, and who in a digest."""

    digests: list[list[str]] = field(default_factory=list)
    late: list[list[str]] = field(default_factory=list)

    def digest_key(self, _delivery: Delivery) -> str:
        return ""

    def render_digest(self, deliveries: Sequence[Delivery]) -> Message:
        self.digests.append(names(deliveries))
        self.late.append([delivery.late for delivery in deliveries])
        return Said()

    @property
    def alone(self) -> list[str]:
        return [delivery.push for delivery in self.given if not delivery.members]

    @property
    def told(self) -> list[str]:
        """All of whom anything was told that arrived."""
        return sorted(push for delivery in self.given for push in names(delivery.members or (delivery,)))


@pytest.fixture
def sink(scene: Scene) -> TellingSink:
    scene.policy = SinkPolicy(burst=THREE_A_MINUTE)
    scene.sink = sink = TellingSink()
    return sink


def pushes(count: int, first: int = 0) -> list[str]:
    return [f"p_{number:03}" for number in range(first, first + count)]


def received(push: str, ago: timedelta, *, route: str = "hot-lead") -> Delivery:
    return replace(of_lead(push, lead=push, route=route), received_at=datetime.now(UTC) - ago)


async def put(scene: Scene, names: Sequence[str]) -> None:
    await scene.put(*(received(push, timedelta()) for push in names))


async def let_time_pass(scene: Scene) -> None:
    """As if what is in the outbox had been there for two hours; its entries keep their order."""
    stream = scene.keys.outbox(SALES)
    if not await scene.server.call("XLEN", stream):
        return
    for entry, fields in await scene.server.call("XRANGE", stream, "-", "+"):
        milliseconds, _, sequence = entry.decode().partition("-")
        await scene.server.call("XDEL", stream, entry)
        aged = f"{int(milliseconds) - 7_200_000}-{sequence}"
        await scene.server.call("XADD", f"{stream}:aged", aged, "r", fields[b"r"])
    await scene.server.call("RENAME", f"{stream}:aged", stream)


async def test_nobody_is_left_behind_when_redis_is_away_as_the_flow_is_noted(scene: Scene, sink: TellingSink) -> None:
    away = ["once"]

    class Away(RedisOutbox):
        async def keep_tide(self, tide: Tide) -> bool:
            if away:
                raise StoreAway(away.pop())
            return await super().keep_tide(tide)

    await put(scene, pushes(3))
    await scene.drain(Away)

    assert (away, sink.alone) == ([], pushes(3))
    assert await scene.counts() == (0, 0)


async def test_so_many_go_out_alone_and_the_rest_shares_one_message(scene: Scene, sink: TellingSink) -> None:
    await put(scene, pushes(10))
    await scene.drain()
    at_once = list(sink.alone)

    await let_time_pass(scene)
    await scene.drain()

    assert at_once == pushes(3)
    assert sink.digests == [pushes(7, first=3)]
    assert sink.told == pushes(10)
    assert await scene.counts() == (0, 0)


async def test_the_next_drain_knows_how_many_went_out_already(scene: Scene, sink: TellingSink) -> None:
    for number in range(5):
        await put(scene, pushes(2, first=2 * number))
        await scene.drain()

    assert sink.alone == pushes(3)
    assert await scene.counts() == (7, 0)


async def test_a_drain_that_was_killed_before_it_sent_them_costs_nobody_a_message_of_their_own(
    scene: Scene, sink: TellingSink
) -> None:
    await put(scene, pushes(5))
    outbox = await scene.open()
    scene.is_told_to_stop = True
    await scene.deliver.drain(outbox, SALES, asyncio.Event())
    await outbox.release()
    scene.is_told_to_stop = False
    await scene.drain_until_killed(settles=0)
    given = len(sink.given)

    await scene.drain()

    assert given <= 3
    assert sorted(set(sink.alone)) == pushes(3)
    assert await scene.counts() == (2, 0)


async def test_leads_of_one_push_share_a_message_and_leave_the_others_theirs(scene: Scene, sink: TellingSink) -> None:
    imported = [replace(of_lead("p_import", lead=str(number)), received_at=datetime.now(UTC)) for number in range(50)]
    await scene.put(*imported)
    await put(scene, pushes(2))

    await scene.drain()
    await let_time_pass(scene)
    await scene.drain()

    assert sink.alone == pushes(2)
    assert sink.digests == [["p_import"] * 50]


async def test_what_comes_too_late_is_told_in_one_message_and_says_why(scene: Scene, sink: TellingSink) -> None:
    scene.policy = SinkPolicy(expire_after=FOUR_HOURS)
    await scene.put(*(received(push, timedelta(days=3)) for push in pushes(20)), received("p_new", timedelta(hours=1)))
    await let_time_pass(scene)

    await scene.drain()

    assert sink.alone == ["p_new"]
    assert sink.digests == [pushes(20)]
    assert sink.late == [["undelivered"] * 20]


async def test_after_an_outage_of_days_those_that_were_tried_share_a_message_too(
    scene: Scene, sink: TellingSink
) -> None:
    scene.policy = SinkPolicy(expire_after=FOUR_HOURS)
    sink.script = lambda _: AWAY
    old = [received(push, timedelta(hours=1)) for push in pushes(4)]
    await scene.put(*old)
    await scene.drain()
    waiting = await scene.counts()
    await age_what_waits(scene, timedelta(days=3))

    sink.script, sink.given = (lambda _: Delivered()), []
    await scene.let_retries_come_due()
    await scene.drain()
    await let_time_pass(scene)
    await scene.drain()

    assert waiting == (0, 4)
    assert sink.alone == []
    assert [sorted(digest) for digest in sink.digests] == [pushes(4)]
    assert sink.late == [["network"] * 4]
    assert await scene.counts() == (0, 0)


async def age_what_waits(scene: Scene, ago: timedelta) -> None:
    """As if what waits for its next attempt had been received so long before."""
    key = scene.keys.retry_records(SALES)
    for name, record in (await scene.server.call("HGETALL", key)).items():
        delivery = read_delivery(record)
        aged = replace(delivery, received_at=delivery.received_at - ago)
        await scene.server.call("HSET", key, name, write_delivery(aged))


async def test_while_the_far_side_is_asked_for_by_one_at_a_time_no_digest_is_made_of_each(
    scene: Scene, sink: TellingSink
) -> None:
    scene.policy = SinkPolicy(expire_after=FOUR_HOURS)
    sink.script = lambda _: AWAY
    await scene.put(*(received(push, timedelta(hours=1)) for push in pushes(12)))
    await scene.drain()  # the circuit opens
    await age_what_waits(scene, timedelta(days=1))
    for number in range(4):  # leads come, and days later it is asked again
        await scene.put(received(f"q_{number}", timedelta(days=2)))
        await ask_once(scene)
    tried = {tuple(digest) for digest in sink.digests}

    sink.script, sink.given = (lambda _: Delivered()), []
    for _ in range(3):
        await ask_once(scene)
        await let_time_pass(scene)

    assert len(tried) <= 2
    assert sink.told == [*pushes(12), *(f"q_{number}" for number in range(4))]
    assert sink.alone == []
    assert len(sink.given) <= 3
    assert await scene.counts() == (0, 0)


async def ask_once(scene: Scene) -> None:
    """Drain as if the pause of the circuit were over, and what is gathered had been there for hours."""
    key = scene.keys.circuit(SALES)
    if (record := await scene.server.call("GET", key)) is not None:
        circuit = read_circuit(record)
        await scene.server.call("SET", key, write_circuit(replace(circuit, until=circuit.opened_at)))
    await let_time_pass(scene)
    await scene.drain()


async def test_what_was_held_until_its_route_opened_is_not_late(scene: Scene, sink: TellingSink) -> None:
    scene.policy, scene.hours = SinkPolicy(expire_after=timedelta(hours=25)), opened_at_midnight()
    await scene.put(received("p_held", timedelta(days=2)), received("p_urgent", timedelta(days=2), route="always-open"))
    await let_time_pass(scene)

    await scene.drain()

    assert sink.alone == ["p_held"]
    assert sink.digests == [["p_urgent"]]


def opened_at_midnight() -> Hours:
    """A route that was closed for days, and has been open since the day began."""
    today = datetime.now(UTC).date()
    away = Holiday(first=today - timedelta(days=9), last=today - DAY)
    return Hours(
        {RouteName("hot-lead"): During(time=OpenTime(timezone=ZoneInfo("UTC"), holidays=(away,)), name="desk")}
    )


async def test_a_digest_with_expiry_says_who_is_late(scene: Scene, sink: TellingSink) -> None:
    scene.policy = SinkPolicy(digest=Digest(every=timedelta(hours=1), most=50), expire_after=FOUR_HOURS)
    await scene.put(received("p_1", timedelta(days=1)), received("p_2", timedelta()))
    await let_time_pass(scene)

    await scene.drain()

    assert (sink.digests, sink.late) == ([["p_1", "p_2"]], [["undelivered", ""]])


async def test_a_digest_by_a_field_has_one_value_of_it(scene: Scene, sink: TellingSink) -> None:
    scene.policy = SinkPolicy(digest=Digest(every=timedelta(hours=1), most=50, by="owner"))
    await scene.put(
        *(of_lead(push, lead=push, owner_5a0dd86e6e290=who) for push, who in zip(pushes(4), "abab", strict=True))
    )
    await let_time_pass(scene)

    await scene.drain()

    assert sink.digests == [["p_000", "p_002"], ["p_001", "p_003"]]


@pytest.mark.parametrize(
    "policy",
    [
        SinkPolicy(burst=THREE_A_MINUTE),
        SinkPolicy(digest=Digest(every=timedelta(hours=1), most=50)),
        SinkPolicy(expire_after=FOUR_HOURS),
        SinkPolicy(),
    ],
    ids=["burst", "digest", "expiry", "none-any-more"],
)
async def test_a_summary_that_dies_is_replayed_with_all_its_leads_under_its_name(
    scene: Scene, sink: TellingSink, server: RedisServer, policy: SinkPolicy
) -> None:
    sink.script = lambda delivery: Dead(reason=Reason.REFUSED) if delivery.members else Delivered()
    await put(scene, pushes(6))
    await scene.drain()
    await let_time_pass(scene)
    await scene.drain()
    [dead] = await scene.server.call("ZRANGE", scene.keys.dead_letters(), 0, -1)
    [tried] = [delivery for delivery in sink.given if delivery.members]

    sink.script, sink.given, sink.digests = (lambda _: Delivered()), [], []
    scene.policy = policy
    await put(scene, ["p_new"])
    assert RedisDeadLetters(server=server, keys=scene.keys, layouts=Layouts(scene.keys, 4)).replay(dead.decode())
    await scene.drain()

    [again] = [delivery for delivery in sink.given if delivery.members]
    assert dead.decode() == tried.id == again.id == gather(tried.members).id
    assert sink.digests == [pushes(3, first=3)]
    assert not await scene.server.call("ZCARD", scene.keys.dead_letters())


async def test_order_latest_and_a_burst_lose_nobody(scene: Scene, sink: TellingSink) -> None:
    scene.policy = SinkPolicy(burst=THREE_A_MINUTE, expire_after=FOUR_HOURS, order=Order.LATEST)
    sink.script = lambda _: AWAY
    await put(scene, pushes(6))
    await scene.drain()
    sink.script, sink.given = (lambda _: Delivered()), []
    await scene.let_circuit_time_pass()
    await scene.let_retries_come_due()
    await let_time_pass(scene)
    await scene.drain()

    assert sink.told == pushes(6)
    assert await scene.counts() == (0, 0)


async def test_the_kick_leaves_a_burst_alone_until_its_summary_is_due(
    scene: Scene, sink: TellingSink, server: RedisServer, keys: Keys
) -> None:
    backlog = RedisBacklog(
        server=server,
        keys=keys,
        layouts=Layouts(keys, 1),
        kept=KeptFor(pushes=DAY, deliveries=DAY, dead=DAY, rejected=DAY),
        policies=lambda _: scene.policy,
        hours=lambda: ALWAYS,
        reconciled=lambda: None,
        watched=lambda: None,
    )
    now = SystemClock().now()

    def work(at: datetime) -> int:
        found = backlog.outboxes(at)[SALES].work(at)
        assert list(backlog.shards(at).ready(at)) == [(SALES, WHOLE)] * bool(found)  # so do workers see it
        return found

    await put(scene, pushes(5))
    before = work(now)
    await scene.drain()
    gathered = (work(now), work(now + timedelta(minutes=2)))
    await put(scene, ["p_more"])

    assert sink.alone == pushes(3)
    assert before == 5
    assert gathered == (0, 2)
    assert work(now) == 3


async def test_after_an_outage_each_lead_is_told_once_as_it_is_now(scene: Scene, sink: TellingSink) -> None:
    scene.policy = SinkPolicy(order=Order.LATEST)
    for version in range(6):
        await scene.put(*(of_lead(f"p_{version}", lead=str(lead), leadScore=str(version)) for lead in range(200)))
    await let_time_pass(scene)

    await scene.drain()

    assert {delivery.lead["leadScore"] for delivery in sink.given} == {"5"}
    assert sorted(delivery.lead_key for delivery in sink.given) == sorted(str(lead) for lead in range(200))
    assert await scene.counts() == (0, 0)


async def test_while_all_goes_well_each_change_is_told(scene: Scene, sink: TellingSink) -> None:
    scene.policy = SinkPolicy(order=Order.LATEST)
    await scene.put(*(of_lead(f"p_{version}") for version in range(6)))

    await scene.drain()

    assert sink.alone == [f"p_{version}" for version in range(6)]


async def test_a_digest_of_the_latest_has_each_lead_once(scene: Scene, sink: TellingSink) -> None:
    scene.policy = SinkPolicy(order=Order.LATEST, digest=Digest(every=timedelta(hours=1), most=50))
    first, other, second = of_lead("p_1"), of_lead("p_2", lead="888"), of_lead("p_3")
    await scene.put(first, other, second)
    await let_time_pass(scene)

    await scene.drain()

    assert sink.digests == [["p_2", "p_3"]]
    assert await scene.counts() == (0, 0)
