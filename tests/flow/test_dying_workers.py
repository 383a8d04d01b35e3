"""Workers that die at the worst moments: what each moment costs, and that one delivery cannot kill them all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from flow_stack import HttpRecorder, Stack, configuration, eventually, leads

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]


def to_api(url: str, *, concurrency: int, kind: str = "http") -> str:
    sink = f'  api: {{type: {kind}, url: "{url}/api", concurrency: {concurrency}}}'
    return configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}")


def names(recorder: HttpRecorder) -> Counter[str]:
    return Counter(arrival.headers["webhook-id"] for arrival in recorder.at("/api"))


@pytest.mark.long
def test_a_worker_killed_before_it_was_answered_repeats_what_it_sent_and_sends_what_it_had_not(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Figures
) -> None:
    stack = stack_of(to_api(recorder.url, concurrency=1))

    def kill_at_the_first(_: object) -> int:
        if len(recorder.arrivals) == 1:
            stack.kill("worker")
        return 204

    recorder.script = kill_at_the_first
    stack.push(leads(0, 8))
    eventually(lambda: "worker" not in stack.running, "the worker is dead")
    stack.start_heir()
    eventually(lambda: len(names(recorder)) == 8, "every lead at the sink")

    came = names(recorder)
    record_property(
        "figures",
        f"Worker killed after one send and before seven: {len(came)} of 8 leads arrived, "
        f"{came.total() - len(came)} more than once, under the same id",
    )
    first = recorder.arrivals[0].headers["webhook-id"]
    assert came == Counter({**dict.fromkeys(came, 1), first: 2})


@pytest.mark.long
def test_a_worker_killed_before_it_could_write_the_answer_repeats_that_under_the_same_id(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Figures
) -> None:
    stack = stack_of(to_api(recorder.url, concurrency=4))

    def take_redis_away(_: object) -> int:
        if len(recorder.arrivals) == 1:
            stack.kill("valkey")
        eventually(lambda: "valkey" not in stack.running, "Redis is gone")
        return 204

    recorder.script = take_redis_away
    stack.push(leads(0, 4))
    log = stack.folder / "worker.log"
    eventually(lambda: log.read_text().count("delivery.attempted") == 4, "the worker was answered")
    stack.kill("worker")
    stack.start("valkey")
    eventually(stack.has_redis, "Redis is back")
    stack.start_heir()
    eventually(lambda: names(recorder).total() == 8, "every lead at the sink, again")
    eventually(lambda: stack.server.client.xlen("hr:outbox:api") == 0, "an empty outbox")

    came = names(recorder)
    record_property(
        "figures",
        f"Worker killed between four answers and their writing: {len(came)} of 4 leads arrived, "
        f"{came.total() - len(came)} of them twice, under the same id",
    )
    assert sorted(came.values()) == [2, 2, 2, 2]


DEADLY_SINK = """
import os
import signal

from hookrouter.sinks.http import HttpSchema, build as build_http
from hookrouter.sinks.kinds import SinkType


class DeadlySink:
    def __init__(self, sink):
        self.sink = sink

    def render(self, delivery):
        return self.sink.render(delivery)

    async def send(self, delivery, message):
        if delivery.lead["firstName"] == "Deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        return await self.sink.send(delivery, message)


def build(name, options, tools):
    return DeadlySink(build_http(name, options, tools))


SINK = SinkType(name="deadly", schema=HttpSchema, build=build)
"""


def install(folder: Path) -> str:
    """What PYTHONPATH must name, so that there is a sink type that kills its worker by one lead."""
    information = folder / "deadly-1.0.dist-info"
    information.mkdir(parents=True)
    (folder / "deadly.py").write_text(DEADLY_SINK)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: deadly\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[hookrouter.sinks]\ndeadly = deadly:SINK\n")
    return str(folder)


@pytest.mark.long
def test_a_delivery_that_kills_its_workers_is_set_aside_and_its_neighbours_arrive(
    stack_of: StackOf, recorder: HttpRecorder, tmp_path: Path, record_property: Figures
) -> None:
    configured = to_api(recorder.url, concurrency=4, kind="deadly")
    stack = stack_of(configured, is_warm=False, PYTHONPATH=install(tmp_path / "plug-ins"))
    deaths = 0
    batch = leads(0, 12)
    batch[5]["firstName"] = "Deadly"

    stack.push(batch)

    def is_set_aside() -> bool:
        nonlocal deaths
        if stack.running["worker"].poll() is not None:
            deaths += 1
            stack.running.pop("worker")
            stack.start_heir()
        return bool(stack.server.client.zcard("hr:dead")) and len(names(recorder)) == 11

    eventually(is_set_aside, "it is set aside and the others are there", patience=60)
    [letter] = json.loads(stack.run("dead", "list", "--json"))
    came = names(recorder)
    record_property(
        "figures",
        f"A delivery that kills: set aside after {deaths} dead workers; {len(came)} neighbours arrived, "
        f"{came.total() - len(came)} attempts of them repeated",
    )
    assert (letter["reason"], letter["lead"]) == ("deadly", batch[5]["id"])
    assert letter["id"] not in came
    assert stack.running["worker"].poll() is None
