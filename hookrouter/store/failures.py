"""What goes wrong with Redis, as one kind of failure that an operator understands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from hookrouter.domain.errors import StoreAway


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn every failure of redis-py's into `StoreAway`, which quotes no argument."""
    try:
        yield
    except redis.RedisError as fault:
        raise StoreAway(_describe(fault)) from fault


def _describe(fault: redis.RedisError) -> str:
    """What the operator should know; a reply's first word only, for the rest may quote an argument."""
    match fault:
        case redis.AuthenticationError() | redis.exceptions.NoPermissionError():
            return "Redis refuses the user or password of its URL"
        case redis.TimeoutError():
            return "Redis does not answer in time"
        case redis.exceptions.BusyLoadingError():
            return "Redis is still loading its data"
        case redis.ReadOnlyError():
            return "Redis is a read-only replica"
        case redis.OutOfMemoryError():
            return "Redis is out of memory"
        case redis.ConnectionError():
            return "Redis is not reachable"
        case _:
            return f"Redis refused a command ({str(fault).split(' ', 1)[0]})"
