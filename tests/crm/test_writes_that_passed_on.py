"""Writes of deliveries that another worker may have begun meanwhile: no call goes out, and nothing is left in doubt."""

from __future__ import annotations

import asyncio

from crm_line import a_line

from hookrouter.clock import SystemClock
from hookrouter.crm.objects import CrmObjectWrites
from hookrouter.domain.crm_write import Action, CrmWrite
from hookrouter.domain.ids import DeliveryId, RouteName, SinkName, SourceName
from hookrouter.domain.outcome import Delivered, Outcome, Retry
from hookrouter.ports.last_word import STILL_OURS
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


async def test_a_call_for_several_goes_out_only_while_each_is_still_ours(
    async_server: AsyncRedisServer, keys: Keys
) -> None:
    async with a_line() as (client, line, _):
        memory = RedisWriteMemory(server=async_server, keys=keys, sources=[SourceName("crm")], clock=SystemClock())
        writer = WriteBack(objects=CrmObjectWrites(client), memory=memory, observer=NoObserver())

        async def write(number: int, attempt: int, *, ours: bool) -> Outcome:
            STILL_OURS.set(lambda: ours)
            return await writer.write(a_call(number, attempt))

        put_off = await asyncio.gather(write(0, 1, ours=True), write(1, 1, ours=False))
        assert (line.asked, [type(each) for each in put_off]) == ([], [Retry, Retry])

        again = await asyncio.gather(write(0, 2, ours=True), write(1, 2, ours=True))
        assert [type(each) for each in again] == [Delivered, Delivered]
        assert line.methods() == ["logCalls"]
