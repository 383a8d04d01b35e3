"""The two connections to Redis, by the addresses that the environment may name."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol

from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.server import RedisServer


class Server(Protocol):
    """A running server."""

    @property
    def socket(self) -> Path: ...


async def test_a_server_is_reached_by_its_unix_socket(valkey: Server) -> None:
    url = f"unix://{valkey.socket}?db=0"
    blocking, waiting = RedisServer(url), AsyncRedisServer(url)

    answers = [blocking.call("PING"), await waiting.call("PING")]

    blocking.client.close()
    await waiting.close()
    assert answers == [True, True]


async def test_however_many_ask_at_once_each_is_answered(valkey: Server) -> None:
    server = AsyncRedisServer(f"unix://{valkey.socket}?db=0")

    answers = await asyncio.gather(*[server.call("ECHO", str(number)) for number in range(500)])

    await server.close()
    assert answers == [str(number).encode() for number in range(500)]
