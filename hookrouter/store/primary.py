"""Connections to the primary that Sentinels name; a former one is left within a second although they stand."""

from __future__ import annotations

from asyncio import Lock as WaitingLock
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, cast
from weakref import proxy

import redis
from redis.asyncio.sentinel import SentinelConnectionPool as _WaitingPool
from redis.asyncio.sentinel import SentinelManagedConnection as _WaitingManaged
from redis.sentinel import SentinelConnectionPool as _BlockingPool
from redis.sentinel import SentinelManagedConnection as _BlockingManaged

from hookrouter.clock import SystemClock
from hookrouter.store.demotions import LeavingPool, WaitingLeavingPool
from hookrouter.store.sentinels import Found, NoPrimary, Sentinels, Silence, WaitingSentinels

LOOK_EVERY = 1.0
"""Seconds between two looks at which server is the primary. One that was frozen believes that it still is the primary
until the Sentinels tell it otherwise; what is written to it until then would be lost. So the Sentinels must wait at
least this long before they give a primary up."""
LEFT_ALONE = 10.0
"""Seconds until the Sentinels are asked again after none of them answered, as each may take its whole time-out. A
connection that breaks asks them at once."""
ELSEWHERE = -1
"""The mark of a connection to a former primary: no pool has left this many servers."""
CLOCK = SystemClock()


class FormerPrimary(redis.ConnectionError):
    """An answer came from a server that is no longer the primary, and what it has accepted since is lost."""

    def __init__(self) -> None:
        """Quote nothing."""
        super().__init__("another server is the primary by now")


class OfPrimary(_BlockingManaged):
    """A connection to the primary, which distrusts an answer if the Sentinels have named another primary meanwhile.

    A former primary that was frozen goes on answering as if nothing had happened: a push that it takes is lost, and a
    lease that it renews is somebody else's, too.
    """

    taken: int | None

    def connect_to(self, address: Found) -> None:
        """Connect and mark anew: a subscription reconnects by itself, and its mark is the old connection's."""
        self.taken = self.connection_pool.mark(address)
        super().connect_to(address)  # type: ignore[no-untyped-call]  # redis-py leaves it open

    def read_response(self, *args: Any, **options: Any) -> Any:
        """The answer to the oldest command.

        Raises:
            FormerPrimary: the answer is worth nothing.
        """
        answer = super().read_response(*args, **options)
        if self.taken in (None, self.connection_pool.left):
            return answer
        self.disconnect()  # type: ignore[no-untyped-call]  # redis-py leaves it open
        raise FormerPrimary


class WaitingOfPrimary(_WaitingManaged):
    """As `OfPrimary`, for an event loop."""

    taken: int | None

    async def connect_to(self, address: Found) -> None:
        """Connect and mark anew: a subscription reconnects by itself, and its mark is the old connection's."""
        self.taken = self.connection_pool.mark(address)
        await super().connect_to(address)  # type: ignore[no-untyped-call]  # redis-py leaves it open

    async def read_response(self, *args: Any, **options: Any) -> Any:
        """The answer to the oldest command.

        Raises:
            FormerPrimary: the answer is worth nothing.
        """
        answer = await super().read_response(*args, **options)
        if self.taken in (None, self.connection_pool.left):
            return answer
        await self.disconnect(nowait=True)
        raise FormerPrimary


@dataclass(slots=True)
class Looks:
    """When to look which server is the primary, and what the last look found.

    One look is under way at a time, and whoever asks meanwhile is told what it finds. Of two in parallel, the one that
    was answered before a failover could end last, and lead all connections back to the former primary.
    """

    ended: int = 0
    _next: float = 0.0
    _fault: NoPrimary | None = None

    @property
    def is_due(self) -> bool:
        """Whether the last look is old by now."""
        return CLOCK.monotonic() > self._next

    def end(self, began: float, fault: NoPrimary | None = None) -> None:
        """Note what a look found, which may be as old as its beginning."""
        self.ended += 1
        self._fault = fault
        if isinstance(fault, Silence):
            self._next = CLOCK.monotonic() + LEFT_ALONE
        elif fault is None:
            self._next = began + LOOK_EVERY

    def tell(self) -> None:
        """Return if the last look found the primary.

        Raises:
            NoPrimary: it found none.
        """
        if self._fault is not None:
            raise type(self._fault)(*self._fault.args)


class _Marking:
    """Knows the marks of connections."""

    left: int
    master_address: Found | None

    def mark(self, address: Found) -> int:
        """The mark of a connection to this address."""
        left = self.left  # read before the address, which a thread that leaves a primary changes first
        return left if address == self.master_address else ELSEWHERE


class SentinelPool(_Marking, LeavingPool, _BlockingPool):
    """Connections to the primary."""

    def __init__(self, name: str, sentinels: Sentinels, **options: Any) -> None:
        """Look for nobody yet."""
        super().__init__(name, sentinels, **options)  # type: ignore[no-untyped-call]  # redis-py leaves it open
        self.connection_kwargs["connection_pool"] = proxy(self)  # connections ask this pool, not redis-py's stand-in
        self._looking = Lock()
        self._looks = Looks()

    def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection to the current primary or, while no Sentinel answers, to the last one known.

        Raises:
            NoPrimary: it is down, and no other has taken its place yet.
        """
        if self.master_address is not None and self._looks.is_due:
            with suppress(Silence):
                self.get_master_address()
        connection = super().get_connection(*args, **options)
        connection.taken = self.mark((connection.host, connection.port))  # also if it was found only now
        return connection

    def get_master_address(self) -> Found:
        """Where the primary is; all connections to a former one are closed, those in use at their next answer.

        redis-py's own pool would close only idle ones.

        Raises:
            NoPrimary: nobody knows.
        """
        before = self._looks.ended
        with self._looking:
            if self._looks.ended == before:
                self._look()
            self._looks.tell()
            return cast("Found", self.master_address)

    def _look(self) -> None:
        began = CLOCK.monotonic()
        try:
            found = self.sentinel_manager.discover_master(self.service_name)
        except NoPrimary as fault:
            self._looks.end(began, fault)
            return
        if found != self.master_address:
            self.proxy.master_address = found
            self.leave()
        self._looks.end(began)


class WaitingSentinelPool(_Marking, WaitingLeavingPool, _WaitingPool):
    """As `SentinelPool`, for an event loop."""

    def __init__(self, name: str, sentinels: WaitingSentinels, **options: Any) -> None:
        """Look for nobody yet."""
        super().__init__(name, sentinels, **options)  # type: ignore[no-untyped-call]  # redis-py leaves it open
        self._looking = WaitingLock()
        self._looks = Looks()

    async def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection to the current primary or, while no Sentinel answers, to the last one known.

        Raises:
            NoPrimary: it is down, and no other has taken its place yet.
        """
        if self.master_address is not None and self._looks.is_due:
            with suppress(Silence):
                await self.get_master_address()
        connection = await super().get_connection(*args, **options)
        connection.taken = self.mark((connection.host, connection.port))  # also if it was found only now
        return connection

    async def get_master_address(self) -> Found:
        """Where the primary is; all connections to a former one are closed, those in use at their next answer.

        redis-py's own pool would close only idle ones.

        Raises:
            NoPrimary: nobody knows.
        """
        before = self._looks.ended
        async with self._looking:
            if self._looks.ended == before:  # also if the task that looked was cancelled
                await self._look()
            self._looks.tell()
            return cast("Found", self.master_address)

    async def _look(self) -> None:
        began = CLOCK.monotonic()
        try:
            found = await self.sentinel_manager.discover_master(self.service_name)
        except NoPrimary as fault:
            self._looks.end(began, fault)
            return
        if found != self.master_address:
            self.master_address = found
            await self.leave()
        self._looks.end(began)

    async def aclose(self) -> None:
        """Close all connections, those to the Sentinels too."""
        await super().aclose()
        await self.sentinel_manager.close()
