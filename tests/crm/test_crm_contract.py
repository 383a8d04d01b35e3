"""Each method's documented request and answer, at the client and at the simulator: the two may not drift together."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from crm_line import ACCOUNT, SECRET
from documented_calls import CALLS, Documented

from hookrouter.crm import Client
from hookrouter.domain.quota import CallCount
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.methods import METHODS
from hookrouter.simulator.server import Simulator, serving

each_method = pytest.mark.parametrize("call", CALLS, ids=[call.method for call in CALLS])


def as_text(value: Any) -> Any:
    """Numbers may be sent as text (crm-api 1.2)."""
    match value:
        case dict():
            return {name: as_text(each) for name, each in value.items()}
        case list():
            return [as_text(each) for each in value]
        case int():
            return str(value)
        case _:
            return value


SOMETHING_TO_TELL = {
    "getLeadsDateRange": {"startDate": "2000-01-01 00:00:00", "endDate": "2100-01-01 00:00:00"},
    "getLeadListMemberships": {"memberIDs": [str(FIRST_ID + 1024 * number) for number in range(2)]},
}
"""Params by which the simulator, whose leads are invented, has something to tell."""


@asynccontextmanager
async def documented_crm(call: Documented):
    """A CRM that knows this call; gives its URL and what it was asked."""
    asked = []

    async def answer(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        asked.append((request.method, dict(request.query), body))
        return web.json_response(call.answer(body["id"]))

    application = web.Application()
    application.router.add_route("*", "/pubapi/v1.2/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/pubapi/v1.2/", asked
    finally:
        await runner.cleanup()


@each_method
async def test_the_client_asks_and_understands_as_documented(call: Documented) -> None:
    async with (
        documented_crm(call) as (url, asked),
        Client(account_id=ACCOUNT, secret_key=SECRET, url=url) as crm,
    ):
        told = await call.ask(crm)

        [(verb, query, request), *again] = asked
        assert len(again) == 2 * (call.method == "getLeadsDateRange")  # whose end only shows by what follows
        assert (verb, query) == ("POST", {"accountID": ACCOUNT, "secretKey": SECRET})
        assert request.keys() == {"method", "params", "id"}
        assert (request["method"], as_text(request["params"])) == (call.method, as_text(call.params))
        assert told == call.told
        count = CallCount(calls=int(call.counts["callCount"]), limit=50000) if call.counts else None
        assert crm.call_count == count


@each_method
async def test_the_simulator_answers_the_documented_request_as_documented(call: Documented) -> None:
    simulator = Simulator(account_id=ACCOUNT, secret_key=SECRET, leads=1)
    async with serving(simulator), aiohttp.ClientSession() as session:
        await ask(session, simulator, "createLeads", {"objects": [{"emailAddress": "teo@example.org"}]})
        answer = await ask(session, simulator, call.method, {**call.params, **SOMETHING_TO_TELL.get(call.method, {})})

    assert answer["id"] == "r9"
    assert [name for name in ("callCount", "queryLimit") if not answer[name].isdigit()] == []
    assert misfits(call.result, answer["result"]) == []
    assert answer["error"] == call.error


async def ask(session: aiohttp.ClientSession, simulator: Simulator, method: str, params: Any) -> Any:
    keys = {"accountID": ACCOUNT, "secretKey": SECRET}
    request = {"method": method, "params": params, "id": "r9"}
    async with session.post(simulator.api_url, params=keys, json=request) as answer:
        assert answer.status == 200
        return await answer.json()


def misfits(documented: Any, told: Any, place: str = "result") -> list[str]:
    """Where an answer lacks what is documented, or has another kind of value there; more than that it may have."""
    match documented, told:
        case dict(), dict():
            missing = [f"{place}.{name}" for name in documented.keys() - told.keys()]
            known = documented.keys() & told.keys()
            return missing + [
                each for name in known for each in misfits(documented[name], told[name], f"{place}.{name}")
            ]
        case [first, *_], [row, *_]:
            return misfits(first, row, f"{place}[0]")
        case [_, *_], []:
            return [f"{place} is empty"]
        case (None, _) | (str(), None):
            return []
        case _:
            return [] if type(documented) is type(told) else [f"{place} is {told!r}"]


def test_no_method_is_without_its_documented_call() -> None:
    assert {call.method for call in CALLS} == METHODS.keys()
    assert len(CALLS) == 14
