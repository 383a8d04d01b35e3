"""Behind an address that follows failovers, every connection leaves a server that was demoted and goes on as it did."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from endpoints import Endpoint
from fronts import Front
from redis._parsers.base import BaseParser
from rq import Queue
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker
from valkeys import OwnValkey, eventually

from hookrouter.domain.errors import StoreAway
from hookrouter.ports.stages import Stage
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.demotions import Demoted, holds_refusal, is_refusal
from hookrouter.store.keys import Keys, queue_name
from hookrouter.store.server import RedisServer, Wait
from hookrouter.store.wake import RqWake
from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.telemetry.observer import NoObserver

IDLE = 4
"""Connections that stand idle to who is primary."""
REPLICA = "Redis is a read-only replica"


@pytest.fixture
def endpoint(primary: OwnValkey, replica: OwnValkey) -> Iterator[Endpoint]:
    front = Front(primary.port)
    yield Endpoint(front=front, primary=primary, other=replica)
    front.close()


@pytest.fixture
def server(endpoint: Endpoint) -> Iterator[RedisServer]:
    made = RedisServer(endpoint.front.url)
    yield made
    made.client.close()


WRITE = "return redis.call('SET', KEYS[1], '1')"
TAKE = ["me", 60_000, "", 60_000]
"""What a lease's script is given."""
BLOCKING: dict[str, Callable[[RedisServer, str], Any]] = {
    "a command": lambda server, key: server.call("SET", key, "1"),
    "a round trip": lambda server, key: server.call_all([("GET", key), ("SET", key, "1")]),
    "a transaction": lambda server, key: server.transaction([("SET", key, "1"), ("EXPIRE", key, "60")]),
    "a script": lambda server, key: server.run("renew", [key, "before"], TAKE),
    "a script in a transaction": lambda server, key: server.transaction([("EVAL", WRITE, 1, key)]),
    "a script that waits": lambda server, key: server.run_and_wait(
        "renew", [key, "before"], TAKE, Wait(replicas=1, within=1, marker="marker")
    ),
    "a wait": lambda server, key: server.confirmed_by(Wait(replicas=1, within=1, marker=key)),
}
WAITING: dict[str, Callable[[AsyncRedisServer, str], Any]] = {
    "a command": lambda server, key: server.call("SET", key, "1"),
    "a round trip": lambda server, key: server.call_all([("GET", key), ("SET", key, "1")]),
    "a script": lambda server, key: server.run("renew", [key, "before"], TAKE),
    "a script in a transaction": lambda server, key: server.client.pipeline().eval(WRITE, 1, key).execute(),
}


def test_threads_are_refused_once_and_go_on_with_the_new_primary(endpoint: Endpoint) -> None:
    servers = {way: RedisServer(endpoint.front.url) for way in BLOCKING}
    in_use = {}
    for way, server in servers.items():
        BLOCKING[way](server, "before")
        pool = server.client.connection_pool
        taken = [pool.get_connection() for _ in range(IDLE)]
        in_use[way] = taken.pop()
        for connection in taken:
            pool.release(connection)

    endpoint.fail_over()

    for way, server in servers.items():
        pool = server.client.connection_pool
        with pytest.raises(StoreAway, match=REPLICA):
            BLOCKING[way](server, way)
        assert endpoint.primary.call("EXISTS", way) == 0
        pool.release(in_use[way])
        BLOCKING[way](server, way)
        assert endpoint.primary.call("EXISTS", way) == 1
        taken = [pool.get_connection() for _ in range(2 * IDLE)]
        for connection in taken:
            connection.send_command("ROLE")
        assert {connection.read_response()[0] for connection in taken} == {b"master"}, way
        pool.disconnect()


async def test_an_event_loop_is_refused_once_and_goes_on_with_the_new_primary(endpoint: Endpoint) -> None:
    servers = {way: AsyncRedisServer(endpoint.front.url) for way in WAITING}
    in_use = {}
    for way, server in servers.items():
        await asyncio.gather(*(WAITING[way](server, f"before:{number}") for number in range(IDLE)))
        in_use[way] = await server.client.connection_pool.get_connection()

    await asyncio.to_thread(endpoint.fail_over)

    for way, server in servers.items():
        with pytest.raises((StoreAway, Demoted), match="read-only replica"):
            await WAITING[way](server, way)
        assert endpoint.primary.call("EXISTS", way) == 0
        await server.client.connection_pool.release(in_use[way])
        await WAITING[way](server, way)
        assert endpoint.primary.call("EXISTS", way) == 1
        roles = await asyncio.gather(*(server.call("ROLE") for _ in range(2 * IDLE)))
        assert {role[0] for role in roles} == {b"master"}, way
        await server.close()


async def test_a_question_that_stood_at_who_was_primary_ends_and_takes_all_along(endpoint: Endpoint) -> None:
    server = AsyncRedisServer(endpoint.front.url, answer_within=30.0)
    standing = asyncio.create_task(server.call("BLPOP", "nothing", "20"))
    await asyncio.gather(*(server.call("GET", "key") for _ in range(IDLE)))

    await asyncio.to_thread(endpoint.fail_over)
    with pytest.raises(StoreAway, match=REPLICA):
        await standing

    roles = await asyncio.gather(*(server.call("ROLE") for _ in range(2 * IDLE)))
    assert {role[0] for role in roles} == {b"master"}
    await server.close()


def test_a_transaction_that_was_begun_before_is_refused(endpoint: Endpoint, server: RedisServer) -> None:
    pool = server.client.connection_pool
    connection = pool.get_connection()
    for command in (("MULTI",), ("SET", "key", "1")):
        connection.send_command(*command)
        connection.read_response()

    endpoint.fail_over()
    connection.send_command("EXEC")
    with pytest.raises(Demoted):
        connection.read_response()

    pool.release(connection)
    assert server.call("GET", "key") is None


def test_a_replica_without_its_primary_that_answers_nothing_is_left(endpoint: Endpoint, server: RedisServer) -> None:
    assert server.call("GET", "key") is None
    endpoint.fail_over()
    endpoint.other.call("CONFIG", "SET", "replica-serve-stale-data", "no")
    endpoint.other.call("REPLICAOF", LOOPBACK, "1")

    with pytest.raises(StoreAway, match=REPLICA):
        server.call("GET", "key")

    assert server.call("GET", "key") is None


def test_rqs_worker_hears_a_wake_up_that_is_rung_at_the_new_primary(endpoint: Endpoint, server: RedisServer) -> None:
    keys = Keys("hr")
    wake = RqWake(server, keys, NoObserver())
    wake.send(Stage.ROUTE)
    client = RedisServer(endpoint.front.url).client
    queue = Queue(queue_name(keys.prefix), connection=client, serializer=JSONSerializer)
    worker = SimpleWorker([queue], connection=client, serializer=JSONSerializer)
    heard: list[str] = []
    stand_idle = [client.connection_pool.get_connection() for _ in range(IDLE)]
    for connection in stand_idle:
        client.connection_pool.release(connection)

    def listen() -> None:
        for _ in range(2):
            found = worker.dequeue_job_and_maintain_ttl(timeout=30)
            assert found is not None
            heard.append(str(found[0].func_name))

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    eventually(lambda: heard == ["workers.jobs.route"], "it hears the first, and listens")
    eventually(lambda: endpoint.primary.info()["blocked_clients"] == 1, "it stands at the primary")

    endpoint.fail_over()
    wake.send(Stage.DELIVER)  # which is refused, and reported: the next goes through
    wake.send(Stage.DELIVER)

    eventually(lambda: heard == ["workers.jobs.route", "workers.jobs.deliver"], "it hears the second")
    listening.join(10)
    client.close()


def test_a_server_that_is_a_replica_and_stays_one_is_named_each_time(replica: OwnValkey) -> None:
    server = RedisServer(replica.url)

    for _ in range(3):
        with pytest.raises(StoreAway, match=REPLICA):
            server.call("SET", "key", "1")
        assert server.call("GET", "key") is None

    server.client.close()


@pytest.mark.parametrize(
    "text",
    [
        "ERR Error running script (f_2b): @user_script: 1: -READONLY You can't write against a read only replica.",
        "EXECABORT Transaction discarded because of: READONLY You can't write against a read only replica.",
    ],
    ids=["a script of Redis 6.2", "a transaction"],
)
def test_it_is_known_by_its_text_too(text: str) -> None:
    assert is_refusal(BaseParser.parse_error(text))
    assert holds_refusal([b"OK", BaseParser.parse_error(text)])


def test_other_errors_are_none() -> None:
    others = [BaseParser.parse_error(text) for text in ("WRONGTYPE Operation against a key", "ERR no such key")]

    assert not any(map(is_refusal, others))
    assert not holds_refusal(others)
