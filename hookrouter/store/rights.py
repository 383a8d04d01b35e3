"""The commands that hookrouter runs, and which of them its user lacks the right to: found before a push arrives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from hookrouter.domain.errors import NotPermitted
from hookrouter.domain.rights import Lack
from hookrouter.store.commands import Argument, Command
from hookrouter.store.failures import SOME_KEYS
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

TO_TAKE = (
    "EVALSHA sha 0",
    "SCRIPT LOAD text",
    "EXPIRE key 1",
    "GET key",
    "HDEL key field",
    "HGET key field",
    "HSET key field value",
    "SET key value",
    "XADD key * field value",
    "XLEN key",
    "ZADD key 0 member",
)
"""What taking a push runs, most of it within a script: one that is denied sends every push to the spool."""
TO_GO_ON = (
    "BITCOUNT key",
    "DEL key",
    "EXISTS key",
    "HEXISTS key field",
    "HGETALL key",
    "HINCRBY key field 1",
    "HMGET key field",
    "HSCAN key 0",
    "HSETNX key field value",
    "HSTRLEN key field",
    "HVALS key",
    "INCR key",
    "LINDEX key 0",
    "LPOP key",
    "LPUSH key value",
    "LRANGE key 0 0",
    "LREM key 0 value",
    "LTRIM key 0 0",
    "MGET key",
    "PERSIST key",
    "PEXPIRE key 1",
    "PEXPIREAT key 1",
    "PING",
    "RENAME key key",
    "RPUSH key value",
    "SADD key member",
    "SETBIT key 0 0",
    "SMEMBERS key",
    "SMISMEMBER key member",
    "SREM key member",
    "TIME",
    "TTL key",
    "UNLINK key",
    "XDEL key 0-1",
    "XINFO STREAM key",
    "XRANGE key - +",
    "XREAD streams key 0",
    "XREVRANGE key + -",
    "XTRIM key maxlen 0",
    "ZCARD key",
    "ZCOUNT key 0 0",
    "ZDIFF 1 key",
    "ZMSCORE key member",
    "ZRANGE key 0 0",
    "ZRANGEBYSCORE key 0 0",
    "ZREM key member",
    "ZREMRANGEBYSCORE key 0 0",
    "ZREVRANGE key 0 0",
    "ZREVRANGEBYSCORE key 0 0",
    "ZSCORE key member",
)
"""What all else runs on keys of ours."""
BY_RQ = (
    "BLMOVE key key left right 0",
    "DEL key",
    "EXISTS key",
    "EXPIRE key 1",
    "HEXISTS key field",
    "HGET key field",
    "HGETALL key",
    "HINCRBY key field 1",
    "HINCRBYFLOAT key field 1",
    "HSET key field value",
    "LLEN key",
    "LMOVE key key left right",
    "LPOP key",
    "LREM key 0 value",
    "PERSIST key",
    "RPUSH key value",
    "SADD key member",
    "SCARD key",
    "SET key value",
    "SMEMBERS key",
    "SREM key member",
    "XADD key * field value",
    "ZADD key 0 member",
    "ZCARD key",
    "ZRANGE key 0 0",
    "ZRANGEBYSCORE key 0 0",
    "ZREM key member",
    "ZREMRANGEBYSCORE key 0 0",
    "ZSCORE key member",
)
"""What RQ runs on its own keys, on the ways that we go."""
TO_WAIT = ("WAIT 0 1",)
"""What is run only where replicas must have each push."""
DONE_WITHOUT = frozenset({"BGREWRITEAOF", "BGSAVE", "CLIENT", "CONFIG", "INFO", "SCAN"})
"""What is not looked for: what may be left out, as the documentation says, is not to be noted as a trespass."""
OF_RQ = "rq"
"""The prefix of RQ's keys, which it does not let us choose."""


def lacking(server: RedisServer, keys: Keys, *, waits: bool, to_take_alone: bool = False) -> Sequence[Lack]:
    """What our user may not do, of all that hookrouter does, or of what taking a push does; nothing is done by it.

    Raises:
        StoreAway: the server does not answer.
    """
    ours, of_rq = keys.writable(), f"{OF_RQ}:rehearsed"
    commands = _on(ours, TO_TAKE)
    if not to_take_alone:
        commands += [*_on(ours, [*TO_GO_ON, *(TO_WAIT if waits else ())]), *_on(of_rq, BY_RQ)]
    patterns = {ours: f"keys {keys.prefix}:*", of_rq: f"keys {OF_RQ}:*"}
    keeping_out = {patterns[ours], *map(name_of, _on(ours, TO_TAKE))}
    try:
        denied = server.rehearse(commands, watched=ours)
    except NotPermitted as fault:  # no connection comes about: it may not choose the database
        return [Lack(right=right, keeps_pushes_out=True) for right in fault.rights]
    rights = dict.fromkeys(_right(command, fault, patterns) for command, fault in denied)
    return [Lack(right=right, keeps_pushes_out=right in keeping_out) for right in rights]


def _on(key: str, lines: Sequence[str]) -> list[Command]:
    return [tuple(key if word == "key" else word for word in line.split()) for line in lines]


def _right(command: Command, fault: NotPermitted, patterns: Mapping[str, str]) -> str:
    """The name of what was denied: the command, or the keys that it was tried on."""
    if SOME_KEYS not in fault.rights:
        return name_of(command)
    return next(pattern for key, pattern in patterns.items() if key in command)


def name_of(command: Sequence[Argument]) -> str:
    """As SET or SCRIPT LOAD."""
    return " ".join(takewhile(str.isupper, map(str, command)))
