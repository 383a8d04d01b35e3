"""The simulated CRM as an HTTP server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random  # noqa: TID251 - a seeded world
from typing import Any

from aiohttp import web

from hookrouter.clock import SystemClock
from hookrouter.domain.errors import ConfigurationError
from hookrouter.ports.surroundings import Clock
from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.api import Api
from hookrouter.simulator.call_meter import CallMeter
from hookrouter.simulator.controls import Controls
from hookrouter.simulator.dials import Dials
from hookrouter.simulator.faults import Faults
from hookrouter.simulator.lead_desk import LeadDesk
from hookrouter.simulator.leads import LeadBook
from hookrouter.simulator.life import Life
from hookrouter.simulator.page import page_routes
from hookrouter.simulator.people import People
from hookrouter.simulator.population import settle
from hookrouter.simulator.pushes import Pushes
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.quirks import Quirks
from hookrouter.simulator.status import status_of
from hookrouter.simulator.strangers import refuse_strangers
from hookrouter.simulator.timeline import Timelines
from hookrouter.simulator.world import World

LARGEST_CALL = 32 * 1024 * 1024
LAST_ANSWERS = 0.5  # seconds that stopping leaves to slow answers
BREATH = 500  # changes made before the server may answer others


class Simulator:
    """A CRM of one account with invented leads; `push_rate` changes a second happen by themselves."""

    def __init__(
        self,
        *,
        account_id: str,
        secret_key: str,
        leads: int = 200,
        push_rate: float = 0.0,
        pushing: Pushing | None = None,
        allowance: Allowance | None = None,
        quirks: Quirks | None = None,
        seed: int = 1,
        clock: Clock | None = None,
    ) -> None:
        clock = clock or SystemClock()
        dice, people = Random(seed), People(seed)
        self.dials = Dials(pushing=pushing or Pushing(), allowance=allowance or Allowance(), quirks=quirks or Quirks())
        self.book = LeadBook(clock, self.dials)
        self.pushes = Pushes(self.dials, seed)
        self.faults = Faults(seed)
        self.meter = CallMeter(clock, self.dials)
        self.url = ""
        settle(self.book, people, clock, leads, dice)
        timelines = Timelines(self.book, self.dials, clock, seed)
        self.book.listeners.append(self.pushes.note)
        self.book.removal_listeners.append(self.pushes.ledger.forget)
        self._life = Life(self.book, timelines, people, clock, dice)
        self._push_rate = push_rate
        self.world = World(dials=self.dials, clock=clock, book=self.book, timelines=timelines, pushes=self.pushes)
        self._api = Api(
            world=self.world, faults=self.faults, meter=self.meter, account_id=account_id, secret_key=secret_key
        )
        self._runner: web.AppRunner | None = None
        self._living: asyncio.Task[None] | None = None

    @property
    def api_url(self) -> str:
        """Where the API answers; what `crm.url` is set to."""
        return f"{self.url}/pubapi/v1.2/"

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one, `url` tells which.

        Raises:
            ConfigurationError: when the address cannot be had.
        """
        # No access log: the secret key stands in the query string.
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=LAST_ANSWERS)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as fault:
            await self._runner.cleanup()
            raise ConfigurationError(f"cannot listen on {host}:{port} ({fault.strerror}); give another port") from None
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"
        await self.pushes.start()
        if self._push_rate > 0:
            self._living = asyncio.get_running_loop().create_task(self._life.run(self._push_rate))

    async def stop(self) -> None:
        """End the changes, push those already made, close."""
        if self._living is not None:
            self._living.cancel()
            with suppress(asyncio.CancelledError):
                await self._living
        await self.pushes.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def make_changes(self, count: int) -> int:
        """Make changes at once; how many they were."""
        before = self.changes
        for number in range(1, count + 1):
            self._life.change_one()
            if number % BREATH == 0:
                await asyncio.sleep(0)
        return self.changes - before

    @property
    def changes(self) -> int:
        """How many changes there were."""
        return self.pushes.ledger.changes

    def status(self) -> dict[str, Any]:
        """Counts of what is there and what happened."""
        return status_of(self.book, self.pushes, self.meter, self.faults)

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=LARGEST_CALL, middlewares=[refuse_strangers])
        controls = Controls(
            faults=self.faults,
            dials=self.dials,
            meter=self.meter,
            status=self.status,
            unheard=self.pushes.ledger.unheard,
            change=self.make_changes,
        )
        desk = LeadDesk(world=self.world)
        application.add_routes([*self._api.routes(), *controls.routes(), *desk.routes(), *page_routes(self.status)])
        return application


@asynccontextmanager
async def serving(simulator: Simulator, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Simulator]:
    """The simulator, listening as long as the block runs."""
    await simulator.start(host, port)
    try:
        yield simulator
    finally:
        await simulator.stop()
