"""Outboxes with their retries on a real server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import Event
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Layout
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Delivered, Outcome, Reason, Retry
from hookrouter.domain.schedule import Finish, Step, Wait
from hookrouter.ports.outbox import Attempt, Attempted, Cursor
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import take_lease
from hookrouter.store.outbox import RedisOutbox
from hookrouter.store.settling import put_in_outboxes
from hookrouter.store.shard import Shard
from hookrouter.testing.builders import RECEIVED_AT, a_delivery, an_occasion

SALES = SinkName("sales")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2999, 1, 1, tzinfo=UTC)


@dataclass
class Reports:
    """Keeps what is reported."""

    events: list[Event]

    def report(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture
async def outbox(async_server: AsyncRedisServer, keys: Keys) -> RedisOutbox:
    return await open_outbox(async_server, keys, "drain")


async def open_outbox(server: AsyncRedisServer, keys: Keys, token: str) -> RedisOutbox:
    lease = await take_lease(server, keys, keys.outbox(SALES), token)
    assert lease is not None
    return RedisOutbox(
        lease=lease,
        keys=keys,
        layouts=Layouts(keys, 4),
        shard=Shard(keys, SALES),
        order=Order.NONE,
        keep_dead=timedelta(days=30),
        observer=Reports([]),
    )


async def put(outbox: RedisOutbox, *deliveries: Delivery) -> None:
    for command in put_in_outboxes(outbox.keys, Layout(), deliveries):
        await outbox.lease.server.call(*command)


async def waiting(outbox: RedisOutbox) -> list[Delivery]:
    return [entry.delivery for entry in await outbox.read(Cursor(), 100)]


async def settle_first(outbox: RedisOutbox, outcome: Outcome, step: Step) -> tuple[bool, Delivery]:
    [entry, *_] = await outbox.read(Cursor(), 1)
    tried = entry.delivery.with_attempt(RECEIVED_AT)
    attempt = Attempt(at=RECEIVED_AT, seconds=0.1, outcome=outcome)
    return await outbox.settle([Attempted(entry=entry, delivery=tried, attempt=attempt, step=step)]), tried


async def wait_until(outbox: RedisOutbox, moment: datetime) -> Delivery:
    written, tried = await settle_first(outbox, Retry(reason=Reason.NETWORK), Wait(until=moment))
    assert written
    return tried


async def test_deliveries_are_read_in_their_order_and_stay_until_they_are_settled(outbox: RedisOutbox) -> None:
    deliveries = [a_delivery(occasion=an_occasion(place=place)) for place in range(3)]
    await put(outbox, *deliveries)

    assert await waiting(outbox) == deliveries
    assert await waiting(outbox) == deliveries
    first = await outbox.read(Cursor(), 1)
    assert [entry.delivery for entry in await outbox.read(Cursor().past(first), 10)] == deliveries[1:]


async def test_what_was_delivered_is_gone(outbox: RedisOutbox) -> None:
    await put(outbox, a_delivery())

    assert (await settle_first(outbox, Delivered(), Finish()))[0]

    assert await waiting(outbox) == []
    assert await outbox.lease.server.call("XLEN", outbox.keys.attempts()) == 1


async def test_a_due_retry_goes_back_to_its_outbox(outbox: RedisOutbox) -> None:
    await put(outbox, a_delivery())
    tried = await wait_until(outbox, LONG_AGO)
    assert await waiting(outbox) == []

    assert await outbox.promote() == 1

    assert await waiting(outbox) == [tried]
    assert await outbox.promote() == 0
    assert await outbox.lease.server.call("EXISTS", outbox.keys.retries(SALES), outbox.keys.retry_records(SALES)) == 0


async def test_a_retry_that_is_not_due_waits(outbox: RedisOutbox) -> None:
    await put(outbox, a_delivery())
    await wait_until(outbox, FAR_AHEAD)

    assert await outbox.promote() == 0

    assert await waiting(outbox) == []
    assert await outbox.lease.server.call("ZCARD", outbox.keys.retries(SALES)) == 1


async def test_who_lost_the_outbox_settles_nothing(
    outbox: RedisOutbox, async_server: AsyncRedisServer, keys: Keys
) -> None:
    await put(outbox, a_delivery())
    await async_server.call("DEL", outbox.lease.key)
    after = await open_outbox(async_server, keys, "next")

    written, tried = await settle_first(outbox, Retry(reason=Reason.NETWORK), Wait(until=LONG_AGO))

    assert not written
    assert await waiting(after) == [a_delivery()]
    assert await async_server.call("ZSCORE", keys.retries(SALES), tried.id) is None


async def test_who_lost_the_outbox_promotes_nothing(
    outbox: RedisOutbox, async_server: AsyncRedisServer, keys: Keys
) -> None:
    await put(outbox, a_delivery())
    await wait_until(outbox, LONG_AGO)
    await async_server.call("DEL", outbox.lease.key)
    after = await open_outbox(async_server, keys, "next")

    assert await outbox.promote() == 0
    assert await waiting(after) == []
    assert await after.promote() == 1


async def test_a_record_of_another_version_is_set_aside_and_stops_nobody(
    outbox: RedisOutbox, async_server: AsyncRedisServer
) -> None:
    await async_server.call("XADD", outbox.lease.stream, "*", "r", b'{"v": 0}')
    await put(outbox, a_delivery())

    assert await waiting(outbox) == [a_delivery()]

    assert await async_server.call("XLEN", outbox.lease.stream) == 1
    [(_, kept)] = await async_server.call("XRANGE", outbox.keys.unreadable(), "-", "+")
    assert kept == {b"r": b'{"v": 0}'}


async def test_settling_twice_leaves_one_retry(outbox: RedisOutbox) -> None:
    await put(outbox, a_delivery())
    [entry] = await outbox.read(Cursor(), 1)
    attempt = Attempt(at=RECEIVED_AT, seconds=0.1, outcome=Retry(reason=Reason.NETWORK))
    tried = entry.delivery.with_attempt(RECEIVED_AT)
    again = Attempted(entry=entry, delivery=tried, attempt=attempt, step=Wait(until=LONG_AGO))

    assert await outbox.settle([again])
    assert await outbox.settle([again])

    assert await outbox.promote() == 1
    assert await waiting(outbox) == [tried]
