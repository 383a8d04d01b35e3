"""What comes between the last look of who moves deliveries and what it does next: nothing of it is lost or undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from drain_support import AWAY, SALES, Scene, of_lead
from shards_support import OUTBOX, Interrupted, Split

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import RouteName
from hookrouter.domain.layout import WHOLE, Spread
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts, RedisLayoutBook
from hookrouter.store.moving import OutboxMover
from hookrouter.store.retrying import RedisRetries
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard
from hookrouter.wire.kept.records import write_delivery

NIGHT = RouteName("night")
LEADS = 8


class Overtaken(AsyncRedisServer):
    """Has something else happen between a drain's looks and the first that it writes in one step."""

    happens: Callable[[], object] | None = None

    async def run(self, script: str, *arguments: Any) -> Any:
        if script in {"fenced", "vacate"} and (happens := self.happens) is not None:
            self.happens = None
            happens()
        return await super().run(script, *arguments)


@pytest.fixture
def split(async_server: AsyncRedisServer, server: RedisServer, keys: Keys) -> Split:
    return Split(Scene(async_server, keys), server)


def all_of(number: int) -> list[Delivery]:
    return [of_lead(f"p_{lead}_{number}", lead=str(lead)) for lead in range(LEADS)]


def shut_out(split: Split, shard: Shard, delivery: Delivery) -> None:
    """Have a delivery wait for its route's time, as a drain leaves it."""
    split.server.call("SADD", shard.shut_routes, NIGHT)
    split.server.call("XADD", shard.shut(NIGHT), "*", "r", write_delivery(delivery))


def an_earlier_release_leaves(split: Split, number: int) -> Counter[str]:
    """What a release that knows no shards added and left of a sink that is split: new, and waiting for whatever."""
    new, shut, failed, *_ = all_of(number)
    shard = Shard(split.keys, SALES)
    split.an_earlier_release_adds(new)
    shut_out(split, shard, shut)
    split.server.call("HSET", split.keys.retry_records(SALES), failed.id, write_delivery(failed))
    split.server.call("ZADD", shard.retries, 1, failed.id)
    return Counter(each.id for each in (new, shut, failed))


async def test_what_an_earlier_release_adds_before_any_step_of_who_moves_is_kept(
    async_server: AsyncRedisServer, server: RedisServer, valkey: Any
) -> None:
    step, is_reached = 0, True
    while is_reached:
        split = Split(Scene(async_server, Keys(f"t{uuid4().hex[:12]}")), server)
        split.change(4)
        expected = an_earlier_release_leaves(split, 0)
        assert split.reopen()
        late = all_of(1)[0]

        is_reached = move_interrupted(valkey.url, split, step, late)
        while split.layout.changing or split.reopen():
            assert split.move()

        expected += Counter([late.id] if is_reached else [])
        assert split.kept() == expected, f"added before step {step}"
        assert split.layout.outbox(SALES) == Spread(4, 1)
        step += 1

    assert step > 10


def move_interrupted(url: str, split: Split, steps: int, late: Delivery) -> bool:
    """Move all, a delivery added after so many steps; whether there are as many."""
    there = Interrupted(url, steps, lambda: split.an_earlier_release_adds(late))
    mover = OutboxMover(server=there, keys=split.keys, clock=SystemClock())
    split.move(RedisLayoutBook(server=there, keys=split.keys, layouts=Layouts(split.keys, 1), mover=mover))
    there.client.close()
    return there.is_over


async def test_who_read_its_spread_before_a_failover_lost_it_moves_nothing(split: Split) -> None:
    split.begin(2)
    assert split.move()
    await split.put(*all_of(0))
    expected, before = split.kept(), split.server.call("GET", split.keys.layout())
    split.begin(3)
    late = split.book()
    spread = late.read().changing[OUTBOX]

    split.server.call("SET", split.keys.layout(), before)
    late.move_on(OUTBOX, spread, lambda: True)

    assert split.layout.outbox(SALES) == Spread(2, 1)
    assert split.kept() == expected


async def test_who_read_its_spread_before_the_change_was_over_moves_nothing(split: Split) -> None:
    split.begin(3)
    late = split.book()
    spread = late.read().changing[OUTBOX]
    assert split.move()
    [added, *_] = all_of(0)
    split.an_earlier_release_adds(added)

    late.move_on(OUTBOX, spread, lambda: True)

    assert split.server.call("XLEN", split.keys.outbox(SALES)) == 1
    assert spread.former == WHOLE


@pytest.mark.parametrize("beside", ["retries", "shut_routes"])
async def test_no_change_ends_while_something_waits_beside_the_former_streams(split: Split, beside: str) -> None:
    split.begin(2)
    book, kept = split.book(), getattr(Shard(split.keys, SALES), beside)
    was = book.read()
    assert book.is_over(OUTBOX, was.changing[OUTBOX])
    split.server.call(*(("ZADD", kept, 1, "d") if beside == "retries" else ("SADD", kept, NIGHT)))

    assert not book.swap(was, was.settled([OUTBOX]))

    split.server.call("DEL", kept)
    assert book.swap(was, was.settled([OUTBOX]))


async def test_what_comes_to_wait_while_a_drain_lets_its_route_in_waits_on(
    server: RedisServer, keys: Keys, valkey: Any
) -> None:
    overtaken = Overtaken(valkey.url)
    split = Split(Scene(overtaken, keys), server)
    split.change(2)
    for delivery in all_of(0):
        shut_out(split, Shard(keys, SALES, split.layout.outbox(SALES).place_of(delivery.who)), delivery)
    for delivery in all_of(1):  # by an earlier release
        shut_out(split, Shard(keys, SALES), delivery)
    assert split.reopen()
    expected, shard = split.kept(), split.shards[-1]
    outbox = await split.leases().outbox(SALES, *shard.place)
    assert outbox is not None

    overtaken.happens = split.move
    is_all = await outbox.let_in(NIGHT, LEADS, as_new=False)
    assert not split.layout.changing
    assert not is_all
    assert split.kept() == expected

    assert await outbox.let_in(NIGHT, LEADS, as_new=False)
    assert split.kept() == expected
    assert server.call("EXISTS", shard.shut(NIGHT), shard.shut_routes) == 0
    await overtaken.close()


async def test_what_is_asked_now_while_it_is_moved_is_due_where_it_waits_on(split: Split, valkey: Any) -> None:
    split.scene.sink.script = lambda _: AWAY
    await split.put(*all_of(0))
    await split.drain()
    split.begin(3)
    asked: list[tuple[int, int]] = []
    retries = RedisRetries(server=split.server, keys=split.keys, layouts=split.layouts)
    interrupted = Interrupted(
        valkey.url, 0, lambda: asked.append(retries.ask_now(SALES)), scripts={"fenced", "move_waiting"}
    )

    assert split.move(split.book(interrupted))

    now = split.scene.clock.now().timestamp() * 1000
    due = [score for shard in split.shards for score in split.retries(shard).values()]
    assert asked == [(LEADS, 0)]
    assert len(due) == LEADS
    assert max(due) <= now
    interrupted.client.close()
