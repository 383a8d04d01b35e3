"""Whoever can write to Redis puts jobs into the queue: none of them runs, each is told in one line, work goes on."""

from __future__ import annotations

import json
import os
import pickle
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import warm
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from valkeys import eventually
from warm import WarmProcess

from hookrouter.store.keys import Keys, queue_name
from hookrouter.store.server import RedisServer
from hookrouter.store.wake import KICK
from workers.allowed import ARGUMENTS, UNKNOWN, UNREADABLE

CONFIGURATION = """
version: 1
receiver: {sources: {crm: {token: a-token-only-for-tests}}}
sinks: {log: {type: stdout}}
routes: [{name: all, to: [log]}]
"""
CANARY = "canary-of-the-attacker"


@dataclass(kw_only=True)
class Attacked:
    """A running worker, and its queue in the attacker's hands."""

    server: RedisServer
    keys: Keys
    folder: Path
    process: WarmProcess
    count: int = 0

    @property
    def queue(self) -> str:
        return f"rq:queue:{queue_name(self.keys.prefix)}"

    @property
    def witness(self) -> Path:
        """A file that any code of the attacker's would make."""
        return self.folder / CANARY

    def lines(self, event: str) -> list[dict[str, Any]]:
        lines = (json.loads(line) for line in self.log().splitlines() if line.startswith("{"))
        return [line for line in lines if line["event"] == event]

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def put(self, data: bytes, **fields: str | bytes) -> str:
        """A job as RQ would read it, at the end of the queue."""
        self.count += 1
        name = f"{CANARY}-{self.keys.prefix}-{self.count}"
        values: dict[str, str | bytes] = {
            "data": data,
            "origin": queue_name(self.keys.prefix),
            "status": "queued",
            "description": CANARY,
            **fields,
        }
        self.server.call("HSET", f"rq:job:{name}", *(part for pair in values.items() for part in pair))
        self.server.call("RPUSH", self.queue, name)
        return f"rq:job:{name}"

    def is_at_work(self) -> bool:
        """Whether a wake-up of ours is still heard."""
        ours = self.put(data_of(KICK))
        eventually(lambda: not self.server.call("EXISTS", ours), f"a wake-up is heard: {self.log()[-2000:]}")
        return self.process.poll() is None


class Bomb:
    """What unpickling it does to a worker that unpickles."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.witness}",)


@pytest.fixture
def worker(valkey: Any, server: RedisServer, keys: Keys, tmp_path: Path) -> Iterator[Attacked]:
    (tmp_path / "hookrouter.yaml").write_text(CONFIGURATION)
    environment = {
        **os.environ,
        "HOOKROUTER_CONFIG": str(tmp_path / "hookrouter.yaml"),
        "HOOKROUTER_REDIS_URL": valkey.url,
        "HOOKROUTER_DATA_DIR": str(tmp_path / "data"),
        "HOOKROUTER_KEY_PREFIX": keys.prefix,
    }
    with (tmp_path / "log").open("wb") as log:
        process = warm.start("worker", folder=tmp_path, environment=environment, output=log.fileno())
    attacked = Attacked(server=server, keys=keys, folder=tmp_path, process=process)
    eventually(lambda: server.call("ZCARD", keys.heartbeats()), "the worker is there")
    yield attacked
    process.terminate()
    process.wait(30)


def data_of(name: str, *arguments: Any, instance: Any = None, **named: Any) -> bytes:
    return json.dumps([name, instance, list(arguments), named]).encode()


def forgeries(witness: Path) -> dict[str, tuple[bytes, str]]:
    touch = f"touch {witness}"
    bomb = pickle.dumps(Bomb(witness))
    return {
        "pickle": (bomb, UNREADABLE),
        "packed pickle": (zlib.compress(bomb), UNREADABLE),
        "pickle of a job": (pickle.dumps(("os.system", None, (touch,), {})), UNREADABLE),
        "another function": (data_of("os.system", touch), UNKNOWN),
        "packed": (zlib.compress(data_of("os.system", touch)), UNKNOWN),
        "a function of ours that is no wake-up": (data_of("workers.worker.run_worker"), UNKNOWN),
        "a method": (data_of("system", touch, instance="os"), UNKNOWN),
        "a wake-up with arguments": (data_of(KICK, touch), ARGUMENTS),
        "a wake-up with names": (data_of(KICK, command=touch), ARGUMENTS),
        "a wake-up of an object": (data_of(KICK, instance="os"), ARGUMENTS),
        "huge arguments": (data_of(KICK, "x" * 5_000_000), UNREADABLE),
        "a bomb of zeros": (zlib.compress(b"0" * 300_000_000, 9)[:900], UNREADABLE),
        "deeply nested": (zlib.compress(b"[" * 100_000), UNREADABLE),
        "half a character": (b'["\xff', UNREADABLE),
        "no list": (b"7", UNREADABLE),
        "nothing": (b"", UNREADABLE),
        "no name": (b"[[], null, [], {}]", UNKNOWN),
    }


def test_no_forged_job_runs_and_each_is_told_in_one_line(worker: Attacked) -> None:
    wanted = []
    keys = []
    for data, reason in forgeries(worker.witness).values():
        keys.append(worker.put(data))
        wanted.append(reason)

    assert worker.is_at_work()

    eventually(lambda: len(worker.lines("job.refused")) == len(wanted), "each is told")
    assert [line["reason"] for line in worker.lines("job.refused")] == wanted
    assert not worker.witness.exists()
    assert worker.server.call("EXISTS", *keys) == 0
    assert worker.server.call("LLEN", f"{worker.queue}:intermediate") == 0
    assert CANARY not in worker.log()
    assert worker.lines("library.warned") == []


def test_nothing_beside_its_name_counts_in_a_wake_up(worker: Attacked) -> None:
    bomb = pickle.dumps(Bomb(worker.witness))
    touch = json.dumps([{"url": "http://127.0.0.1:9/", "on": ["finished", "failed"], "job_status": "finished"}])
    dates = dict.fromkeys(("created_at", "enqueued_at", "started_at", "ended_at", "last_heartbeat"), "no date")
    numbers = dict.fromkeys(("timeout", "result_ttl", "failure_ttl", "ttl", "retries_left"), "no number")

    key = worker.put(
        data_of(KICK),
        meta=bomb,
        success_callback_name="os.abort",
        failure_callback_name="os.abort",
        stopped_callback_name="os.abort",
        webhooks=touch,
        dependency_ids="no list",
        exc_info=bomb,
        result=bomb,
        group_id="no group",
        rate_limit_key="no limit",
        rate_limit_concurrency="1",
        worker_name=b"\xff",
        **{**dates, **numbers},
    )

    assert worker.is_at_work()
    eventually(lambda: not worker.server.call("EXISTS", key), "it ran as the wake-up that it names")
    assert not worker.witness.exists()
    assert worker.lines("job.refused") == worker.lines("library.warned") == []


def test_what_is_no_job_at_all_does_not_stop_the_worker(worker: Attacked) -> None:
    name = f"{CANARY}-{worker.keys.prefix}"
    worker.server.call("SET", f"rq:job:{name}", "no hash")
    worker.server.call("RPUSH", worker.queue, name, b"\xff\xfe", "", "a:b:c", "no-such-job")

    assert worker.is_at_work()
    assert worker.is_at_work()
    left = worker.server.call("LRANGE", f"{worker.queue}:intermediate", 0, -1)
    assert not {name.encode(), b"\xff\xfe"} & set(left)
    assert len(worker.lines("job.refused")) == 2


def test_a_worker_takes_no_orders_by_way_of_redis(worker: Attacked) -> None:
    known = f"rq:workers:{queue_name(worker.keys.prefix)}"
    [name] = [each.decode() for each in eventually(lambda: worker.server.call("SMEMBERS", known), "RQ knows it")]
    channel = f"rq:pubsub:{name.removeprefix('rq:worker:')}"

    assert worker.server.call("PUBLISH", channel, json.dumps({"command": "shutdown"})) == 0
    assert worker.is_at_work()


def test_what_rq_itself_enqueues_is_restored(server: RedisServer, keys: Keys) -> None:
    from workers.allowed import DrainJob  # noqa: PLC0415 - beside the class it is compared with

    queue = Queue(f"{keys.prefix}-test", connection=server.client, serializer=JSONSerializer)
    enqueued: Job = queue.enqueue_call(KICK, timeout=60, result_ttl=0)

    restored = DrainJob.fetch(enqueued.id, connection=server.client, serializer=JSONSerializer)

    assert (restored.func_name, restored.refusal, restored.origin) == (KICK, "", queue.name)
    assert (restored.timeout, restored.result_ttl) == (60, 0)
