"""Redis goes, hangs, comes back empty or as a replica: every process finds its way back, or out."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable

import pytest
from flow_stack import TOKEN, HttpRecorder, Stack, configuration, eventually, leads

from hookrouter.supervise.free_port import LOOPBACK

StackOf = Callable[..., Stack]


def to_api(recorder: HttpRecorder) -> str:
    sink = f'  api: {{type: http, url: "{recorder.url}/api", retry: {{for: 1h}}}}'
    return configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}")


def arrived(recorder: HttpRecorder) -> set[str]:
    return {arrival.json["data"]["lead"]["id"] for arrival in recorder.at("/api")}


def push_and_await(stack: Stack, recorder: HttpRecorder, first: int) -> None:
    batch = leads(first, 10)
    stack.push(batch)
    eventually(lambda: arrived(recorder) >= {lead["id"] for lead in batch}, "what was pushed at the sink")


def test_a_redis_that_comes_back_empty_is_filled_anew(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_api(recorder))
    push_and_await(stack, recorder, 0)

    stack.server.call("FLUSHALL")

    push_and_await(stack, recorder, 100)
    assert b'hookrouter_outbox_deliveries{sink="api",state="waiting"}' in stack.get("/metrics")[1]


def test_routing_goes_on_when_redis_stood_still(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_api(recorder))
    push_and_await(stack, recorder, 0)

    stack.push(leads(50, 500))
    os.kill(stack.running["valkey"].pid, signal.SIGSTOP)
    time.sleep(7)  # longer than a command may take
    os.kill(stack.running["valkey"].pid, signal.SIGCONT)
    eventually(stack.is_ready, "the receiver finds Redis again")

    push_and_await(stack, recorder, 1000)
    eventually(lambda: len(arrived(recorder)) == 520, "all that was pushed before")


def test_a_worker_without_redis_lives_is_not_ready_and_ends_when_told_to(
    stack_of: StackOf, recorder: HttpRecorder
) -> None:
    stack = stack_of(to_api(recorder), processes=())
    stack.environment["HOOKROUTER_METRICS_PORT"] = str(stack.port)  # which no receiver has taken
    stack.kill("valkey")
    stack.start("worker")
    log = stack.folder / "worker.log"
    eventually(lambda: log.exists() and "neighbour.failed" in log.read_text(), "the worker misses Redis")
    assert (stack.get("/healthz"), stack.get("/readyz")[0]) == ((200, b"ok\n"), 503)

    assert stack.end("worker") == 0

    stack.start("valkey")
    for process in ("worker", "scheduler"):  # one after the other: both answer at the same port
        stack.start(process)
        eventually(stack.is_ready, f"the {process} finds Redis")
        assert stack.get("/healthz")[0] == 200
        assert stack.end(process) == 0


@pytest.mark.long
def test_a_worker_ends_when_told_to_though_redis_hangs(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_api(recorder))
    push_and_await(stack, recorder, 0)
    os.kill(stack.running["valkey"].pid, signal.SIGSTOP)

    ended = stack.end("worker")  # within the patience of this test, which is a pod's

    os.kill(stack.running["valkey"].pid, signal.SIGCONT)
    assert ended in {0, 1}


def test_pushes_are_spooled_while_redis_takes_none_and_fed_when_it_does(
    stack_of: StackOf, recorder: HttpRecorder
) -> None:
    stack = stack_of(to_api(recorder))

    stack.server.call("REPLICAOF", LOOPBACK, "1")
    batches = [leads(100 * number, 10) for number in range(20)]
    answers = [stack.push(batch) for batch in batches]
    again = stack.push(batches[0])
    ready = json.loads(stack.get("/readyz")[1])

    assert all(answer["accepted"] == 10 and not answer["duplicate"] for answer in answers)
    assert (again["push"], again["duplicate"]) == (answers[0]["push"], True)
    assert (ready["ready"], ready["mode"]) == (True, "spool")
    assert stack.get("/health")[0] == 503
    stack.server.call("REPLICAOF", "NO", "ONE")
    eventually(lambda: len(arrived(recorder)) == 200, "every lead of every push")
    names = {arrival.headers["webhook-id"] for arrival in recorder.at("/api")}
    assert len(names) == len(recorder.at("/api")) == 200
    pushes = {answer["push"] for answer in answers}
    assert {arrival.json["data"]["push"] for arrival in recorder.at("/api")} == pushes


def test_what_was_spooled_outlives_the_receiver(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_api(recorder))
    stack.kill("valkey")
    for number in range(20):
        stack.push(leads(10 * number, 10))

    stack.kill("web")
    stack.start("valkey", "web")

    eventually(lambda: len(arrived(recorder)) == 200, "every lead of every push")


def test_a_spool_that_is_full_refuses_and_says_when_to_come_again(stack_of: StackOf, recorder: HttpRecorder) -> None:
    limited = to_api(recorder).replace("receiver:", "receiver:\n  max_spool: 3KiB", 1)
    stack = stack_of(limited, processes=("web",))
    stack.kill("valkey")

    statuses = [stack.post(json.dumps(leads(10 * number, 10)).encode())[0] for number in range(5)]

    assert statuses[0] == 200
    assert statuses[-1] == 503
    assert stack.get("/readyz")[0] == 503


def test_a_redis_that_hangs_costs_no_sender_much(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_api(recorder))
    os.kill(stack.running["valkey"].pid, signal.SIGSTOP)

    for number in range(30):
        assert stack.push(leads(10 * number, 10))["accepted"] == 10
    os.kill(stack.running["valkey"].pid, signal.SIGCONT)

    eventually(lambda: len(arrived(recorder)) == 300, "every lead of every push")
    names = [arrival.headers["webhook-id"] for arrival in recorder.at("/api")]
    assert len(set(names)) == 300


def test_what_is_no_request_is_answered_with_a_problem_and_logged_without_a_word_of_it(
    stack_of: StackOf, recorder: HttpRecorder
) -> None:
    stack = stack_of(to_api(recorder), processes=("web",))

    for request, status in (
        (f"POST /hooks/crm/{TOKEN}\r\n\r\n", b"400"),
        (f"POST /hooks/crm/{TOKEN}{'x' * 8000} HTTP/1.1\r\n\r\n", b"414"),
        (f"POST /hooks/crm/{TOKEN} HTTP/1.1\r\nX: {'x' * 9000}\r\n\r\n", b"431"),
        (f"POST /hooks/crm/{TOKEN} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", b"400"),
    ):
        with socket.create_connection((LOOPBACK, stack.port), timeout=20) as connection:
            connection.sendall(request.encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert answer.split(b" ")[1] == status
        assert b"application/problem+json" in answer
        assert TOKEN.encode() not in answer

    log = (stack.folder / "web.log").read_text()
    assert TOKEN not in log
    assert [json.loads(line)["event"] for line in log.splitlines()].count("push.refused") == 4
