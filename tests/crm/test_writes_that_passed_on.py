"""Writes of deliveries that another worker may have begun meanwhile: no call goes out, and nothing is left in doubt."""

from __future__ import annotations

import asyncio

from crm_line import Line, a_line

from hookrouter.clock import SystemClock
from hookrouter.crm.client import CrmClient
from hookrouter.crm.objects import CrmObjectWrites
from hookrouter.domain.crm_write import Action, CrmWrite
from hookrouter.domain.ids import DeliveryId, RouteName, SinkName, SourceName
from hookrouter.domain.outcome import Delivered, Outcome, Retry
from hookrouter.ports.last_word import STILL_OURS, one_attempt
from hookrouter.simulator.leads import FIRST_ID, ID_STEP
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.write_memory import RedisWriteMemory
from hookrouter.telemetry.observer import NoObserver
from hookrouter.usecases.write_back import WriteBack


def a_call(number: int, attempt: int) -> CrmWrite:
    """A call to be logged: where it may be logged already the CRM is asked first, for none is logged twice."""
    lead = str(FIRST_ID + number * ID_STEP)
    values = {"leadID": lead, "userID": "7", "direction": "outgoing", "createTimestamp": "2026-03-04T15:20:11+00:00"}
    return CrmWrite(
        action=Action.LOG_CALL,
        values=values,
        delivery=DeliveryId(f"d_{number}"),
        try_of=f"{attempt}:0",
        route=RouteName("all"),
        sink=SinkName("calls"),
    )


def a_writer(server: AsyncRedisServer, keys: Keys, client: CrmClient) -> WriteBack:
    memory = RedisWriteMemory(server=server, keys=keys, sources=[SourceName("crm")], clock=SystemClock())
    return WriteBack(objects=CrmObjectWrites(client), memory=memory, observer=NoObserver())


def leads_in(line: Line) -> list[list[str]]:
    return [[each["leadID"] for each in params["objects"]] for _, params in line.asked]


async def test_a_call_for_several_is_made_for_those_that_are_still_ours(
    async_server: AsyncRedisServer, keys: Keys
) -> None:
    async with a_line() as (client, line, _):
        writer = a_writer(async_server, keys, client)

        async def write(number: int, attempt: int, *, ours: bool) -> Outcome:
            STILL_OURS.set(lambda: ours)
            return await writer.write(a_call(number, attempt))

        first = await asyncio.gather(write(0, 1, ours=True), write(1, 1, ours=False))
        assert [type(each) for each in first] == [Delivered, Retry]
        assert leads_in(line) == [[a_call(0, 1).values["leadID"]]]

        again = await write(1, 2, ours=True)
        assert isinstance(again, Delivered)
        assert line.methods() == ["logCalls", "logCalls"]  # what was not written leaves no doubt to look into


async def test_none_goes_out_where_none_is(async_server: AsyncRedisServer, keys: Keys) -> None:
    async with a_line() as (client, line, _):
        writer = a_writer(async_server, keys, client)
        STILL_OURS.set(lambda: False)

        put_off = await asyncio.gather(*(writer.write(a_call(number, 1)) for number in range(2)))

        assert (line.asked, [type(each) for each in put_off]) == ([], [Retry, Retry])


async def test_an_attempt_that_ends_while_the_call_waits_for_its_turn_costs_no_other_its_own(
    async_server: AsyncRedisServer, keys: Keys
) -> None:
    asked, may_go = asyncio.Event(), asyncio.Event()

    async def turn() -> None:
        asked.set()
        await may_go.wait()

    async with a_line(turn=turn) as (client, line, _):
        writer = a_writer(async_server, keys, client)

        async def attempt(number: int) -> Outcome:
            with one_attempt(lambda: True):
                return await writer.write(a_call(number, 1))

        late, other = (asyncio.create_task(attempt(number)) for number in range(2))
        await asked.wait()
        late.cancel()
        await asyncio.wait([late])
        may_go.set()

        assert isinstance(await other, Delivered)
        assert leads_in(line) == [[a_call(1, 1).values["leadID"]]]
