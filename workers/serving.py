"""How a stream is served: under its lease, until nothing waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hookrouter.domain.errors import StoreAway
from hookrouter.ports.assigning import Assigner
from hookrouter.ports.claims import Claims
from hookrouter.ports.clocks import DueBook
from hookrouter.ports.outbox import Outbox
from hookrouter.ports.streams import Enricher, Hydrator, Intake, Pendings

GIVEN_BACK_WITHIN = 10.0
"""Seconds; after that the lease has run out by itself."""
PAUSE_WITHOUT_STORE = 0.5

T = TypeVar("T", Hydrator, Intake, Assigner, Enricher, Pendings, DueBook, Outbox, Claims)


async def serve(
    should_stop: Callable[[], bool], take: Callable[[], Awaitable[T | None]], drain: Callable[[T], Awaitable[bool]]
) -> None:
    """Drain a stream under its lease, and once more if something came while the lease was given back.

    `drain` tells whether what came could be served at all: a sink that must be left alone is left to the kick.
    """
    while (leased := await take()) is not None:
        may_go_on = False
        try:
            may_go_on = await drain(leased)
        finally:
            entries_wait = await _give_back(leased, should_stop)
        if not (may_go_on and entries_wait) or should_stop():
            return


async def _give_back(leased: T, should_stop: Callable[[], bool]) -> bool:
    """Give a lease back, even if Redis is away for a while: until it runs out no other process can go on.

    Raises:
        StoreAway: Redis is away for longer.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + GIVEN_BACK_WITHIN
    while True:
        try:
            return await leased.release()
        except StoreAway:
            if should_stop() or loop.time() > deadline:
                raise
        await asyncio.sleep(PAUSE_WITHOUT_STORE)
