"""What a later version wrote is left to it: it is not set aside, and nothing of its stream overtakes it."""

from __future__ import annotations

import pytest
from drain_support import SALES, Reports, Scene, of_lead

from hookrouter.domain.events import EntryNewer, EntryUnreadable
from hookrouter.domain.ids import RouteName
from hookrouter.store import lease as leases
from hookrouter.store import streams
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Left, take_lease
from hookrouter.wire.kept.records import read_intake, write_delivery

NEWER = b'{"v": 2, "what": "only a later version knows"}'


async def add(scene: Scene, stream: str, record: bytes = NEWER) -> None:
    await scene.server.call("XADD", stream, "*", streams.FIELD, record)


async def test_deliveries_behind_one_of_a_later_version_wait_for_its_worker(scene: Scene) -> None:
    await scene.put(of_lead("p_1"))
    await add(scene, scene.keys.outbox(SALES))
    await scene.put(of_lead("p_2"))

    await scene.drain()
    await scene.drain()

    assert scene.sink.pushes == ["p_1"]
    assert await scene.server.call("XLEN", scene.keys.outbox(SALES)) == 2
    assert await scene.server.call("EXISTS", scene.keys.unreadable()) == 0
    assert {event.reason for event in scene.reports.of(EntryNewer)} == {"format 2"}  # type: ignore[attr-defined]
    assert scene.reports.of(EntryUnreadable) == []


async def test_what_waited_before_keeps_its_place_before_what_is_new(scene: Scene) -> None:
    await add(scene, scene.keys.again(SALES))
    await scene.put(of_lead("p_2"))

    await scene.drain()

    assert scene.sink.pushes == []


async def test_what_a_route_shut_out_is_let_in_up_to_one_of_a_later_version(scene: Scene) -> None:
    shut, route = scene.keys.shut(SALES, RouteName("hot-lead")), RouteName("hot-lead")
    for record in (write_delivery(of_lead("p_1")), NEWER, write_delivery(of_lead("p_2"))):
        await add(scene, shut, record)
    outbox = await scene.open()

    assert not await outbox.let_in(route, 10, as_new=False)

    assert await scene.server.call("XLEN", shut) == 2
    assert await scene.server.call("XLEN", scene.keys.let_in(SALES)) == 1
    await outbox.release()


async def test_its_stream_is_left_for_a_while_and_that_is_told_once(
    async_server: AsyncRedisServer, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, reports, stream = Left(), Reports(), keys.intake(0)
    await async_server.call("XADD", stream, "*", streams.FIELD, NEWER)

    async def look() -> bool | None:
        lease = await take_lease(async_server, keys, stream, "drain", left)
        if lease is None:
            return None
        read = streams.read_each(lease, keys, reports, after=None, count=9, make=lambda _, record: read_intake(record))
        assert await read == []
        return await lease.release()

    assert await look() is False  # or it would be served again at once
    assert await look() is None
    assert await take_lease(async_server, keys, stream, "of a later version", Left()) is not None
    await async_server.call("DEL", keys.lease(stream))
    monkeypatch.setattr(leases, "LEFT_FOR", -1.0)
    left.leave(stream, reports.events[0].entry)  # type: ignore[attr-defined]

    assert await look() is True
    assert len(reports.events) == 1
