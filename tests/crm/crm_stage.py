"""hookrouter between a simulated CRM's pushes and its API, all over HTTP, in the test's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web
from crm_line import ACCOUNT, SECRET, Line
from runtimes import runtime_at

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import Event
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.domain.quota import USUAL_DAILY_CALLS
from hookrouter.ports.desk import ALL
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.runtime.sink_side import SinkSide
from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.server import Simulator, serving
from hookrouter.store.dead_letters import RedisDeadLetters
from hookrouter.store.layout import Layouts
from hookrouter.store.streams import records_of
from hookrouter.wire.kept.records import read_delivery

HEAD = """
version: 1
receiver:
  sources:
    crm: {{token: of-the-crm-in-this-test, read_back: never}}
    form: {{token: of-the-form-in-this-test, read_back: never}}
crm: {{account_id: {account}, secret_key: {secret}, url: "{url}", rate_limit: 1000/s}}
"""
PATIENCE = 20
MOST_TURNS = 60


class DeafWake:
    """Nobody to wake: the test drains by itself."""

    def ring(self, stage: Stage) -> None:
        pass


class SecondByLook(SystemClock):
    """A clock that is a second later at each look: the CRM's stamps have no more, and equal pushes count as one."""

    def __init__(self) -> None:
        self._now = super().now() - timedelta(hours=2)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@dataclass
class Heard:
    """Keeps what is reported."""

    events: list[Event] = field(default_factory=list)

    def report(self, event: Event) -> None:
        self.events.append(event)

    def flush(self) -> None:
        """Hold nothing back."""

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@dataclass
class CrmStage:
    """A simulator, hookrouter, and the line by which it calls."""

    simulator: Simulator
    line: Line
    runtime: Runtime
    heard: Heard
    side: SinkSide
    taken: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    pushes: list[list[dict[str, Any]]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        """Take a push as the receiver would."""
        body = await request.read()
        self.pushes.append(orjson.loads(body))
        await asyncio.to_thread(self.runtime.receive().take, SourceName("crm"), body, {})
        self.taken += 1
        self.came.set()
        return web.Response()

    async def push(self, *leads: dict[str, Any], source: str = "crm") -> None:
        """Push as somebody else would."""
        body = orjson.dumps(list(leads))
        await asyncio.to_thread(self.runtime.receive().take, SourceName(source), body, {})

    async def settle(self) -> None:
        """Push, route and deliver until nothing moves any more."""
        for _ in range(MOST_TURNS):
            self.came.clear()
            await self.route()
            await self.deliver()
            if not await self._waits() and not await self._more_comes():
                return
        raise AssertionError(f"it does not come to rest within {MOST_TURNS} turns")

    async def settle_after_pushes(self, count: int, since: int | None = None) -> None:
        """Settle until so many more pushes have come, than now or than `taken` was."""
        wanted = (self.taken if since is None else since) + count
        async with asyncio.timeout(PATIENCE):
            while self.taken < wanted:
                await self._more_comes()
                await self.settle()

    async def route(self) -> None:
        """Route what waits."""
        router = self.runtime.router(DeafWake())
        for partition in range(self.runtime.settings.partitions):
            intake = await self.side.leases.intake(partition)
            assert intake is not None
            await router.drain(intake, f"intake:{partition}")
            await intake.release()

    async def assign(self) -> None:
        """Give to people what waits for somebody."""
        side = self.runtime.open_lead_side(DeafWake())
        assigner = await side.leases.assigner()
        assert assigner is not None
        await side.assign.drain(assigner, "assign")
        await assigner.release()
        await side.close()

    async def deliver(self) -> None:
        """Deliver what waits, each sink once."""
        await asyncio.gather(*(self._drain(sink) for sink in self.runtime.config.sinks))

    async def _drain(self, sink: SinkName) -> None:
        outbox = await self.side.leases.outbox(sink)
        assert outbox is not None
        async with asyncio.timeout(PATIENCE):
            await self.side.deliver.drain(outbox, sink, asyncio.Event())
        await outbox.release()

    async def _waits(self) -> bool:
        partitions = range(self.runtime.settings.partitions)
        keys = [self.runtime.keys.intake(partition) for partition in partitions]
        keys += [self.runtime.keys.outbox(sink) for sink in self.runtime.config.sinks]
        return any([await self.side.store.call("XLEN", key) for key in keys])

    async def _more_comes(self) -> bool:
        try:
            async with asyncio.timeout(0.15):  # the simulator gathers for a hundredth
                await self.came.wait()
        except TimeoutError:
            return False
        return True

    async def let_retries_come_due(self) -> None:
        """As if their time had come, and circuits had rested."""
        for sink in self.runtime.config.sinks:
            waiting = self.runtime.keys.retries(sink)
            for name in await self.side.store.call("ZRANGE", waiting, 0, -1):
                await self.side.store.call("ZADD", waiting, 0, name)
            await self.side.store.call("DEL", self.runtime.keys.circuit(sink))

    async def dead(self) -> dict[str, Any]:
        """The dead letters by lead."""
        page = await asyncio.to_thread(self._letters.list, ALL, limit=1000)
        return {letter.delivery.lead_key: letter for letter in page.found}

    @property
    def _letters(self) -> RedisDeadLetters:
        return RedisDeadLetters(
            server=self.runtime.server, keys=self.runtime.keys, layouts=Layouts(self.runtime.keys, 4)
        )

    async def replay_all(self) -> None:
        """Put all dead letters back."""
        for letter in (await self.dead()).values():
            assert await asyncio.to_thread(self._letters.replay, letter.delivery.id)

    async def use_up_the_day(self) -> None:
        """As if all calls of the day had been made."""
        key = self.runtime.keys.crm_calls()
        day = int((await self.side.store.call("TIME"))[0]) // 86_400
        await self.side.store.call("HSET", key, "day", day, "used", USUAL_DAILY_CALLS)

    async def forget_the_day(self) -> None:
        """As if another day had begun."""
        await self.side.store.call("DEL", self.runtime.keys.crm_calls())

    async def deliveries(self, sink: str) -> list[Delivery]:
        """What waits in an outbox."""
        found = await self.side.store.call("XRANGE", self.runtime.keys.outbox(SinkName(sink)), "-", "+")
        return [read_delivery(record) for _, record in records_of(found)]

    async def everything_kept(self) -> list[Any]:
        """All that stands in Redis, as it is written there."""
        keys = await self.side.store.call("KEYS", f"{self.runtime.keys.prefix}*")
        return await self.side.store.call_all([("DUMP", key) for key in keys])

    def calls(self, method: str) -> list[Sequence[dict[str, Any]]]:
        """The objects of each call of a method."""
        return [params["objects"] for name, params in self.line.asked if name == method]


@asynccontextmanager
async def crm_stage(
    folder: Path, url: str, routing: str, *, leads: int = 3, subscribed: bool = True, **pushing: Any
) -> AsyncIterator[CrmStage]:
    """The whole way round, from a push to the CRM's own book."""
    simulator = Simulator(
        account_id=ACCOUNT,
        secret_key=SECRET,
        leads=leads,
        pushing=Pushing(batch_delay=0.01, **pushing),
        allowance=Allowance(per_second=0),
        clock=SecondByLook(),
    )
    async with serving(simulator), Line(simulator.url).open() as line:
        head = HEAD.format(account=ACCOUNT, secret=SECRET, url=f"{line.url}/v1.2/")
        heard = Heard()
        runtime = runtime_at(folder, url, head + routing, HOOKROUTER_PARTITIONS="2")
        runtime.observer = heard
        side = runtime.open_sink_side()
        stage = CrmStage(simulator=simulator, line=line, runtime=runtime, heard=heard, side=side)
        application = web.Application(client_max_size=32 * 1024 * 1024)
        application.router.add_post("/hook", stage.hear)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            if subscribed:
                simulator.pushes.subscribe(f"http://127.0.0.1:{runner.addresses[0][1]}/hook")
            yield stage
        finally:
            await simulator.pushes.stop()
            await runner.cleanup()
            await side.close()
            runtime.server.client.close()
