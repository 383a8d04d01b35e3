"""Redis fills up, or gives way to its replica, while deliveries are under way: none is lost, none is sent in vain."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flow_stack import HttpRecorder, Stack, configuration, eventually, leads, prepare

from hookrouter.store.server import RedisServer
from hookrouter.supervise.free_port import LOOPBACK

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]
LEADS = 200


def slowly(_: object) -> int:
    time.sleep(0.02)
    return 204


def to_api(recorder: HttpRecorder) -> str:
    sink = f'  api: {{type: http, url: "{recorder.url}/api", concurrency: 4}}'
    return configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}")


def names(recorder: HttpRecorder) -> Counter[str]:
    return Counter(arrival.headers["webhook-id"] for arrival in recorder.at("/api"))


def told(what: str, recorder: HttpRecorder, before: int) -> str:
    came = names(recorder)
    return (
        f"{what} in mid-delivery: {len(came)} of {LEADS} leads arrived, {before} of them before, "
        f"{came.total() - len(came)} more than once"
    )


def test_a_redis_that_is_full_and_emptied_again_costs_no_delivery(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Figures
) -> None:
    stack = stack_of(to_api(recorder))
    recorder.script = slowly
    stack.push(leads(0, LEADS))
    eventually(lambda: len(recorder.arrivals) > 20, "deliveries under way")

    stack.server.call("CONFIG", "SET", "maxmemory", "1mb")
    log = stack.folder / "worker.log"
    eventually(lambda: "Redis is full" in log.read_text(), "the worker is refused")
    before = len(recorder.arrivals)
    stack.server.call("CONFIG", "SET", "maxmemory", "0")

    eventually(lambda: len(names(recorder)) == LEADS, "every lead at the sink")
    eventually(lambda: stack.server.client.xlen("hr:outbox:api") == 0, "an empty outbox")
    record_property("figures", told("Redis full", recorder, before))
    assert names(recorder).total() == LEADS


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Stack]:
    folder = tmp_path / "replica"
    folder.mkdir()
    made = prepare(folder, "")
    yield made
    made.close()


def test_a_replica_in_the_place_of_its_primary_goes_on_where_that_ended(
    stack_of: StackOf, replica: Stack, recorder: HttpRecorder, record_property: Figures
) -> None:
    stack = stack_of(to_api(recorder))
    replica.redis_options = ("--replicaof", f"{LOOPBACK} {stack.redis_port}")
    replica.start("valkey")
    eventually(lambda: replica.has_redis() and is_in_step(replica.server), "the replica follows")
    recorder.script = slowly
    stack.push(leads(0, LEADS))
    eventually(lambda: len(recorder.arrivals) > 20, "deliveries under way")

    assert stack.server.client.wait(1, 5000) == 1
    stack.kill("valkey")
    before = len(recorder.arrivals)
    replica.server.call("REPLICAOF", "NO", "ONE")
    replica.server.call("CONFIG", "SET", "port", str(stack.redis_port))  # as an address that moves

    eventually(lambda: len(names(recorder)) == LEADS, "every lead at the sink", patience=60)
    eventually(lambda: stack.server.client.xlen("hr:outbox:api") == 0, "an empty outbox")
    record_property("figures", told("A replica promoted", recorder, before))


def is_in_step(server: RedisServer) -> bool:
    """Whether a replica follows its primary."""
    return bool(server.client.info("replication").get("master_link_status") == "up")
