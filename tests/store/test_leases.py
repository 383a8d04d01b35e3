"""Leases on a real server."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from fronts import Front

from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease, take_lease
from hookrouter.supervise.free_port import LOOPBACK

STREAM = "intake"


class Server(Protocol):
    """A running server."""

    @property
    def port(self) -> int: ...


async def take(server: AsyncRedisServer, keys: Keys, token: str) -> Lease:
    lease = await take_lease(server, keys, f"{keys.prefix}:{STREAM}", token)
    assert lease is not None
    return lease


async def lose(lease: Lease) -> None:
    await lease.server.call("DEL", lease.key)


async def test_a_stream_is_served_by_one_drain_at_a_time(async_server: AsyncRedisServer, keys: Keys) -> None:
    lease = await take(async_server, keys, "first")

    assert await take_lease(async_server, keys, lease.stream, "second") is None
    assert await lease.renew()


async def test_who_lost_its_lease_writes_nothing(async_server: AsyncRedisServer, keys: Keys) -> None:
    late = await take(async_server, keys, "late")
    await lose(late)
    await take(async_server, keys, "next")

    written = await late.write([("SET", f"{keys.prefix}:a", "1"), ("XADD", late.stream, "*", "r", "x")])

    assert not written
    assert await async_server.call("EXISTS", f"{keys.prefix}:a", late.stream) == 0


async def test_who_let_its_lease_run_out_writes_nothing_either(async_server: AsyncRedisServer, keys: Keys) -> None:
    late = await take(async_server, keys, "late")
    await lose(late)

    assert not await late.write([("SET", f"{keys.prefix}:a", "1")])
    assert await async_server.call("EXISTS", f"{keys.prefix}:a") == 0


async def test_the_holder_writes_all_its_commands(async_server: AsyncRedisServer, keys: Keys) -> None:
    lease = await take(async_server, keys, "holder")

    assert await lease.write([("SET", f"{keys.prefix}:a", b"\x00\r\n{}"), ("XADD", lease.stream, "*", "r", "x")])

    assert await async_server.call("GET", f"{keys.prefix}:a") == b"\x00\r\n{}"
    assert await async_server.call("XLEN", lease.stream) == 1


async def test_a_lease_that_ran_out_unseen_is_taken_back(async_server: AsyncRedisServer, keys: Keys) -> None:
    lease = await take(async_server, keys, "holder")
    await lose(lease)

    assert await lease.renew()
    assert await lease.write([("SET", f"{keys.prefix}:a", "1")])


async def test_a_lease_that_another_had_meanwhile_is_not_taken_back(async_server: AsyncRedisServer, keys: Keys) -> None:
    late = await take(async_server, keys, "late")
    await lose(late)
    after = await take(async_server, keys, "next")
    await after.release()

    assert not await late.renew()
    assert await take_lease(async_server, keys, late.stream, "late") is not None, "it may begin anew"


async def test_a_renewal_that_comes_later_than_the_end_takes_nothing_back(
    async_server: AsyncRedisServer, keys: Keys
) -> None:
    lease = await take(async_server, keys, "holder")
    await lease.release()

    assert not await lease.renew()
    assert await take_lease(async_server, keys, lease.stream, "next") is not None


async def test_nor_does_one_of_a_lease_that_had_run_out_by_then(async_server: AsyncRedisServer, keys: Keys) -> None:
    lease = await take(async_server, keys, "holder")
    await lose(lease)
    await lease.release()

    assert not await lease.renew()


async def test_a_lease_that_is_kept_is_renewed_by_itself(async_server: AsyncRedisServer, keys: Keys) -> None:
    lease = await take(async_server, keys, "holder")
    await lose(lease)

    async with asyncio.timeout(60), lease.kept(every=0.01):
        while not await async_server.call("EXISTS", lease.key):
            pass  # the question itself lets the keeper go on

    assert await async_server.call("GET", lease.key) == b"holder"


async def test_a_lease_that_another_has_is_not_taken_back(async_server: AsyncRedisServer, keys: Keys) -> None:
    late = await take(async_server, keys, "late")
    await lose(late)
    after = await take(async_server, keys, "next")

    assert not await late.renew()
    assert await after.renew()


async def test_nobody_gives_back_what_is_anothers(async_server: AsyncRedisServer, keys: Keys) -> None:
    late = await take(async_server, keys, "late")
    await lose(late)
    after = await take(async_server, keys, "next")

    await late.release()

    assert await after.write([("SET", f"{keys.prefix}:a", "1")])


async def test_a_lease_expires_by_itself(async_server: AsyncRedisServer, keys: Keys) -> None:
    lease = await take(async_server, keys, "killed")

    assert 0 < await async_server.call("PTTL", lease.key) <= 10_000


async def test_giving_a_lease_back_tells_whether_entries_wait(async_server: AsyncRedisServer, keys: Keys) -> None:
    lease = await take(async_server, keys, "holder")
    assert not await lease.release()
    lease = await take(async_server, keys, "holder")
    await async_server.call("XADD", lease.stream, "*", "r", "x")

    assert await lease.release()


async def test_it_is_relied_on_from_when_it_was_asked_for_not_from_when_the_answer_came(
    valkey: Server, keys: Keys
) -> None:
    front = Front(valkey.port)
    server = AsyncRedisServer(front.url)
    lease = await take(server, keys, "far")
    await server.call("PEXPIRE", lease.key, 5_000)
    front.cut(only_answers=True)

    renewing = asyncio.create_task(lease.renew())
    async with asyncio.timeout(10):
        while await server_sees(valkey, lease) < 6_000:  # the life that is left: it is not renewed yet
            pass  # the question itself lets the other go on
    renewed_at = time.monotonic()
    await asyncio.sleep(0.2)
    front.mend()

    assert await renewing
    assert 0 < lease.held_until < renewed_at + 8
    await server.close()
    front.close()


async def server_sees(valkey: Server, lease: Lease) -> int:
    """How many milliseconds of its life are left."""
    server = AsyncRedisServer(f"redis://{LOOPBACK}:{valkey.port}")
    left = int(await server.call("PTTL", lease.key))
    await server.close()
    return left
