"""What goes wrong with Redis, as one kind of failure that an operator understands."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from hookrouter.domain.errors import NotPermitted, StoreAway, StoreFull
from hookrouter.store.demotions import Demoted
from hookrouter.store.sentinels import NoPrimary

SOME_KEYS = "keys that it needs"
"""Servers do not tell which."""
_END = r"""(?: script: (?:[0-9a-f]{40}, )?on @user_script:\d+\.?)?(?:['"],\))?$"""
DENIED_COMMAND = re.compile(rf"run the '([a-z|_-]{{1,40}})' command(?: or its subcommand)?{_END}")
DENIED_KEYS = re.compile(rf"access (?:a key|one of the keys used as arguments){_END}")
"""How denials end; what stands before may quote arguments, for redis-py puts them there."""
IN_A_SCRIPT = re.compile(r"The user executing the script can't (run|access)")
"""How Redis 6.2 and 7.0 deny what a script does, naming neither."""
CONNECTING = "Timeout connecting to server"
"""What redis-py says when no connection, or no TLS within it, came about in time."""
ANOTHER_NAME = frozenset({62, 64})
"""What OpenSSL calls it where a certificate is not for the host, X509_V_ERR_HOSTNAME_MISMATCH, or for the address."""
PLAIN = "; if it speaks no TLS there, write redis:// for rediss://"


@contextmanager
def failures_named(*, by_tls: bool = False) -> Iterator[None]:
    """Turn every failure of redis-py's into `StoreAway`, which quotes no argument."""
    try:
        yield
    except redis.RedisError as fault:
        raise failure(fault, by_tls=by_tls) from fault


def failure(fault: redis.RedisError, *, by_tls: bool = False) -> StoreAway:
    """What redis-py or RQ stumbled over, in words for the operator."""
    if denied := denial(fault):
        return denied
    return StoreFull("Redis is full") if _is_full(fault) else StoreAway(_describe(fault, by_tls=by_tls))


def denial(answer: object) -> NotPermitted | None:
    """What an answer denies our user, if it does."""
    if not isinstance(answer, redis.ResponseError):
        return None
    text = str(answer)
    if command := DENIED_COMMAND.search(text):
        return NotPermitted([command[1].upper().replace("|", " ")])
    if DENIED_KEYS.search(text):
        return NotPermitted([SOME_KEYS])
    if within := IN_A_SCRIPT.search(text):
        return NotPermitted([SOME_KEYS if within[1] == "access" else "a command of a script"])
    return NotPermitted(["a command"]) if isinstance(answer, redis.exceptions.NoPermissionError) else None


def _is_full(fault: redis.RedisError) -> bool:
    """Whether it refuses what takes memory; before 7.0 a script's own error is within that of the script."""
    return isinstance(fault, redis.OutOfMemoryError) or "-OOM command not allowed" in str(fault)


def _describe(fault: redis.RedisError, *, by_tls: bool) -> str:
    """What the operator should know; a reply's first word only, for the rest may quote an argument."""
    match fault:
        case NoPrimary():
            return f"Redis is not reachable: {fault}"
        case redis.AuthenticationError():
            return "Redis refuses the user or password of its URL"
        case redis.TimeoutError():
            return f"Redis does not answer in time{PLAIN if by_tls and str(fault) == CONNECTING else ''}"
        case redis.InvalidResponse():
            return "Redis is not reachable: what answers there is no Redis; see whether the port is right"
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
        case ssl.SSLCertVerificationError() as why if why.verify_code in ANOTHER_NAME:
            return ": its certificate is for another name than that of its URL; write the host that it names"
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
