"""The two connections to Redis, by the addresses that the environment may name."""

from __future__ import annotations

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
