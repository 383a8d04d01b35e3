"""A sink's outbox in shards: as one to whoever looks, and changed while deliveries wait without a loss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from drain_support import AWAY, SALES, Killed, Scene, circuit, failing, many, of_lead, pause, put_many
from shards_support import OUTBOX, Dying, Split
from test_digests import DigestingSink

from hookrouter.domain.circuit import CircuitState
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.hours import ALWAYS
from hookrouter.domain.layout import Place, Spread
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Delivered
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.store import moving
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.outbox_depths import DepthsLook, ShardDepths
from hookrouter.store.retrying import RedisRetries
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard
from hookrouter.store.waiting_look import RedisWaitingLook
from hookrouter.store.whereabouts import WhereaboutsLook
from hookrouter.usecases.delivering import drain as draining
from hookrouter.wire.kept.records import write_delivery

LEADS = 12


@pytest.fixture
def split(async_server: AsyncRedisServer, server: RedisServer, keys: Keys) -> Split:
    return Split(Scene(async_server, keys), server)


def of(lead: int, number: int, **more: Any) -> Delivery:
    """A delivery of one of the leads, told by its push."""
    return of_lead(f"p_{lead}_{number}", lead=str(lead), **more)


def all_of(number: int, **more: Any) -> list[Delivery]:
    return [of(lead, number, **more) for lead in range(LEADS)]


def by_lead(given: Sequence[Delivery]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for delivery in given:
        found.setdefault(delivery.who[1], []).append(delivery.push)
    return found


async def test_shards_from_the_first_day_share_the_leads_and_keep_their_order(split: Split) -> None:
    split.change(4)
    await split.put(*(of(lead, number) for number in range(3) for lead in range(LEADS)))
    assert sum(split.server.call("XLEN", shard.outbox) > 0 for shard in split.shards) > 1

    await split.drain()

    assert by_lead(split.scene.sink.given) == {
        str(lead): [f"p_{lead}_{number}" for number in range(3)] for lead in range(LEADS)
    }
    assert split.kept() == {}


async def everything_waits(split: Split) -> Counter[str]:
    """Leads of which something waits for its next attempt, behind that, for its route's time, and for the sink."""
    split.scene.sink.script = failing("p_0_0", "p_1_0")
    first = all_of(0)
    await split.put(*first)
    await split.drain()
    behind = [of(0, 1), of(1, 1)]
    await split.put(*behind)
    await split.drain()
    await pause(split.scene, "route:night")
    shut = all_of(2, route="night")
    await split.put(*shut)
    await split.drain()
    await pause(split.scene, f"sink:{SALES}")
    fresh = all_of(3)
    await split.put(*fresh)
    return split.kept()


async def resume_all(split: Split) -> None:
    split.scene.sink.script = lambda _: Delivered()
    await split.scene.server.call("DEL", split.keys.pauses())
    for _ in range(20):
        split.let_retries_come_due()
        await split.drain()
        if not split.kept():
            return


@pytest.mark.parametrize("order", [Order.STRICT, Order.NONE])
@pytest.mark.parametrize("numbers", [(4,), (4, 3, 1)], ids=str)
async def test_a_paused_sink_is_given_other_shards_and_its_deliveries_go_out_in_their_order(
    split: Split, order: Order, numbers: Sequence[int]
) -> None:
    split.scene.policy = SinkPolicy(order=order)
    waiting = await everything_waits(split)
    later: list[Delivery] = []

    for step, number in enumerate(numbers):
        split.begin(number)
        later += all_of(4 + step)
        await split.put(*all_of(4 + step))
        assert split.move()
    assert split.layout.outbox(SALES) == Spread(numbers[-1], len(numbers))
    waiting += Counter(delivery.id for delivery in later)
    assert split.kept() == waiting
    delivered_before = len(split.scene.sink.given)
    await resume_all(split)

    assert split.kept() == {}
    given = split.scene.sink.given[delivered_before:]
    assert Counter(delivery.id for delivery in given) == waiting
    for lead, told in by_lead(given).items():
        new = [push for push in told if push.endswith(("_3", "_4", "_5", "_6"))]
        assert new == sorted(new)
        if order is Order.STRICT and lead in {"0", "1"}:
            assert [push for push in told if not push.endswith("_2")] == [f"p_{lead}_0", f"p_{lead}_1", *new]


async def test_the_latest_of_a_lead_still_takes_the_place_of_what_waits(split: Split) -> None:
    split.scene.policy = SinkPolicy(order=Order.LATEST)
    split.scene.sink.script = failing("p_7_0")
    await split.put(of(7, 0))
    await split.drain()

    split.begin(4)
    await split.put(of(7, 1))
    assert split.move()
    await split.drain()

    assert split.scene.sink.pushes == ["p_7_0", "p_7_1"]
    assert split.kept() == {}


async def test_a_circuit_that_is_open_is_open_for_all_shards_and_what_waits_is_moved(split: Split) -> None:
    split.scene.sink.script = lambda _: AWAY
    await put_many(split.scene, 60)
    await split.drain()
    waiting = split.kept()
    tried = len(split.scene.sink.given)

    split.change(3)
    await split.drain()

    assert (await circuit(split.scene)).state(split.scene.clock.now()) is CircuitState.OPEN
    assert split.kept() == waiting
    assert len(split.scene.sink.given) == tried
    await split.scene.let_circuit_time_pass()
    await resume_all(split)
    assert split.kept() == {}
    assert {delivery.push for delivery in split.scene.sink.given} == set(many(60))


async def test_one_shard_that_finds_the_far_side_away_tells_the_others(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    split.change(2)
    gate = draining.Gate("sales", None, split.scene.clock, split.scene.reports)  # type: ignore[arg-type]
    [first, second] = split.shards
    outbox = await split.leases().outbox(SALES, *second.place)
    assert outbox is not None
    gate.begin((await outbox.open()).standing)
    await outbox.release()
    split.scene.sink.script = lambda _: AWAY
    await split.put(*(of_lead(push, lead=str(number)) for number, push in enumerate(many(60))))
    await split.drain(first)

    gate.look(await outbox.standing())

    assert gate.places(8) == 0


@pytest.mark.parametrize("others", [0, 1], ids=["empty", "older"])
async def test_what_was_deleted_where_deliveries_are_moved_to_holds_nothing_up(split: Split, others: int) -> None:
    """As forget leaves it: ids go on behind what a stream held once."""
    await split.put(*all_of(0), *all_of(1))
    expected = split.kept()
    split.begin(1 + 1)
    for place in split.layout.outbox(SALES).own:
        stream = Shard(split.keys, SALES, place).moved
        for number in range(others):
            record = write_delivery(of(20 + place.number, 0))
            split.server.call("XADD", stream, f"1-{number + 1}", "r", record)
            expected[of(20 + place.number, 0).id] += 1
        later = split.server.call("XADD", stream, "99999999999999-7", "r", b"x")
        split.server.call("XDEL", stream, later)

    assert split.move()

    assert split.kept() == expected
    await split.drain()
    told = by_lead(split.scene.sink.given)
    assert [told[str(lead)] for lead in range(LEADS)] == [[f"p_{lead}_0", f"p_{lead}_1"] for lead in range(LEADS)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_whoever_moves_may_be_killed_at_each_step(
    split: Split, monkeypatch: pytest.MonkeyPatch, valkey: Any, after: bool
) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 5)
    split.scene.policy = SinkPolicy(order=Order.STRICT)
    expected = await everything_waits(split)
    split.begin(3)
    steps = 0

    is_over = False
    while not is_over:
        dying = Dying(valkey.url)
        dying.left, dying.after = 1 if not after else 0, after
        try:
            is_over = split.move(split.book(dying))
        except Killed:
            steps += 1
            is_over = split.book().is_over(OUTBOX, split.layout.outbox(SALES))
            assert split.kept() == expected
            for shard in split.shards:  # as if the time of its lease had run out
                split.server.call("DEL", split.keys.lease(shard.outbox))
        assert steps < 100

    assert steps > 5
    assert not split.layout.changing or split.move()
    assert split.kept() == expected
    await resume_all(split)
    assert split.kept() == {}
    told = by_lead(split.scene.sink.given)["0"]
    assert [push for push in told if push != "p_0_2"] == ["p_0_0", "p_0_0", "p_0_1", "p_0_3"]


async def test_a_drain_under_way_gives_up_and_the_rest_goes_on_elsewhere(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "STANDING_EVERY", 0.0)
    split.scene.policy = SinkPolicy(concurrency=1)
    await put_many(split.scene, 40)
    begun = 0

    def answer(_delivery: Delivery) -> Delivered:
        nonlocal begun
        begun += 1
        if begun == 10:
            split.begin(4)
        return Delivered()

    split.scene.sink.script = answer
    await split.drain(Shard(split.keys, SALES))

    assert 10 <= len(split.scene.sink.given) < 40
    assert split.move()
    await split.drain()
    assert sorted(split.scene.sink.pushes) == sorted(many(40))
    assert split.kept() == {}


async def test_while_a_drain_has_a_former_shard_nothing_of_it_is_moved(split: Split) -> None:
    await split.put(of(1, 0))
    outbox = await split.leases().outbox(SALES)
    assert outbox is not None
    split.begin(4)

    assert not split.move()

    assert split.server.call("XLEN", split.keys.outbox(SALES)) == 1
    await outbox.release()
    assert split.move()


@pytest.mark.parametrize("place", [Place(0), Place(0, 1)], ids=["former", "own"])
async def test_nobody_serves_the_shards_of_a_sink_that_is_spread_anew(split: Split, place: Place) -> None:
    await split.put(of(1, 0))
    split.begin(1 + 1)
    await split.put(*all_of(1))

    await split.drain(Shard(split.keys, SALES, place))

    assert split.scene.sink.given == []


async def test_what_killed_drains_is_known_in_its_new_shard(split: Split) -> None:
    deadly = of(5, 0)
    await split.put(deadly)
    split.server.call("SET", split.keys.serving(SALES), "somebody")
    split.server.call("HSET", split.keys.suspects(SALES), deadly.id, 2, "d_of-old", 1)

    split.change(4)

    place = split.layout.outbox(SALES).place_of(deadly.who)
    found = {shard.place: split.server.call("HGETALL", shard.suspects) for shard in split.shards}
    assert found == {shard.place: {deadly.id.encode(): b"2"} if shard.place == place else {} for shard in split.shards}
    assert all(split.server.call("EXISTS", shard.serving) for shard in split.shards)


async def test_former_shards_leave_nothing_behind(split: Split) -> None:
    split.change(5)
    await everything_waits(split)

    split.change(2)

    left = [key.decode() for key in split.server.call("KEYS", f"{split.keys.prefix}:*")]
    assert [key for key in left if ":1." in key and not key.endswith(":lease-before")] == []


def look(split: Split, *, ages: bool = True) -> ShardDepths:
    """What waits for the sink, as those who look at the whole see it."""
    return DepthsLook(
        server=split.server,
        keys=split.keys,
        layouts=split.layouts,
        policies=lambda _: split.scene.policy,
        hours=lambda: ALWAYS,
    ).at([SALES], split.scene.clock.now(), ages=ages)


async def test_a_split_sink_with_nothing_waiting_gathers_no_digest(split: Split) -> None:
    split.change(4)
    idle = look(split).whole()[SALES]
    await split.put(of(0, 0))
    busy = look(split).whole()[SALES]

    assert (idle.shards, idle.is_gathering, idle.all_waiting) == (4, False, 0)
    assert (busy.shards, busy.is_gathering, busy.all_waiting) == (4, False, 1)


async def test_to_whoever_looks_a_sink_of_shards_is_one(split: Split) -> None:
    split.change(3)
    waiting = await everything_waits(split)
    split.begin(2)  # and it is so while they are moved
    await split.put(*all_of(4))
    names = waiting.keys() | {delivery.id for delivery in all_of(4)}
    waits = RedisWaitingLook(server=split.server, keys=split.keys, layouts=split.layouts)

    depths, as_workers_look = look(split), look(split, ages=False)
    depth = depths.whole()[SALES]
    pages = [waits.at(SALES, limit=5)]
    while pages[-1].end is not None:
        pages.append(waits.at(SALES, limit=5, after=pages[-1].end))
    where = WhereaboutsLook(server=split.server, keys=split.keys, layouts=split.layouts).find(names)

    assert depth.all_waiting == len(names) == pages[0].total
    assert dict(depth.shut) == {"night": LEADS}
    without = {place: replace(each, due_since=None) for place, each in depths.depths[SALES].items()}
    assert as_workers_look.depths == {SALES: without}
    assert list(depths.ready(split.scene.clock.now())) == []
    shown = [each.delivery.id for page in pages for each in page.found]
    assert Counter(shown) == Counter(names)
    assert where.keys() == names


async def test_all_shards_of_a_sink_are_asked_at_once_on_wish(split: Split) -> None:
    split.change(3)
    split.scene.sink.script = lambda _: AWAY
    await split.put(*all_of(0)[:8])
    await split.drain()

    asked = RedisRetries(server=split.server, keys=split.keys, layouts=split.layouts).ask_now(SALES)

    assert asked == (8, 0)
    split.scene.sink.script = lambda _: Delivered()
    await split.drain()
    assert split.kept() == {}


async def test_the_rate_of_a_sink_is_that_of_all_its_shards(split: Split) -> None:
    split.scene.policy = SinkPolicy(rate_limit=0.01)
    split.change(4)
    await split.put(*all_of(0))

    def answer(_delivery: Delivery) -> Delivered:
        split.scene.is_told_to_stop = True
        return Delivered()

    split.scene.sink.script = answer
    await split.drain()

    assert len(split.scene.sink.given) == 1
    split.scene.is_told_to_stop = False
    split.scene.policy = replace(split.scene.policy, rate_limit=None)
    split.scene.sink.script = lambda _: Delivered()
    await split.drain()
    assert Counter(split.scene.sink.pushes) == Counter(f"p_{lead}_0" for lead in range(LEADS))


async def test_what_waited_in_shards_is_gathered_where_they_are_given_up_for_a_digest(split: Split) -> None:
    split.change(3)
    await pause(split.scene, f"sink:{SALES}")
    await split.put(*all_of(0))
    split.begin(1)
    await split.put(*all_of(1))
    assert split.move()
    split.scene.policy = SinkPolicy(digest=Digest(every=timedelta(hours=1), most=8))
    split.scene.sink = sink = DigestingSink()

    await split.scene.server.call("DEL", split.keys.pauses())
    await split.drain()

    assert [len(told) for told in sink.digests] == [8, 8, 8]
    told = [push for digest in sink.digests for push in digest]
    assert {push[-1] for push in told[:LEADS]} == {"0"}
    assert {push[-1] for push in told[LEADS:]} == {"1"}
    assert split.kept() == {}
