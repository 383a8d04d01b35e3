"""A lease held by who erases: meanwhile no drain has the stream's entries in its hands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hookrouter.ports.surroundings import Clock
from hookrouter.store.commands import Command, flatten
from hookrouter.store.keys import Keys
from hookrouter.store.lease import LEASE_LIFE
from hookrouter.store.server import RedisServer

PAUSE = 0.05
"""Seconds between two tries: a drain that ends its slice leaves the lease free until the next begins."""
MILLISECONDS = int(LEASE_LIFE.total_seconds() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A lease that is held."""

    server: RedisServer
    key: str
    stream: str
    token: str

    def renew(self) -> bool:
        """Keep it for another while; False if somebody else has it."""
        return bool(self.server.run("renew", [self.key], [self.token, MILLISECONDS]))

    def write(self, commands: Sequence[Command]) -> bool:
        """Run commands in one step; False, and nothing written, if the lease was lost."""
        return bool(self.server.run("fenced", [self.key], [self.token, *flatten(commands)]))


@contextmanager
def held(server: RedisServer, keys: Keys, stream: str, clock: Clock, patience: float) -> Iterator[Holding | None]:
    """The lease of a stream while the block runs; None when it was not free for so many seconds."""
    holding = Holding(server=server, key=keys.lease(stream), stream=stream, token=clock.new_id("forget"))
    deadline = clock.monotonic() + patience
    is_held = holding.renew()
    while not is_held and clock.monotonic() < deadline:
        clock.sleep(PAUSE)
        is_held = holding.renew()
    if not is_held:
        yield None
        return
    try:
        yield holding
    finally:
        server.run("release", [holding.key, holding.stream], [holding.token])
