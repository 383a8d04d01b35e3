"""Leases on a real server."""

from __future__ import annotations

from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease, take_lease
from hookrouter.store.server import RedisServer

STREAM = "intake"


def take(server: RedisServer, keys: Keys, token: str) -> Lease:
    lease = take_lease(server, keys, f"{keys.prefix}:{STREAM}", token)
    assert lease is not None
    return lease


def lose(lease: Lease) -> None:
    lease.server.call("DEL", lease.key)


def test_a_stream_is_served_by_one_drain_at_a_time(server: RedisServer, keys: Keys) -> None:
    lease = take(server, keys, "first")

    assert take_lease(server, keys, lease.stream, "second") is None
    assert lease.renew()


def test_who_lost_its_lease_writes_nothing(server: RedisServer, keys: Keys) -> None:
    late = take(server, keys, "late")
    lose(late)
    take(server, keys, "next")

    written = late.write([("SET", f"{keys.prefix}:a", "1"), ("XADD", late.stream, "*", "r", "x")])

    assert not written
    assert server.call("EXISTS", f"{keys.prefix}:a", late.stream) == 0


def test_who_let_its_lease_run_out_writes_nothing_either(server: RedisServer, keys: Keys) -> None:
    late = take(server, keys, "late")
    lose(late)

    assert not late.write([("SET", f"{keys.prefix}:a", "1")])
    assert server.call("EXISTS", f"{keys.prefix}:a") == 0


def test_the_holder_writes_all_its_commands(server: RedisServer, keys: Keys) -> None:
    lease = take(server, keys, "holder")

    assert lease.write([("SET", f"{keys.prefix}:a", b"\x00\r\n{}"), ("XADD", lease.stream, "*", "r", "x")])

    assert server.call("GET", f"{keys.prefix}:a") == b"\x00\r\n{}"
    assert server.call("XLEN", lease.stream) == 1


def test_a_lease_that_ran_out_unseen_is_taken_back(server: RedisServer, keys: Keys) -> None:
    lease = take(server, keys, "holder")
    lose(lease)

    assert lease.renew()
    assert lease.write([("SET", f"{keys.prefix}:a", "1")])


def test_a_lease_that_another_has_is_not_taken_back(server: RedisServer, keys: Keys) -> None:
    late = take(server, keys, "late")
    lose(late)
    after = take(server, keys, "next")

    assert not late.renew()
    assert after.renew()


def test_nobody_gives_back_what_is_anothers(server: RedisServer, keys: Keys) -> None:
    late = take(server, keys, "late")
    lose(late)
    after = take(server, keys, "next")

    late.release()

    assert after.write([("SET", f"{keys.prefix}:a", "1")])


def test_a_lease_expires_by_itself(server: RedisServer, keys: Keys) -> None:
    lease = take(server, keys, "killed")

    assert 0 < server.call("PTTL", lease.key) <= 15_000


def test_giving_a_lease_back_tells_whether_entries_wait(server: RedisServer, keys: Keys) -> None:
    lease = take(server, keys, "holder")
    assert not lease.release()
    lease = take(server, keys, "holder")
    server.call("XADD", lease.stream, "*", "r", "x")

    assert lease.release()
