"""One sink whose far side does as it is told, and drains of its outbox on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hookrouter.clock import SystemClock
from hookrouter.domain.calendar import Holiday, OpenTime
from hookrouter.domain.circuit import Circuit
from hookrouter.domain.conditions.during import During
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import Event
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import RouteName, SinkName, TeamName
from hookrouter.domain.layout import Layout
from hookrouter.domain.objective import NO_OBJECTIVES, Objectives
from hookrouter.domain.outcome import Delivered, Outcome, Reason, Retry
from hookrouter.domain.pause import Pause
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.sinks import Message, SharedRate, Sink
from hookrouter.ports.surroundings import Clock
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import take_lease
from hookrouter.store.limits import sink_rate
from hookrouter.store.outbox import RedisOutbox
from hookrouter.store.settling import BEHIND, put_in_outboxes
from hookrouter.store.shard import Shard
from hookrouter.store.standing import circuit_of, keep_circuit, keep_pause
from hookrouter.testing.builders import a_change, a_delivery, a_lead, an_occasion
from hookrouter.usecases.delivering.counting import Counting
from hookrouter.usecases.delivering.deliver import DeliverOutbox

SALES = SinkName("sales")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2999, 1, 1, tzinfo=UTC)
AWAY = Retry(reason=Reason.NETWORK)

Script = Callable[[Delivery], Outcome]


class Killed(BaseException):
    """Stands for SIGKILL: nothing is written any more."""


class Said:
    """What a sink would send."""

    def preview(self) -> str:
        return ""


@dataclass
class ScriptedSink:
    """Answers as the script says, and remembers what it was given."""

    script: Script = lambda _: Delivered()
    given: list[Delivery] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def render(self, _delivery: Delivery) -> Message:
        return Said()

    async def send(self, delivery: Delivery, _message: Message) -> Outcome:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.given.append(delivery)
        return self.script(delivery)

    def find(self, _sink: SinkName, _route: str) -> Sink:
        return self

    @property
    def pushes(self) -> list[str]:
        return [delivery.push for delivery in self.given]


@dataclass
class Reports:
    """Keeps what is reported."""

    events: list[Event] = field(default_factory=list)

    def report(self, event: Event) -> None:
        self.events.append(event)

    def flush(self) -> None:
        """Hold nothing back."""

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


@dataclass
class Scene:
    """An outbox with its sink."""

    server: AsyncRedisServer
    keys: Keys
    policy: SinkPolicy = field(default_factory=SinkPolicy)
    sink: ScriptedSink = field(default_factory=ScriptedSink)
    reports: Reports = field(default_factory=Reports)
    is_told_to_stop: bool = False
    clock: Clock = field(default_factory=SystemClock)
    hours: Hours = ALWAYS
    objectives: Objectives = NO_OBJECTIVES
    asked: dict[RouteName, TeamName] = field(default_factory=dict)

    async def put(self, *deliveries: Delivery) -> None:
        for command in put_in_outboxes(self.keys, Layout(), deliveries):
            await self.server.call(*command)

    async def open(self, token: str = "drain", kind: type[RedisOutbox] = RedisOutbox) -> RedisOutbox:
        lease = await take_lease(self.server, self.keys, self.keys.outbox(SALES), token)
        assert lease is not None
        return kind(
            lease=lease,
            keys=self.keys,
            layouts=Layouts(self.keys, 1),
            shard=Shard(self.keys, SALES),
            order=self.policy.order,
            keep_dead=timedelta(days=30),
            observer=self.reports,
        )

    def rate(self, sink: SinkName, policy: SinkPolicy) -> SharedRate | None:
        return sink_rate(self.server, self.keys, sink, policy)

    @property
    def deliver(self) -> DeliverOutbox:
        return DeliverOutbox(
            sinks=self.sink,
            policies=lambda _: self.policy,
            rates=self.rate,
            clock=self.clock,
            observer=self.reports,
            should_stop=lambda: self.is_told_to_stop,
            hours=self.hours,
            asked=self.asked,
            counting=Counting(self.objectives),
        )

    async def drain(self, kind: type[RedisOutbox] = RedisOutbox) -> bool:
        """Serve what waits; whether more could be served."""
        outbox = await self.open(kind=kind)
        async with asyncio.timeout(30):
            may_go_on = await self.deliver.drain(outbox, SALES, asyncio.Event())
        await outbox.release()
        return may_go_on

    async def drain_until_killed(self, *, settles: int) -> None:
        """Serve what waits, and die when something is to be settled once more than that."""
        left = settles

        class Dying(RedisOutbox):
            async def settle(self, *settled: Any, **more: Any) -> bool:
                nonlocal left
                left -= 1
                if left < 0:
                    raise Killed
                return await super().settle(*settled, **more)

        outbox = await self.open(kind=Dying)
        with suppress(Killed):
            await self.deliver.drain(outbox, SALES, asyncio.Event())
        await outbox.release()

    async def let_retries_come_due(self) -> None:
        """As if their time had come; what waits behind another delivery waits on."""
        waiting = self.keys.retries(SALES)
        for name in await self.server.call("ZRANGEBYSCORE", waiting, "-inf", f"({BEHIND}"):
            await self.server.call("ZADD", waiting, 0, name)

    async def let_circuit_time_pass(self) -> None:
        """As if the far side had been left alone long enough."""
        await self.server.call("DEL", self.keys.circuit(SALES))

    async def counts(self) -> tuple[int, int]:
        """How many are in the outbox, and how many wait."""
        new = await self.server.call("XLEN", self.keys.outbox(SALES))
        again = await self.server.call("XLEN", self.keys.again(SALES))
        again += await self.server.call("XLEN", self.keys.let_in(SALES))
        return new + again, await self.server.call("ZCARD", self.keys.retries(SALES))


def of_lead(push: str, *, lead: str = "777", route: str = "hot-lead", source: str = "crm", **fields: str) -> Delivery:
    """A delivery of one lead, known by its push."""
    change = a_change(lead=a_lead(id=lead, **fields))
    return a_delivery(change=change, occasion=an_occasion(push=push, source=source), route=RouteName(route))


def failing(*pushes: str, outcome: Outcome = AWAY) -> Script:
    """Takes everything but these pushes' deliveries."""
    return lambda delivery: outcome if delivery.push in pushes else Delivered()


def names(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.push for delivery in deliveries]


def closed(route: str = "hot-lead") -> Hours:
    """A route that opens in some days."""
    today = SystemClock().now().date()
    away = Holiday(first=today - timedelta(days=3), last=today + timedelta(days=3))
    return Hours({RouteName(route): During(time=OpenTime(timezone=ZoneInfo("UTC"), holidays=(away,)), name="desk")})


def many(count: int) -> list[str]:
    return [f"p_{number}" for number in range(count)]


async def put_many(scene: Scene, count: int) -> None:
    await scene.put(*(of_lead(push, lead=str(number)) for number, push in enumerate(many(count))))


async def circuit(scene: Scene) -> Circuit:
    return circuit_of(await scene.server.call("GET", scene.keys.circuit(SALES)))


async def set_circuit(scene: Scene, given: Circuit) -> None:
    await scene.server.call(*keep_circuit(scene.keys, SALES, given))


async def pause(scene: Scene, name: str, *, until: datetime | None = None) -> None:
    held = Pause(by="ada", reason="Slack is down", since=LONG_AGO, until=until)
    await scene.server.call(*keep_pause(scene.keys, name, held))
