"""Finds the primary by its Sentinels, and leaves a former one within a second although its connections stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis
from redis import asyncio as waiting
from redis.asyncio.sentinel import SentinelConnectionPool as _WaitingPool
from redis.asyncio.sentinel import SentinelManagedConnection as _WaitingManaged
from redis.sentinel import SentinelConnectionPool as _BlockingPool

from hookrouter.clock import SystemClock
from hookrouter.store.demotions import LeavingPool, WaitingLeavingPool

LOOK_EVERY = 1.0
"""Seconds between two looks at who is primary. One that was frozen and comes back believes that it still is, until the
Sentinels have told it: without looking, what is written to it meanwhile would be lost. So the Sentinels must wait for
at least as long until they give a primary up."""
LEFT_ALONE = 10.0
"""Seconds until Sentinels of which none answered are asked again: each may cost its whole patience. A connection that
breaks asks them at once."""
CLOCK = SystemClock()
SILENT = (redis.ConnectionError, redis.TimeoutError)

Found = tuple[str, int]
"""A host and a port."""


class NoPrimary(redis.ConnectionError):
    """No Sentinel names a primary that is up; the text says why, for the operator."""


class Silence(NoPrimary):
    """No Sentinel says anything: who was primary may still be."""


@dataclass(slots=True)
class Inquiry:
    """What Sentinels answer to the question who is primary, one after the other."""

    name: str
    newest: int = 0
    _older: list[tuple[int, Found]] = field(default_factory=list)
    _reason: str = ""

    def hear(self, masters: Any) -> Found | None:
        """The primary that this Sentinel names, unless it speaks of the past: of before the last failover."""
        known: Mapping[str, Any] | None = masters.get(self.name)
        if known is None:
            self._reason = "the Sentinels know no primary of the name in its URL"
            return None
        if not known["is_master"] or known["is_sdown"] or known["is_odown"]:
            self._reason = "the primary is down, and no replica has taken its place yet"
            return None
        epoch, found = int(known.get("config-epoch", 0)), (str(known["ip"]), int(known["port"]))
        if epoch < self.newest:
            self._older.append((epoch, found))
            return None
        self.newest = epoch
        return found

    def refused(self) -> None:
        """A Sentinel refuses to answer."""
        self._reason = "a Sentinel refuses the user or password of its URL"

    def end(self) -> Found:
        """What is left when all were asked: with Sentinels that were set up anew all speak of an older count.

        Raises:
            NoPrimary: none names one that is up.
        """
        if not self._older:
            raise NoPrimary(self._reason) if self._reason else Silence("no Sentinel answers")
        self.newest, found = max(self._older)
        return found


class Sentinels:
    """Those of one primary, asked in turn; who answered last is asked first the next time."""

    def __init__(self, clients: Sequence[redis.Redis]) -> None:
        """Ask none yet."""
        self._clients = list(clients)
        self._newest = 0

    def discover_master(self, name: str) -> Found:
        """Where the primary is; redis-py's pool calls it so.

        Raises:
            NoPrimary: nobody knows.
        """
        inquiry = Inquiry(name, self._newest)
        for client in list(self._clients):
            try:
                found = inquiry.hear(client.sentinel_masters())
            except redis.AuthenticationError:
                inquiry.refused()
            except SILENT:
                continue
            else:
                if found is not None:
                    self._clients.sort(key=lambda each: each is not client)
                    break
        else:
            found = inquiry.end()
        self._newest = inquiry.newest
        return found


class WaitingSentinels:
    """As `Sentinels`, for an event loop."""

    def __init__(self, clients: Sequence[waiting.Redis]) -> None:
        """Ask none yet."""
        self._clients = list(clients)
        self._newest = 0

    async def discover_master(self, name: str) -> Found:
        """Where the primary is; redis-py's pool calls it so.

        Raises:
            NoPrimary: nobody knows.
        """
        inquiry = Inquiry(name, self._newest)
        for client in list(self._clients):
            try:
                found = inquiry.hear(await client.sentinel_masters())
            except redis.AuthenticationError:
                inquiry.refused()
            except SILENT:
                continue
            else:
                if found is not None:
                    self._clients.sort(key=lambda each: each is not client)
                    break
        else:
            found = inquiry.end()
        self._newest = inquiry.newest
        return found

    async def close(self) -> None:
        """Close the connections to them."""
        for client in self._clients:
            await client.aclose()


class FormerPrimary(redis.ConnectionError):
    """An answer came from a server that is the primary no more: what it took meanwhile is lost."""

    def __init__(self) -> None:
        """Quote nothing."""
        super().__init__("another server is the primary by now")


class WaitingOfPrimary(_WaitingManaged):
    """A connection of an event loop's to the primary; the Sentinels may name another while an answer is awaited.

    Who was primary, stood still and goes on answers as if nothing had been: a lease that it renews is another's, too.
    """

    taken: int | None

    async def read_response(self, *args: Any, **options: Any) -> Any:
        """The answer to the oldest command.

        Raises:
            FormerPrimary: it is worth nothing.
        """
        answer = await super().read_response(*args, **options)
        if self.taken in (None, self.connection_pool.left):
            return answer
        await self.disconnect(nowait=True)
        raise FormerPrimary


class SentinelPool(LeavingPool, _BlockingPool):
    """Connections to the primary."""

    _looked_at = 0.0

    def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection to who is primary now; while no Sentinel answers, to who was.

        Raises:
            NoPrimary: it is down, and no other has taken its place yet.
        """
        if self.master_address is not None and CLOCK.monotonic() > self._looked_at + LOOK_EVERY:
            try:
                # Lets go of connections to a former one.
                self.get_master_address()  # type: ignore[no-untyped-call]  # redis-py leaves it open
                self._looked_at = CLOCK.monotonic()
            except Silence:
                self._looked_at = CLOCK.monotonic() + LEFT_ALONE
        return super().get_connection(*args, **options)


class WaitingSentinelPool(WaitingLeavingPool, _WaitingPool):
    """As `SentinelPool`, for an event loop."""

    _looked_at = 0.0

    async def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection to who is primary now; while no Sentinel answers, to who was.

        Raises:
            NoPrimary: it is down, and no other has taken its place yet.
        """
        if self.master_address is not None and CLOCK.monotonic() > self._looked_at + LOOK_EVERY:
            try:
                await self.get_master_address()
                self._looked_at = CLOCK.monotonic()
            except Silence:
                self._looked_at = CLOCK.monotonic() + LEFT_ALONE
        connection = await super().get_connection(*args, **options)
        if (connection.host, connection.port) == self.master_address:  # also where it was found just now
            connection.taken = self.left
        return connection

    async def get_master_address(self) -> Found:
        """Where the primary is; all connections to a former one are left, those in use at their next answer.

        redis-py's own pool would close only those that stand idle.

        Raises:
            NoPrimary: nobody knows.
        """
        found: Found = await self.sentinel_manager.discover_master(self.service_name)
        if found != self.master_address:
            self.master_address = found
            await self.leave()
        return found

    async def aclose(self) -> None:
        """Close all connections, those to the Sentinels too."""
        await super().aclose()
        await self.sentinel_manager.close()
