"""Rates that all processes keep together, on a real server."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.limits import RedisRateLimit

SLOW = 1 / 3600
"""Permits a second; so few that none comes back while a test runs."""


def bucket(server: AsyncRedisServer, keys: Keys, rate: float, name: str = "crm") -> RedisRateLimit:
    return RedisRateLimit(server=server, keys=keys, name=name, rate=rate)


async def test_a_bucket_holds_one_permit_however_slow_it_is(async_server: AsyncRedisServer, keys: Keys) -> None:
    limit = bucket(async_server, keys, SLOW)

    assert await limit.take() == timedelta()
    assert timedelta(minutes=55) < await limit.take() <= timedelta(hours=1)


async def test_processes_share_a_bucket(async_server: AsyncRedisServer, keys: Keys) -> None:
    assert await bucket(async_server, keys, SLOW).take() == timedelta()
    assert await bucket(async_server, keys, SLOW).take() > timedelta()


async def test_buckets_of_different_names_are_apart(async_server: AsyncRedisServer, keys: Keys) -> None:
    assert await bucket(async_server, keys, SLOW).take() == timedelta()
    assert await bucket(async_server, keys, SLOW, name="another").take() == timedelta()


@pytest.mark.parametrize("rate", [5.0, 20.0])
async def test_takers_at_once_get_a_bucketful_and_what_flowed_in(
    async_server: AsyncRedisServer, keys: Keys, rate: float
) -> None:
    limit = bucket(async_server, keys, rate)
    before = await _now(async_server)

    waits = await asyncio.gather(*(limit.take() for _ in range(80)))

    granted = waits.count(timedelta())
    assert rate <= granted <= rate + 1 + (await _now(async_server) - before) * rate


async def test_a_bucket_that_is_full_again_is_forgotten(async_server: AsyncRedisServer, keys: Keys) -> None:
    await bucket(async_server, keys, 4.0).take()

    assert 0 < await async_server.call("PTTL", keys.permits("crm")) <= 2000


async def _now(server: AsyncRedisServer) -> float:
    """The server's own clock, by which the bucket is filled."""
    seconds, microseconds = await server.call("TIME")
    return int(seconds) + int(microseconds) / 1_000_000
