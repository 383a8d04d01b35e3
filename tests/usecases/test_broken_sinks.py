"""A plug-in that misbehaves costs its own deliveries a retry, and neither its lead nor its outbox anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Layout
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason, Retry
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.outbox import Cursor
from hookrouter.ports.sinks import Message, SharedRate, Sink
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import take_lease
from hookrouter.store.outbox import RedisOutbox
from hookrouter.store.settling import put_in_outboxes
from hookrouter.store.shard import Shard
from hookrouter.telemetry.observer import NoObserver
from hookrouter.testing.builders import a_change, a_delivery, a_lead, an_occasion
from hookrouter.usecases.delivering import attempts
from hookrouter.usecases.delivering.deliver import DeliverOutbox
from hookrouter.wire.kept.records import read_delivery, read_record

SALES = SinkName("sales")


class Said:
    """What a sink would send."""

    def preview(self) -> str:
        return ""


@dataclass
class OddSink:
    """Misbehaves at its first delivery and takes all others."""

    misbehave: Callable[[], Any]
    taken: list[str] = field(default_factory=list)
    sends: int = 0

    def render(self, _delivery: Delivery) -> Message:
        return Said()

    async def send(self, delivery: Delivery, _message: Message) -> Outcome:
        self.sends += 1
        if self.sends == 1:
            answer = self.misbehave()
            return cast("Outcome", await answer if asyncio.iscoroutine(answer) else answer)
        self.taken.append(delivery.push)
        return Delivered()


@dataclass
class OneSink:
    """All sinks of a configuration that has one."""

    sink: OddSink

    def find(self, _sink: SinkName, _route: str) -> Sink:
        return self.sink


@pytest.fixture
async def outbox(async_server: AsyncRedisServer, keys: Keys) -> RedisOutbox:
    lease = await take_lease(async_server, keys, keys.outbox(SALES), "drain")
    assert lease is not None
    return RedisOutbox(
        lease=lease,
        keys=keys,
        layouts=Layouts(keys, 4),
        shard=Shard(keys, SALES),
        order=Order.NONE,
        keep_dead=timedelta(days=1),
        observer=NoObserver(),
    )


def no_rate(_sink: SinkName, _policy: SinkPolicy) -> SharedRate | None:
    return None


def raising(fault: BaseException) -> Callable[[], Any]:
    def raise_it() -> Any:
        raise fault

    return raise_it


async def forget_cancellation() -> Outcome:
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        raise asyncio.CancelledError from None  # without the words that came with the first
    return Delivered()


@pytest.mark.parametrize(
    "misbehave",
    [
        pytest.param(lambda: None, id="says nothing"),
        pytest.param(lambda: "delivered", id="says a word"),
        pytest.param(raising(ZeroDivisionError()), id="raises"),
        pytest.param(raising(SystemExit(3)), id="exits"),
        pytest.param(raising(KeyboardInterrupt()), id="interrupts"),
        pytest.param(raising(BaseException("of its own")), id="raises what is no ordinary fault"),
        pytest.param(raising(asyncio.CancelledError()), id="lets a cancellation out"),
        pytest.param(forget_cancellation, id="hangs, and is cut off"),
    ],
)
async def test_the_delivery_waits_for_a_retry_and_its_lead_goes_on(
    outbox: RedisOutbox, keys: Keys, monkeypatch: pytest.MonkeyPatch, misbehave: Callable[[], Any]
) -> None:
    monkeypatch.setattr(attempts, "GRACE", 0.3)
    await put(outbox, keys, "p_1", "p_2", "p_3")
    sink = OddSink(misbehave)
    drains = DeliverOutbox(
        sinks=OneSink(sink),
        policies=lambda _: SinkPolicy(timeout=timedelta(seconds=0.1)),
        rates=no_rate,
        clock=SystemClock(),
        observer=NoObserver(),
        should_stop=lambda: False,
    )

    async with asyncio.timeout(20):
        await drains.drain(outbox, SALES, asyncio.Event())

    assert sink.taken == ["p_2", "p_3"]
    assert await outbox.read(Cursor(), 10) == []
    assert await outbox.lease.server.call("ZCARD", keys.retries(SALES)) == 1


async def put(outbox: RedisOutbox, keys: Keys, *pushes: str) -> None:
    change = a_change(lead=a_lead(id="777"))
    for push in pushes:
        for command in put_in_outboxes(keys, Layout(), [a_delivery(change=change, occasion=an_occasion(push=push))]):
            await outbox.lease.server.call(*command)


@pytest.mark.parametrize("outcome", [Retry, Dead])
async def test_what_a_sink_left_to_do_is_kept_with_the_delivery(
    outbox: RedisOutbox, keys: Keys, outcome: type[Retry | Dead]
) -> None:
    await put(outbox, keys, "p_1")
    left = {"to": ["boss@example.com"]}
    drains = DeliverOutbox(
        sinks=OneSink(OddSink(lambda: outcome(reason=Reason.REFUSED, remainder=left))),
        policies=lambda _: SinkPolicy(),
        rates=no_rate,
        clock=SystemClock(),
        observer=NoObserver(),
        should_stop=lambda: False,
    )

    await drains.drain(outbox, SALES, asyncio.Event())

    server, name = (
        outbox.lease.server,
        a_delivery(change=a_change(lead=a_lead(id="777")), occasion=an_occasion(push="p_1")).id,
    )
    if outcome is Retry:
        kept = read_delivery(await server.call("HGET", keys.retry_records(SALES), name))
        assert kept.remainder == left
    else:
        letter = read_record(await server.call("GET", keys.dead_letter(name)))
        assert letter["delivery"]["remainder"] == left


async def test_no_secret_and_nothing_personal_that_is_echoed_is_kept(outbox: RedisOutbox, keys: Keys) -> None:
    await put(outbox, keys, "p_1")
    echo = Answer(status=400, text="Bearer s3cret-t0ken: ada.brown@acme.example at +1 555 234 5678 is unknown")
    drains = DeliverOutbox(
        sinks=OneSink(OddSink(lambda: Dead(reason=Reason.REFUSED, answer=echo))),
        policies=lambda _: SinkPolicy(secrets=("s3cret-t0ken",)),
        rates=no_rate,
        clock=SystemClock(),
        observer=NoObserver(),
        should_stop=lambda: False,
    )

    await drains.drain(outbox, SALES, asyncio.Event())

    server, told = outbox.lease.server, "Bearer ***: a***@acme.example at ***78 is unknown"
    name = a_delivery(change=a_change(lead=a_lead(id="777")), occasion=an_occasion(push="p_1")).id
    assert read_record(await server.call("GET", keys.dead_letter(name)))["answer"] == told
    ((_, fields),) = await server.call("XRANGE", keys.attempts(), "-", "+")
    (attempt,) = fields.values()
    assert read_record(attempt)["answer"] == told
