"""A receiver, its stages, and an HTTP server that answers sinks as it is told: all that a lead's story needs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from runtimes import runtime_at

from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.domain.lead import Json
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.runtime.lead_side import LeadSide
from hookrouter.runtime.sink_side import SinkSide
from hookrouter.runtime.stories import Stories
from hookrouter.usecases.explaining.lead_story import TellLeadStory

CRM = SourceName("crm")
HEAD = """
version: 1
receiver: {{sources: {{crm: {{token: a-token-only-for-tests, read_back: never}}}}}}
egress: {{allow: [127.0.0.0/8]}}
sinks:
  works: {{type: http, url: "{url}/200"}}
  fails: {{type: http, url: "{url}/500"}}
  refuses: {{type: http, url: "{url}/404"}}
"""
PATIENCE = 20


class DeafWake:
    def ring(self, stage: Stage) -> None:
        """Nobody to wake: the test drains by itself."""


@dataclass
class StoryStage:
    folder: Path
    url: str
    runtime: Runtime
    lead_side: LeadSide
    sink_side: SinkSide
    got: list[Any] = field(default_factory=list)

    @property
    def stories(self) -> TellLeadStory:
        return Stories(self.runtime).of_leads()

    async def push(self, *leads: Mapping[str, Json], is_routed: bool = True) -> str:
        taken = self.runtime.receive().take(CRM, json.dumps(leads).encode(), {})
        if is_routed:
            await self.route()
        return str(taken.receipt.push)

    async def route(self) -> None:
        intake = await self.lead_side.leases.intake(0)
        assert intake is not None
        await self.lead_side.route.drain(intake, "intake:0")
        await intake.release()

    async def assign(self) -> None:
        assigner = await self.lead_side.leases.assigner()
        assert assigner is not None
        await self.lead_side.assign.drain(assigner, "assign")
        await assigner.release()

    async def deliver(self, sink: str) -> None:
        """Until nothing waits that may be attempted now."""
        name = SinkName(sink)
        outbox = await self.sink_side.leases.outbox(name)
        assert outbox is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.sink_side.deliver.drain(outbox, name, asyncio.Event())
        await outbox.release()

    async def configure(self, routes: str) -> None:
        """As an edit of the file, and what a process does about it."""
        (self.folder / "hookrouter.yaml").write_text(HEAD.format(url=self.url) + routes)
        assert [self.runtime.look_for_edits() for _ in range(2)] == [False, True]  # an edit must have settled
        await self.lead_side.close()
        self.lead_side = self.runtime.open_lead_side(DeafWake())


@asynccontextmanager
async def story_stage(folder: Path, redis_url: str, routes: str) -> AsyncIterator[StoryStage]:
    got: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        got.append(await request.json())
        status = int(request.match_info["status"])
        return web.Response(status=status, text="taken" if status == 200 else f"no: {status}")

    application = web.Application()
    application.router.add_post("/{status}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    runtime = runtime_at(folder, redis_url, HEAD.format(url=url) + routes, HOOKROUTER_PARTITIONS="1")
    stage = StoryStage(folder, url, runtime, runtime.open_lead_side(DeafWake()), runtime.open_sink_side(), got)
    try:
        yield stage
    finally:
        await stage.lead_side.close()
        await stage.sink_side.close()
        await runner.cleanup()
        runtime.server.client.close()
