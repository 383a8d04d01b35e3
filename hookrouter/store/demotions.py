"""Leaves a server that became a replica: only a new connection follows the address to the new primary."""

from __future__ import annotations

from typing import Any

import redis
from redis import asyncio as waiting
from redis.exceptions import BusyLoadingError, ExecAbortError, MasterDownError

WRITTEN = "READONLY You can't write against"
"""Part of the errors of scripts in Redis 6.2, and of transactions begun while the server was a primary."""
UNBLOCKED = "UNBLOCKED"
"""How a blocked command is answered when its server ceases to be the primary."""
ERRORS = frozenset({redis.ReadOnlyError, redis.ResponseError, ExecAbortError, MasterDownError})
"""The classes of a replica's refusals."""


class Demoted(redis.ConnectionError):
    """The server is a replica, and the connection to it is closed: the next one may lead to the primary."""

    def __init__(self) -> None:
        """Quote nothing."""
        super().__init__("the server is a read-only replica")


def is_refusal(fault: object) -> bool:
    """Whether this is an error that only a replica gives."""
    if isinstance(fault, redis.ReadOnlyError | MasterDownError):
        return True
    return isinstance(fault, redis.ResponseError) and (WRITTEN in str(fault) or str(fault).startswith(UNBLOCKED))


def holds_refusal(answer: Any) -> bool:
    """Whether one of a transaction's answers is a refusal; a replica, too, queues scripts before it refuses them."""
    if not isinstance(answer, list) or ERRORS.isdisjoint(map(type, answer)):
        return False
    return any(map(is_refusal, answer))


class Leaving:
    """A thread's connection; a refusal by a replica, or by a server that is loading, has it closed."""

    taken: int | None = None
    """How many servers its pool had left when the connection was taken; None while it stands idle."""
    is_demoted = False

    def read_response(self, *args: Any, **options: Any) -> Any:
        """The answer to the oldest command.

        Raises:
            Demoted: the server is a replica.
        """
        try:
            answer = super().read_response(*args, **options)  # type: ignore[misc]  # what it is mixed with has it
        except BusyLoadingError:
            self.is_demoted = True
            raise
        except redis.ResponseError as fault:
            if not is_refusal(fault):
                raise
        else:
            if not holds_refusal(answer):
                return answer
        self.is_demoted = True
        self.disconnect()  # type: ignore[attr-defined]  # as above
        raise Demoted


class WaitingLeaving:
    """As `Leaving`, for an event loop."""

    taken: int | None = None
    is_demoted = False

    async def read_response(self, *args: Any, **options: Any) -> Any:
        """The answer to the oldest command.

        Raises:
            Demoted: the server is a replica.
        """
        try:
            answer = await super().read_response(*args, **options)  # type: ignore[misc]  # what it is mixed with has it
        except BusyLoadingError:
            self.is_demoted = True
            raise
        except redis.ResponseError as fault:
            if not is_refusal(fault):
                raise
        else:
            if not holds_refusal(answer):
                return answer
        self.is_demoted = True
        await self.disconnect(nowait=True)  # type: ignore[attr-defined]  # as above
        raise Demoted


class LeavingPool(redis.ConnectionPool):
    """Connections of threads: once one is demoted, all are made anew, those in use when they come back.

    Otherwise the rest would be refused one by one, and those that only read would read old values for ever.
    """

    left = 0

    def leave(self) -> None:
        """Make all connections anew."""
        self.left += 1
        self.disconnect(inuse_connections=False)

    def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection, marked with how many servers were left before."""
        left = self.left
        connection: Any = super().get_connection(*args, **options)
        connection.taken = left
        return connection

    def release(self, connection: Any) -> None:
        """Take a connection back."""
        if connection.is_demoted and connection.taken in (None, self.left):  # otherwise that server was left already
            self.leave()
        elif connection.taken not in (None, self.left):
            connection.disconnect()
        connection.taken, connection.is_demoted = None, False
        super().release(connection)


class WaitingLeavingPool(waiting.ConnectionPool):
    """As `LeavingPool`, for an event loop."""

    left = 0

    async def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection, marked with how many servers were left before."""
        left = self.left
        connection = await super().get_connection(*args, **options)  # type: ignore[no-untyped-call]  # redis-py leaves it open
        connection.taken = left
        return connection

    async def release(self, connection: Any) -> None:
        """Take a connection back."""
        if connection.is_demoted and connection.taken in (None, self.left):  # otherwise that server was left already
            await self.leave()
        elif connection.taken not in (None, self.left):
            await connection.disconnect(nowait=True)
        connection.taken, connection.is_demoted = None, False
        await super().release(connection)

    async def leave(self) -> None:
        """Make all connections anew; those in use are closed when they come back."""
        self.left += 1
        for idle in list(self._available_connections):  # `nowait`: in a pause, one could be taken and then closed
            await idle.disconnect(nowait=True)
