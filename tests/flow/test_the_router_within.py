"""The process within a worker that routes: it and its worker end together, and nothing is lost by it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from flow_stack import HttpRecorder, Stack, configuration, eventually, leads

from hookrouter.supervise.warden import session_members

StackOf = Callable[..., Stack]
LEADS = 40


def to_api(url: str) -> str:
    return configuration(sinks=f'  api: {{type: http, url: "{url}/api"}}', routes="  - {name: every-lead, to: [api]}")


def router_of(stack: Stack) -> int:
    worker = stack.running["worker"].pid
    [router] = Path(f"/proc/{worker}/task/{worker}/children").read_text("ascii").split()
    return int(router)


def arrived(recorder: HttpRecorder) -> set[str]:
    return {arrival.headers["webhook-id"] for arrival in recorder.at("/api")}


def test_a_worker_whose_router_is_killed_ends_and_its_successor_goes_on(
    stack_of: StackOf, recorder: HttpRecorder
) -> None:
    stack = stack_of(to_api(recorder.url))
    stack.push(leads(0, LEADS))
    eventually(lambda: len(arrived(recorder)) == LEADS, "the first leads arrive")
    os.kill(router_of(stack), signal.SIGKILL)
    stack.push(leads(LEADS, LEADS))

    assert stack.running["worker"].wait(30) == 1
    assert '"event":"router.ended","reason":"was killed by SIGKILL"' in stack.logs()
    stack.running.pop("worker")
    stack.start_heir()
    eventually(lambda: len(arrived(recorder)) == 2 * LEADS, "all leads arrive")


def test_a_router_ends_when_its_worker_is_killed(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_api(recorder.url))
    stack.push(leads(0, LEADS))
    eventually(lambda: len(arrived(recorder)) == LEADS, "the leads arrive")
    session = stack.behead("worker")

    eventually(lambda: not session_members(session), "the router is gone")


def test_both_end_in_order_when_the_worker_is_asked_to(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_api(recorder.url))
    stack.push(leads(0, LEADS))
    eventually(lambda: len(arrived(recorder)) == LEADS, "the leads arrive")
    session = stack.running["worker"].pid

    assert stack.end("worker") == 0
    assert not session_members(session)
    assert "router.ended" not in stack.logs()
