"""Makes connections to Redis from an address: to one server, or to whichever the Sentinels name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import redis
from redis import asyncio as waiting
from redis.asyncio.connection import Connection as WaitingConnection
from redis.asyncio.connection import SSLConnection as WaitingTls
from redis.asyncio.connection import UnixDomainSocketConnection as WaitingSocket
from redis.asyncio.retry import Retry as WaitingRetry
from redis.backoff import NoBackoff
from redis.connection import Connection, HiredisRespSerializer, SSLConnection, UnixDomainSocketConnection
from redis.retry import Retry

from hookrouter.store.commands import Argument
from hookrouter.store.demotions import Leaving, LeavingPool, WaitingLeaving, WaitingLeavingPool
from hookrouter.store.primary import OfPrimary, SentinelPool, WaitingOfPrimary, WaitingSentinelPool
from hookrouter.store.sentinels import Sentinels, WaitingSentinels
from hookrouter.wire.redis_address import RedisAddress

CONNECT_SECONDS = 1.0
SENTINEL_SECONDS = 1.0
"""How long one Sentinel is waited for: the next is asked then."""


def blocking_client(address: RedisAddress, *, answer_within: float) -> redis.Redis:
    """Threads' client; nothing is retried."""
    never: dict[str, Any] = {"retry": Retry(NoBackoff(), 0)}
    options, pool = _options(address, answer_within) | never, LeavingPool
    kind = _mixed(Leaving, _kind(address, UnixDomainSocketConnection, SSLConnection, Connection))
    if not address.primary:
        return redis.Redis.from_pool(pool(connection_class=kind, **options))
    asked = Sentinels([redis.Redis(**each, **never) for each in _of_sentinels(address, answer_within)])
    kind = _mixed(OfPrimary, kind)
    managed = SentinelPool(address.primary, asked, connection_class=kind, **options)
    return redis.Redis.from_pool(managed)


def waiting_client(address: RedisAddress, *, answer_within: float) -> waiting.Redis:
    """An event loop's client; nothing is retried."""
    never: dict[str, Any] = {"retry": WaitingRetry(NoBackoff(), 0)}
    options, pool = _options(address, answer_within) | never, WaitingLeavingPool
    kind = _mixed(_PackedByHiredis, WaitingLeaving, _kind(address, WaitingSocket, WaitingTls, WaitingConnection))
    if not address.primary:
        return waiting.Redis.from_pool(pool(connection_class=kind, **options))
    asked = WaitingSentinels([waiting.Redis(**each, **never) for each in _of_sentinels(address, answer_within)])
    kind = _mixed(WaitingOfPrimary, kind)
    managed = WaitingSentinelPool(address.primary, asked, connection_class=kind, **options)
    return waiting.Redis.from_pool(managed)


class _PackedByHiredis:
    """Writes commands as redis-py's blocking connections do: its others do it in Python, in ten times the time."""

    _packer = HiredisRespSerializer()

    def pack_command(self, *command: Argument) -> list[bytes]:
        """A command as it goes over the wire."""
        packed: list[bytes] = self._packer.pack(*command)  # type: ignore[arg-type]  # its annotation is of the whole, not of each
        return packed


def _mixed(*kinds: type) -> type:
    return type("MixedConnection", kinds, {})


def _kind(address: RedisAddress, socket: type, tls: type, plain: type) -> type:
    return socket if address.socket else tls if address.is_tls else plain


def _options(address: RedisAddress, answer_within: float) -> dict[str, Any]:
    """How each connection to the server is made; a Unix socket knows no keep-alive, and redis-py takes none for it."""
    said = {
        "username": address.username,
        "password": address.password,
        "db": address.database,
        "protocol": 2,
        "socket_timeout": answer_within,
        "socket_connect_timeout": min(CONNECT_SECONDS, answer_within),
        **_tls(address),
    }
    if address.socket:  # whether it is there shows at once: only we could be late
        return said | {"path": address.socket, "socket_connect_timeout": answer_within}
    [place, *_] = address.places
    return said | {"socket_keepalive": True, **({} if address.primary else {"host": place.host, "port": place.port})}


def _of_sentinels(address: RedisAddress, answer_within: float) -> Sequence[dict[str, Any]]:
    """How the connections to each Sentinel are made."""
    within = min(SENTINEL_SECONDS, answer_within)
    said = {
        "username": address.sentinel_username,
        "password": address.sentinel_password,
        "protocol": 2,
        "socket_timeout": within,
        "socket_connect_timeout": within,
        "socket_keepalive": True,
        "ssl": address.is_tls,
        **_tls(address),
    }
    return [said | {"host": place.host, "port": place.port} for place in address.places]


def _tls(address: RedisAddress) -> dict[str, Any]:
    if not address.is_tls:
        return {}
    return {
        "ssl_cert_reqs": "required" if address.is_checked else "none",
        "ssl_check_hostname": address.is_checked,
        "ssl_ca_certs": address.ca,
        "ssl_certfile": address.certificate,
        "ssl_keyfile": address.key,
    }
