"""Leaves a server that became a replica: only a new connection follows the address to the new primary."""

from __future__ import annotations

from typing import Any

import redis
from redis import asyncio as waiting
from redis.exceptions import BusyLoadingError, ExecAbortError, MasterDownError

WRITTEN = "READONLY You can't write against"
"""In the errors of scripts of Redis 6.2, and of transactions that were begun at a primary."""
UNBLOCKED = "UNBLOCKED"
"""What a question that stood at a primary is answered once it is none."""
ERRORS = frozenset({redis.ReadOnlyError, redis.ResponseError, ExecAbortError, MasterDownError})
"""The classes of a replica's refusals."""


class Demoted(redis.ConnectionError):
    """The server is a replica, and the connection to it is closed: whoever is asked next may be the primary."""

    def __init__(self) -> None:
        """Quote nothing."""
        super().__init__("the server is a read-only replica")


def is_refusal(fault: object) -> bool:
    """Whether only a replica would say so."""
    if isinstance(fault, redis.ReadOnlyError | MasterDownError):
        return True
    return isinstance(fault, redis.ResponseError) and (WRITTEN in str(fault) or str(fault).startswith(UNBLOCKED))


def holds_refusal(answer: Any) -> bool:
    """Whether one of a transaction's answers is a refusal: scripts are queued by a replica, too."""
    if not isinstance(answer, list) or ERRORS.isdisjoint(map(type, answer)):
        return False
    return any(map(is_refusal, answer))


class Leaving:
    """A connection of a thread's that is closed by a replica's refusal, as it is by that of a server that loads."""

    taken: int | None = None
    """How many servers its pool had left when it was asked for; none while it stands idle."""
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
    """Threads' connections: once one is demoted all are made anew, those in use when they come back.

    Others would be refused one by one, and those that only read would be told of the past for ever.
    """

    left = 0

    def leave(self) -> None:
        """Make all connections anew."""
        self.left += 1
        self.disconnect(inuse_connections=False)

    def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection, marked by the servers that were left before."""
        left = self.left
        connection: Any = super().get_connection(*args, **options)
        connection.taken = left
        return connection

    def release(self, connection: Any) -> None:
        """Take a connection back."""
        if connection.is_demoted and connection.taken in (None, self.left):  # else it was left before
            self.leave()
        elif connection.taken not in (None, self.left):
            connection.disconnect()
        connection.taken, connection.is_demoted = None, False
        super().release(connection)


class WaitingLeavingPool(waiting.ConnectionPool):
    """As `LeavingPool`, for an event loop."""

    left = 0

    async def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection, marked by the servers that were left before."""
        left = self.left
        connection = await super().get_connection(*args, **options)  # type: ignore[no-untyped-call]  # redis-py leaves it open
        connection.taken = left
        return connection

    async def release(self, connection: Any) -> None:
        """Take a connection back."""
        if connection.is_demoted and connection.taken in (None, self.left):  # else it was left before
            await self.leave()
        elif connection.taken not in (None, self.left):
            await connection.disconnect(nowait=True)
        connection.taken, connection.is_demoted = None, False
        await super().release(connection)

    async def leave(self) -> None:
        """Leave the server with all connections; those in use are closed when they come back."""
        self.left += 1
        for idle in list(self._available_connections):  # at one go: whoever took one meanwhile would lose it
            await idle.disconnect(nowait=True)
