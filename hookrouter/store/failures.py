"""What goes wrong with Redis, as one kind of failure that an operator understands."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from hookrouter.domain.errors import StoreAway, StoreFull
from hookrouter.store.demotions import Demoted
from hookrouter.store.sentinels import NoPrimary


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn every failure of redis-py's into `StoreAway`, which quotes no argument."""
    try:
        yield
    except redis.RedisError as fault:
        raise StoreFull("Redis is full") if _is_full(fault) else StoreAway(_describe(fault)) from fault


def _is_full(fault: redis.RedisError) -> bool:
    """Whether it refuses what takes memory; before 7.0 a script's own error is within that of the script."""
    return isinstance(fault, redis.OutOfMemoryError) or "-OOM command not allowed" in str(fault)


def _describe(fault: redis.RedisError) -> str:
    """What the operator should know; a reply's first word only, for the rest may quote an argument."""
    match fault:
        case NoPrimary():
            return f"Redis is not reachable: {fault}"
        case redis.AuthenticationError() | redis.exceptions.NoPermissionError():
            return "Redis refuses the user or password of its URL"
        case redis.TimeoutError():
            return "Redis does not answer in time"
        case redis.exceptions.BusyLoadingError():
            return "Redis is still loading its data"
        case Demoted():
            return "Redis is a read-only replica"
        case redis.ConnectionError():
            return f"Redis is not reachable{_cause(fault)}"
        case _:
            return _refusal(str(fault))


def _cause(fault: redis.RedisError) -> str:
    """Why no connection came about, where that helps."""
    match fault.__cause__ or fault.__context__:
        case ssl.SSLCertVerificationError() as why:
            return f": its certificate is not trusted ({why.verify_message}); name its CA in HOOKROUTER_REDIS_CA"
        case ssl.SSLError() as why if why.reason == "WRONG_VERSION_NUMBER":
            return ": it speaks no TLS there; write redis:// for rediss://"
        case ssl.SSLError():
            return ": TLS fails; does it ask for a certificate (ssl_certfile and ssl_keyfile in the URL)?"
        case FileNotFoundError():
            return ": there is no file of the name in its URL"
        case PermissionError():
            return ": its socket may not be opened by this user"
        case socket.gaierror():
            return ": the host of its URL has no address"
        case _:
            return ""


def _refusal(text: str) -> str:
    """An answer that is an error."""
    if text.startswith(("DB index", "SELECT is not allowed")):
        return "Redis has no database of the number in its URL"
    return f"Redis refused a command ({text.split(' ', 1)[0]})"
