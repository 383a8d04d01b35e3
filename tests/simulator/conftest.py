"""A simulator to ask, a listener to push to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.server import Simulator, serving

ACCOUNT, SECRET = "2_0A1B2C3D", "SECRET0KEY0OF0TESTS"
KEYS = {"accountID": ACCOUNT, "secretKey": SECRET}
PATIENCE = 20


@dataclass
class Wire:
    """Speaks to a simulator in plain HTTP."""

    simulator: Simulator
    session: aiohttp.ClientSession

    async def post(self, path="/pubapi/v1.2/", *, body, keys=None, headers=None):
        options = {"json": body} if not isinstance(body, bytes) else {"data": body}
        params = KEYS if keys is None else keys
        async with self.session.post(self.simulator.url + path, params=params, headers=headers, **options) as answer:
            return answer.status, await answer.read()

    async def envelope(self, method, params):
        async with self.session.post(
            self.simulator.api_url, params=KEYS, json={"method": method, "params": params, "id": "r1"}
        ) as answer:
            assert answer.status == 200
            return await answer.json()

    async def call(self, method, params):
        envelope = await self.envelope(method, params)
        assert not envelope["error"], envelope["error"]
        return envelope["result"]

    async def lead(self, lead_id):
        return (await self.call("getLead", {"id": lead_id}))["lead"][0]

    async def status(self):
        async with self.session.get(self.simulator.url + "/") as answer:
            return await answer.json()


@dataclass
class Listener:
    """Keeps what is pushed to it."""

    url: str = ""
    answers: int = 200
    pushes: list = field(default_factory=list)

    async def hear(self, request):
        self.pushes.append((request.headers.get("Content-Type"), await request.read()))
        return web.Response(status=self.answers)


@pytest.fixture
def ask():
    """Runs a question against a fresh simulator and gives its answer."""

    def run(question, **options):
        async def main():
            usual = {"leads": 3, "pushing": Pushing(batch_delay=0.02), "allowance": Allowance(per_second=0)}
            simulator = Simulator(account_id=ACCOUNT, secret_key=SECRET, **usual | options)
            async with serving(simulator), aiohttp.ClientSession() as session:
                return await question(Wire(simulator, session))

        return asyncio.run(main())

    return run


@pytest.fixture
def listening():
    """Opens a listener at a free port."""

    @asynccontextmanager
    async def listen(answers=200):
        listener = Listener(answers=answers)
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_post("/hook", listener.hear)
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
            yield listener
        finally:
            await runner.cleanup()

    return listen


@pytest.fixture
def until():
    """Waits for a state, with a deadline."""

    async def wait(reached):
        async with asyncio.timeout(PATIENCE):
            while not await reached():  # noqa: ASYNC110 - the state is behind HTTP
                await asyncio.sleep(0.01)

    return wait
