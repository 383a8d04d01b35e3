"""Processes are killed and queues deleted in mid-run: every lead of every acknowledged push arrives."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from flow_stack import SIGNING_SECRET, HttpRecorder, Stack, configuration, eventually, leads

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]
PUSHES, SIZE = 40, 25


def billing(recorder: HttpRecorder) -> str:
    sink = f'  billing: {{type: http, url: "{recorder.url}/api", signing_secret: {SIGNING_SECRET}, retry: {{for: 1h}}}}'
    return configuration(sinks=sink, routes="  - {name: every-lead, to: [billing]}")


def lead_ids(recorder: HttpRecorder) -> set[str]:
    return {arrival.json["data"]["lead"]["id"] for arrival in recorder.at("/api")}


def backlog(stack: Stack) -> float:
    """What workers could do at once, as who scales them reads it."""
    found = re.search(rb"^hookrouter_backlog (\S+)$", stack.get("/metrics")[1], re.MULTILINE)
    assert found is not None
    return float(found[1])


def push_all(stack: Stack, during: Callable[[int], None]) -> set[str]:
    """Push leads, with something done to the system between the pushes."""
    pushed: set[str] = set()
    for number in range(PUSHES):
        batch = leads(number * SIZE, SIZE)
        answer = stack.push(batch)
        assert answer["accepted"] == SIZE
        pushed |= {lead["id"] for lead in batch}
        during(number)
    return pushed


def assert_all_arrived_by_one_name(recorder: HttpRecorder, pushed: set[str], figures: Figures, what: str) -> None:
    began = time.monotonic()
    eventually(lambda: lead_ids(recorder) >= pushed, "every pushed lead at the sink", patience=60)
    names: dict[str, set[str]] = {}
    for arrival in recorder.at("/api"):
        names.setdefault(arrival.json["data"]["lead"]["id"], set()).add(arrival.headers["webhook-id"])
    assert {len(ids) for ids in names.values()} == {1}
    figures(
        "figures",
        f"{what}: {len(pushed)} leads, all there {time.monotonic() - began:.1f} s after the last push, "
        f"{len(recorder.arrivals) - len(pushed)} more than once, none under two ids",
    )


@pytest.mark.long
def test_a_worker_killed_again_and_again_loses_nothing(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Figures
) -> None:
    stack = stack_of(billing(recorder))

    def kill_worker(number: int) -> None:
        if number % 10 == 5:
            eventually(lambda: len(recorder.arrivals) > number, "deliveries under way")
            stack.kill("worker")
            stack.start("worker")

    assert_all_arrived_by_one_name(recorder, push_all(stack, kill_worker), record_property, "Workers killed")


def test_deleting_all_keys_of_rq_in_mid_run_loses_nothing(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Figures
) -> None:
    stack = stack_of(billing(recorder))
    client = stack.server.client

    def delete_jobs(_: int) -> None:
        found = list(client.scan_iter("rq:*"))
        if found:
            client.delete(*found)

    assert_all_arrived_by_one_name(recorder, push_all(stack, delete_jobs), record_property, "All rq:* deleted")


def test_a_killed_redis_loses_nothing_that_was_acknowledged(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Figures
) -> None:
    stack = stack_of(billing(recorder))

    def kill_redis(number: int) -> None:
        if number in {10, 25}:
            stack.kill("valkey")
            stack.start("valkey")
            eventually(stack.is_ready, "the receiver finds Redis again")

    assert_all_arrived_by_one_name(recorder, push_all(stack, kill_redis), record_property, "Redis killed")


def test_killed_receivers_lose_nothing_that_was_acknowledged(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Figures
) -> None:
    stack = stack_of(billing(recorder))

    def kill_receiver(number: int) -> None:
        if number in {10, 25}:
            stack.kill("web")
            stack.start("web")
            eventually(stack.is_ready, "the receiver is back")

    assert_all_arrived_by_one_name(recorder, push_all(stack, kill_receiver), record_property, "Receivers killed")


def test_a_worker_told_to_stop_finishes_what_is_under_way(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Figures
) -> None:
    stack = stack_of(billing(recorder))

    def slowly(_: object) -> int:
        time.sleep(0.3)
        return 204

    recorder.script = slowly
    stack.push(leads(0, 40))
    eventually(lambda: recorder.arrivals, "deliveries under way")

    began = time.monotonic()
    assert stack.end("worker") == 0
    took, before = time.monotonic() - began, len(recorder.arrivals)
    stack.start_heir()

    eventually(lambda: len(lead_ids(recorder)) == 40, "every lead at the sink")
    record_property(
        "figures",
        f"SIGTERM in mid-run: the worker ended within {took:.1f} s; 40 leads, {before} of them before, "
        f"{len(recorder.arrivals) - 40} more than once",
    )
    assert len(recorder.arrivals) == 40, "nothing that was under way is sent twice"


def test_without_a_worker_pushes_are_taken_and_routed_later(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(billing(recorder), processes=("web", "scheduler"))

    stack.push(leads(0, 100))
    assert recorder.arrivals == []
    assert backlog(stack) == sum(stack.server.client.xlen(f"hr:intake:{number}") for number in range(4)) > 0
    stack.start("worker")

    eventually(lambda: len(lead_ids(recorder)) == 100, "every lead at the sink")
    eventually(lambda: backlog(stack) == 0, "nothing is left to do")
