"""The connection to Redis of an event loop: for the drains, which must wait for many things at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from hookrouter.store.addresses import waiting_client
from hookrouter.store.commands import Argument, Command, read_scripts
from hookrouter.store.failures import failures_named
from hookrouter.wire.redis_address import read_address

MOST_AT_ONCE = 64
"""Commands under way; each has a connection of its own, and redis-py refuses those beyond a hundred. Others wait."""


class AsyncRedisServer:
    """One Redis as the drains use it; belongs to the event loop that first uses it.

    Nothing is retried here, for the reasons of `RedisServer`.
    """

    def __init__(self, url: str, *, answer_within: float = 5.0) -> None:
        """Connect lazily to `url`; a command may take `answer_within` seconds."""
        address = read_address(url)
        self.client = waiting_client(address, answer_within=answer_within)
        self._by_tls = address.is_tls
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._scripts = {name: self.client.register_script(text) for name, text in read_scripts().items()}

    async def call(self, *command: Argument) -> Any:
        """Run one command."""
        async with self._place():
            return await self.client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it open

    async def call_all(self, commands: Sequence[Command]) -> list[Any]:
        """Run commands in one round trip, not as one step."""
        if not commands:
            return []
        async with self._place(), self.client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            return await pipeline.execute()

    async def run(self, script: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Run one of the scripts in `store/scripts`."""
        async with self._place():
            return await self._scripts[script](keys=list(keys), args=list(arguments))

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        async with self._places:
            with failures_named(by_tls=self._by_tls):
                yield

    async def close(self) -> None:
        """Close all connections."""
        await self.client.aclose()
