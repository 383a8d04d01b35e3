"""A simulated CRM that pushes over HTTP to the real hooks, and who watches over it, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import gevent
from aiohttp import web
from notes import Notes, ShiftedClock
from runtimes import runtime_at

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.health import Part
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.domain.rhythm import SLOTS, Rhythm, Usual, hour_of
from hookrouter.domain.watched import Watched
from hookrouter.ports.outbox import Cursor
from hookrouter.runtime import Runtime
from hookrouter.runtime.lead_side import LeadSide
from hookrouter.runtime.lookout import Lookout, lookout_of
from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.leads import FIRST_ID, ID_STEP
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.server import Simulator, serving
from hookrouter.web.app import create_app

ACCOUNT, SECRET = "2_0A1B2C3D", "SECRET0KEY0OF0TESTS"
NEW, OLD = "newest-token-0123456789", "former-token-0123456789"
CRM = SourceName("crm")
LEAD, OTHER = str(FIRST_ID), str(FIRST_ID + ID_STEP)
CANARY = f"canary: {{lead: {LEAD}, within: 1m}}"
FRAME = """
version: 1
receiver:
  public_url: {hooks}
  sources: {{crm: {{token: [{new}, {old}], read_back: {read_back}{allow}}}}}
crm: {{account_id: {account}, secret_key: {secret}, url: "{url}", rate_limit: 1000/s, {crm}}}
sinks: {{all: {{type: stdout}}}}
routes: [{{name: everything, match: {{event: [created, updated, unchanged, stale]}}, to: [all]}}]
"""


@dataclass
class World:
    """The CRM, the hooks, and a worker's half that prepares deliveries."""

    simulator: Simulator
    runtime: Runtime
    clock: ShiftedClock
    told: Notes
    hooks: str
    side: LeadSide
    awaited: int = 0
    has_receiver: bool = True

    @property
    def lookout(self) -> Lookout:
        found = lookout_of(self.runtime, self.side.store, self.side.sessions[-1])
        assert found is not None
        return found

    async def look(self) -> None:
        """Look once, as a worker does, after what came is routed."""
        await self.route()
        if self.has_receiver:
            self.receiver_lives()
        assert self.side.watching is not None
        await self.side.watching.run_if_free()

    async def remembered(self) -> Watched:
        return await self.lookout.memory.read(CRM)

    async def route(self) -> None:
        self.runtime.footfall.flush(self.clock.now())
        hydrator = await self.side.leases.hydrator()
        assert hydrator is not None
        await self.side.hydrate.drain(hydrator, "hydrate")
        await hydrator.release()
        intake = await self.side.leases.intake(0)
        assert intake is not None
        await self.side.route.drain(intake, "intake:0")
        await intake.release()

    async def pushed(self, count: int = 1) -> None:
        """Wait until so many pushes more were answered."""
        self.awaited += count
        counts = self.simulator.pushes.counts
        await until(lambda: counts.acked + counts.failed >= self.awaited)

    def subscribe(self, token: str = NEW) -> None:
        self.simulator.pushes.subscribe(f"{self.hooks}/hooks/crm/{token}")

    async def deliveries(self) -> list[Delivery]:
        box = await self.side.leases.outbox(SinkName("all"))
        assert box is not None
        entries = await box.read(Cursor(), 100)
        await box.release()
        return [entry.delivery for entry in entries]

    async def teach(self, minutes: int, *, last: datetime) -> None:
        """As if for weeks so many minutes of each hour had had a push, the last one at a moment."""
        usual = {slot: Usual(busy=4.0 * minutes, weeks=4.0) for slot in range(SLOTS)}
        rhythm = Rhythm(usual=usual, learned_until=hour_of(self.clock.now()))
        known = await self.remembered()
        watched = Watched(path=known.path, rhythm=rhythm)
        await self.lookout.memory.write(CRM, watched, self.clock.now())
        self.runtime.footfall.note(CRM, NEW, last, is_canary=False)

    def receiver_lives(self) -> None:
        self.runtime.presence.beat("receiver", "test")

    def receiver_leaves(self) -> None:
        self.has_receiver = False
        self.runtime.presence.leave("receiver", "test")

    def health(self, name: str) -> Part:
        report = self.runtime.census.watch_report(self.clock.now())
        assert report is not None
        [part] = [part for part in report.parts(self.clock.now()) if part.name == name]
        return part


async def until(reached: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not reached():  # noqa: ASYNC110 - the state is in the simulator
            await asyncio.sleep(0.01)


@asynccontextmanager
async def world_at(
    folder: Path, redis_url: str, crm: str = CANARY, *, allow: str = "", read_back: str = "never", **pushing: Any
) -> AsyncIterator[World]:
    simulator = Simulator(
        account_id=ACCOUNT,
        secret_key=SECRET,
        leads=5,
        pushing=Pushing(batch_delay=0.01, **pushing),
        allowance=Allowance(per_second=0),
    )
    apps: list[Any] = []
    async with hooks_of(apps) as hooks, serving(simulator):
        said = {"account": ACCOUNT, "secret": SECRET, "url": simulator.api_url, "new": NEW, "old": OLD, "allow": allow}
        runtime = runtime_at(
            folder,
            redis_url,
            FRAME.format(hooks=hooks, crm=crm, read_back=read_back, **said),
            HOOKROUTER_PARTITIONS="1",
        )
        clock, told = ShiftedClock(), Notes()
        runtime.clock, runtime.observer = clock, told
        apps.append(create_app(runtime).test_client())
        side = runtime.open_lead_side(told)
        try:
            yield World(simulator, runtime, clock, told, hooks, side)
        finally:
            await side.close()
            runtime.server.client.close()


@asynccontextmanager
async def hooks_of(apps: list[Any]) -> AsyncIterator[str]:
    """The hooks of an application that is made later, behind a server of their own; gives their address."""

    async def take(request: web.Request) -> web.Response:
        answer = apps[0].post(request.path, data=await request.read(), headers={"Content-Type": "application/json"})
        gevent.sleep(0.001)  # what the application left for after the answer
        return web.Response(status=answer.status_code, body=answer.data)

    application = web.Application()
    application.router.add_post("/{tail:.*}", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
