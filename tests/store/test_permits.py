"""Rates that all processes keep together, on a real server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from hookrouter.store.keys import Keys
from hookrouter.store.limits import RedisRateLimit
from hookrouter.store.server import RedisServer

SLOW = 1 / 3600
"""Permits a second; so few that none comes back while a test runs."""


def bucket(server: RedisServer, keys: Keys, rate: float, name: str = "crm") -> RedisRateLimit:
    return RedisRateLimit(server=server, keys=keys, name=name, rate=rate)


def test_a_bucket_holds_one_permit_however_slow_it_is(server: RedisServer, keys: Keys) -> None:
    limit = bucket(server, keys, SLOW)

    assert limit.take() == timedelta()
    assert timedelta(minutes=55) < limit.take() <= timedelta(hours=1)


def test_processes_share_a_bucket(server: RedisServer, keys: Keys) -> None:
    assert bucket(server, keys, SLOW).take() == timedelta()
    assert bucket(server, keys, SLOW).take() > timedelta()


def test_buckets_of_different_names_are_apart(server: RedisServer, keys: Keys) -> None:
    assert bucket(server, keys, SLOW).take() == timedelta()
    assert bucket(server, keys, SLOW, name="another").take() == timedelta()


@pytest.mark.parametrize("rate", [5.0, 20.0])
def test_takers_at_once_get_a_bucketful_and_what_flowed_in(server: RedisServer, keys: Keys, rate: float) -> None:
    limit = bucket(server, keys, rate)
    before = _now(server)

    with ThreadPoolExecutor(4) as pool:
        waits = list(pool.map(lambda _: limit.take(), range(80)))

    granted = waits.count(timedelta())
    assert rate <= granted <= rate + 1 + (_now(server) - before) * rate


def test_a_bucket_that_is_full_again_is_forgotten(server: RedisServer, keys: Keys) -> None:
    bucket(server, keys, 4.0).take()

    assert 0 < server.call("PTTL", keys.permits("crm")) <= 2000


def _now(server: RedisServer) -> float:
    """The server's own clock, by which the bucket is filled."""
    seconds, microseconds = server.call("TIME")
    return int(seconds) + int(microseconds) / 1_000_000
