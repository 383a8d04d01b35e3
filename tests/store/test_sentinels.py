"""Both connections to Redis follow what real Sentinels say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from fronts import Front
from sentinels import NAME, OwnSentinel
from valkeys import OwnValkey, eventually

from hookrouter.domain.errors import StoreAway
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.primary import FormerPrimary
from hookrouter.store.sentinels import Inquiry, NoPrimary
from hookrouter.store.server import RedisServer
from hookrouter.supervise.free_port import LOOPBACK

LEAST = "-@all +sentinel|masters"
SILENT = f"{LOOPBACK}:1"
"""A Sentinel that is down."""


@pytest.fixture
def sentinel(primary: OwnValkey, replica: OwnValkey, tmp_path: Path) -> Iterator[OwnSentinel]:
    made = OwnSentinel.start(tmp_path / "sentinel", primary, down_after=1000)
    eventually(lambda: made.replicas() == 1, f"it knows {replica.port}")
    yield made
    made.kill()


@pytest.fixture
def url(replica: OwnValkey, sentinel: OwnSentinel) -> str:
    """One that is down, a server that is none, and one that answers."""
    return f"redis+sentinel://{SILENT},{LOOPBACK}:{replica.port},{sentinel.place}/{NAME}/0"


def write(blocking: RedisServer, loop: asyncio.AbstractEventLoop, waiting: AsyncRedisServer, key: str) -> bool:
    """Whether either could write."""
    try:
        blocking.call("SET", f"blocking:{key}", "1")
        loop.run_until_complete(waiting.call("SET", f"waiting:{key}", "1"))
    except StoreAway:
        return False
    return True


def answers(server: RedisServer) -> bool:
    try:
        return bool(server.call("PING"))
    except StoreAway:
        return False


async def until_it_answers(server: AsyncRedisServer) -> None:
    """Wait until an event loop reaches who is primary."""
    async with asyncio.timeout(20):
        while True:
            try:
                await server.call("PING")
            except StoreAway:
                await asyncio.sleep(0.05)
            else:
                return


def test_both_follow_a_failover_and_never_go_back_to_who_was_primary(
    primary: OwnValkey, replica: OwnValkey, sentinel: OwnSentinel, url: str
) -> None:
    loop = asyncio.new_event_loop()
    blocking, waiting = RedisServer(url, answer_within=0.5), AsyncRedisServer(url, answer_within=0.5)
    assert write(blocking, loop, waiting, "before")
    hold = [blocking.client.connection_pool.get_connection() for _ in range(4)]
    for connection in hold:  # several connections stand idle to who is primary by now
        blocking.client.connection_pool.release(connection)

    primary.freeze()
    eventually(lambda: sentinel.primary() == replica.port, "the Sentinel names the other")
    eventually(lambda: replica.info()["role"] == "master", "it is primary")
    primary.thaw()  # and believes for some seconds that it still is
    eventually(lambda: write(blocking, loop, waiting, "after"), "both write again")
    for number in range(8):
        eventually(lambda number=number: write(blocking, loop, waiting, f"after:{number}"), "both go on")

    loop.run_until_complete(waiting.close())
    loop.close()
    blocking.client.close()
    kept = {key.decode() for key in replica.call("KEYS", "*after*")}
    assert kept == {
        f"{who}:after{more}" for who in ("blocking", "waiting") for more in ("", *map(":{}".format, range(8)))
    }


async def test_connections_that_are_in_use_at_the_switch_are_left_too(
    primary: OwnValkey, replica: OwnValkey, sentinel: OwnSentinel, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, threads = AsyncRedisServer(url), RedisServer(url)
    pool, pool_of_threads = loop.client.connection_pool, threads.client.connection_pool
    asked, idle = [await pool.get_connection() for _ in range(2)]
    asked_by_thread, idle_of_thread = [pool_of_threads.get_connection() for _ in range(2)]
    primary.freeze()
    await asked.send_command("SET", "lease", "kept")
    asked_by_thread.send_command("SET", "push", "taken")
    eventually(lambda: sentinel.primary() == replica.port, "the Sentinel names the other")
    eventually(lambda: replica.info()["role"] == "master", "it is primary")
    monkeypatch.setattr("hookrouter.store.primary.LOOK_EVERY", 0.0)
    await until_it_answers(loop)
    eventually(lambda: answers(threads), "threads reach it")

    primary.thaw()  # and answers as if nothing had been
    with pytest.raises(FormerPrimary):
        await asked.read_response()
    with pytest.raises(FormerPrimary):
        asked_by_thread.read_response()

    await asked.connect()  # and each goes on anew, as a subscription does by itself
    asked_by_thread.connect()
    await asked.send_command("PING")
    asked_by_thread.send_command("PING")
    assert [await asked.read_response(), asked_by_thread.read_response()] == [b"PONG"] * 2
    for connection, connection_of_thread in ((asked, asked_by_thread), (idle, idle_of_thread)):
        await pool.release(connection)
        pool_of_threads.release(connection_of_thread)
    assert not idle.is_connected
    roles = await asyncio.gather(*(loop.call("ROLE") for _ in range(4)))
    assert {role[0] for role in [*roles, *(threads.call("ROLE") for _ in range(4))]} == {b"master"}
    assert replica.call("EXISTS", "lease", "push") == 0
    await loop.close()
    pool_of_threads.disconnect()


async def test_of_two_looks_side_by_side_the_older_leads_nobody_back(
    primary: OwnValkey, replica: OwnValkey, sentinel: OwnSentinel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookrouter.store.addresses.SENTINEL_SECONDS", 30.0)
    front = Front(sentinel.port)
    url = f"redis+sentinel://{LOOPBACK}:{front.port}/{NAME}/0"
    threads, loop = RedisServer(url, answer_within=30.0), AsyncRedisServer(url, answer_within=30.0)
    pools = {"threads": threads.client.connection_pool, "loop": loop.client.connection_pool}
    found: dict[str, list[int]] = {who: [] for who in pools}
    assert [threads.call("PING"), await loop.call("PING")] == [True, True]

    def look(who: str) -> asyncio.Future[object]:
        pool = pools[who]
        ask = pool.get_master_address() if who == "loop" else asyncio.to_thread(pool.get_master_address)
        looking = asyncio.ensure_future(ask)
        looking.add_done_callback(lambda _: found[who].append(pool.master_address[1]))
        return looking

    let_go = front.hold_back()
    first = [look(who) for who in pools]
    await asyncio.to_thread(eventually, lambda: front.held_back == len(pools), "the Sentinel answered both")
    front.let_new_through()
    primary.freeze()
    await asyncio.to_thread(eventually, lambda: sentinel.listed() == replica.port, "the Sentinel lists the other")
    second = [look(who) for who in pools]
    await asyncio.wait(second, timeout=1)  # those who would look for themselves
    let_go()
    await asyncio.gather(*first, *second)
    await asyncio.gather(*map(look, pools))

    assert list(found.values()) == [[primary.port, primary.port, replica.port]] * 2
    threads.client.close()
    await loop.close()
    front.close()


async def test_while_no_sentinel_answers_the_primary_is_kept_and_they_are_left_alone(
    sentinel: OwnSentinel, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookrouter.store.primary.LOOK_EVERY", 0.0)
    blocking, waiting = RedisServer(url), AsyncRedisServer(url)
    assert [blocking.call("PING"), await waiting.call("PING")] == [True, True]
    sentinel.kill()

    answers = [(blocking.call("PING"), await waiting.call("PING")) for _ in range(5)]

    assert answers == [(True, True)] * 5
    pools = (blocking.client.connection_pool, waiting.client.connection_pool)
    assert all(pool._looks._next > time.monotonic() + 5 for pool in pools)
    blocking.client.close()
    await waiting.close()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("others", "the Sentinels know no primary of the name in its URL"),
        (f"{NAME}?sentinel_password=wrong", "a Sentinel refuses the user or password of its URL"),
    ],
)
async def test_what_sentinels_do_not_tell_is_told_in_one_line(sentinel: OwnSentinel, more: str, said: str) -> None:
    server = AsyncRedisServer(f"redis+sentinel://{sentinel.place}/{more}")

    with pytest.raises(StoreAway) as away:
        RedisServer(f"redis+sentinel://{sentinel.place}/{more}").call("PING")
    with pytest.raises(StoreAway) as waiting_away:
        await server.call("PING")

    await server.close()
    assert [str(away.value), str(waiting_away.value)] == [f"Redis is not reachable: {said}"] * 2


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("requirepass s3cret", "sentinel_password=s3cret"),
        (f"user watcher on >s3cret {LEAST}", "sentinel_username=watcher&sentinel_password=s3cret"),
    ],
    ids=["a password", "a user with the least rights"],
)
def test_sentinels_may_ask_for_what_is_theirs(primary: OwnValkey, tmp_path: Path, option: str, said: str) -> None:
    guarded = OwnSentinel.start(tmp_path / "guarded", primary, option, "user default off" if "user" in option else "")

    server = RedisServer(f"redis+sentinel://{guarded.place}/{NAME}?{said}")

    assert server.call("PING")
    with pytest.raises(StoreAway, match="a Sentinel refuses the user or password"):
        RedisServer(f"redis+sentinel://{guarded.place}/{NAME}").call("PING")
    server.client.close()
    guarded.kill()


def said_of(port: int, epoch: int, **more: bool) -> dict[str, dict[str, object]]:
    state = {"is_master": True, "is_sdown": False, "is_odown": False, **more}
    return {NAME: {"ip": LOOPBACK, "port": port, "config-epoch": epoch, **state}}


def test_a_sentinel_that_speaks_of_the_past_is_not_believed() -> None:
    inquiry = Inquiry(NAME, newest=3)

    assert inquiry.hear(said_of(1, 2)) is None
    assert inquiry.hear(said_of(2, 3)) == (LOOPBACK, 2)


def test_sentinels_that_were_all_set_up_anew_are() -> None:
    inquiry = Inquiry(NAME, newest=3)
    assert [inquiry.hear(said_of(1, 0)), inquiry.hear(said_of(2, 1))] == [None, None]

    assert inquiry.end() == (LOOPBACK, 2)
    assert inquiry.newest == 1


def test_a_primary_that_is_down_is_none() -> None:
    inquiry = Inquiry(NAME)
    assert inquiry.hear(said_of(1, 0, is_sdown=True)) is None

    with pytest.raises(NoPrimary, match="the primary is down, and no replica has taken its place yet"):
        inquiry.end()


def test_it_is_a_failure_of_the_connection() -> None:
    assert issubclass(NoPrimary, redis.ConnectionError)
