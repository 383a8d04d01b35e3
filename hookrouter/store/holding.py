"""A lease held while a stream is erased from or moved: meanwhile no drain has its entries in hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hookrouter.ports.surroundings import Clock
from hookrouter.store.commands import Command, flatten
from hookrouter.store.keys import Keys
from hookrouter.store.lease import KEEP, TAKE, terms
from hookrouter.store.server import RedisServer

PAUSE = 0.05
"""Seconds between two tries; between two drains the lease is free for a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A lease that is held."""

    server: RedisServer
    key: str
    before: str
    stream: str
    token: str

    def take(self) -> bool:
        """Take the lease if it is nobody's."""
        return self._ask(TAKE)

    def renew(self) -> bool:
        """Keep the lease for another while; False if anybody else has or had it."""
        return self._ask(KEEP)

    def release(self) -> None:
        """Give the lease back if it is still held."""
        self.server.run("release", [self.key, self.stream, self.before], [self.token])

    def _ask(self, how: str) -> bool:
        return bool(self.server.run("renew", [self.key, self.before], [self.token, *terms(how)]))

    def write(self, commands: Sequence[Command]) -> bool:
        """Run commands in one step; False, and nothing written, if the lease was lost."""
        return bool(self.server.run("fenced", [self.key], [self.token, *flatten(commands)]))


@contextmanager
def held(
    server: RedisServer, keys: Keys, stream: str, clock: Clock, patience: float, *, who: str = "forget"
) -> Iterator[Holding | None]:
    """The lease of a stream while the block runs; None if it was not free for `patience` seconds."""
    holding = Holding(
        server=server,
        key=keys.lease(stream),
        before=keys.lease_before(stream),
        stream=stream,
        token=clock.new_id(who),
    )
    deadline = clock.monotonic() + patience
    is_held = holding.take()
    while not is_held and clock.monotonic() < deadline:
        clock.sleep(PAUSE)
        is_held = holding.take()
    if not is_held:
        yield None
        return
    try:
        yield holding
    finally:
        holding.release()
