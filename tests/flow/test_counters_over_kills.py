"""After a busy run with kills the counters say what really happened."""

from __future__ import annotations

import os
import re
import signal
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flow_stack import HttpRecorder, Stack, configuration, eventually, leads
from ports import free_ports
from senders import Senders

from hookrouter.supervise.free_port import LOOPBACK

StackOf = Callable[..., Stack]
SENDERS, PUSHES, LEADS = 2, 60, 5
KILLS = 4
A_STEP = 16 * LEADS
"""Leads that a router judges at most before it counts them."""


def pushes_of(sender: int) -> Iterator[list[dict[str, Any]]]:
    for number in range(PUSHES):
        yield leads(sender * 100_000 + number * LEADS, LEADS)


def scraped(stack: Stack) -> dict[str, float]:
    return values(stack.get("/metrics")[1])


def values(text: bytes) -> dict[str, float]:
    found = re.findall(r"^(hookrouter_\S+) (\S+)$", text.decode(), re.MULTILINE)
    return {name: float(value) for name, value in found}


def total(found: dict[str, float], name: str, *labels: str) -> int:
    named = {key: value for key, value in found.items() if key.startswith(f"{name}{{")}
    return int(sum(value for key, value in named.items() if all(label in key for label in labels)))


def counts(found: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in found.items() if re.search(r"_(total|count|sum|bucket)(\{|$)", name)}


class Watch:
    """Scrapes all the while, and remembers each counter that fell."""

    def __init__(self, stack: Stack) -> None:
        self.fallen: list[str] = []
        self.scrapes = 0
        self._stack, self._end = stack, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        before: dict[str, float] = {}
        while not self._end.wait(0.2):
            try:
                now = counts(scraped(self._stack))
            except OSError:
                continue
            self.fallen += [name for name, value in before.items() if now.get(name, 0.0) < value]
            before, self.scrapes = now, self.scrapes + 1

    def end(self) -> None:
        self._end.set()
        self._thread.join()


def kill_a_receiver(stack: Stack) -> None:
    master = stack.running["web"].pid
    child, *_ = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)


@pytest.mark.long
def test_counters_after_kills_are_what_happened(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Callable[[str, object], None]
) -> None:
    sink = f'  api: {{type: http, url: "{recorder.url}/api", concurrency: 8}}'
    [port] = free_ports(1)
    routes = "  - {name: all, to: [api]}"
    stack = stack_of(configuration(sinks=sink, routes=routes), is_warm=False, HOOKROUTER_METRICS_PORT=str(port))
    recorder.script = lambda arrival: 400 if arrival.json["data"]["lead"]["id"].endswith("2") else 204
    watch = Watch(stack)
    sending = Senders(stack.port, [pushes_of(number) for number in range(SENDERS)], every=0.15)
    for number in range(KILLS):
        eventually(lambda so_far=40 * (number + 1): len(recorder.arrivals) >= so_far, "more arrives", 60)
        stack.kill("worker")
        kill_a_receiver(stack)
        stack.start_heir()
    eventually(lambda: sending.are_done, "all is sent", 90)
    every = SENDERS * PUSHES * LEADS
    names = {"api": set[str]()}

    def is_through() -> bool:
        names["api"] = {arrival.headers["webhook-id"] for arrival in recorder.at("/api")}
        return len(names["api"]) == every and stack.server.client.xlen("hr:outbox:api") == 0

    eventually(is_through, "every lead is through", 90)
    eventually(lambda: total(scraped(stack), "hookrouter_deliveries_total") >= every, "the last are counted")
    watch.end()
    found, dead = scraped(stack), stack.server.client.zcard("hr:dead")

    answered = sending.answered
    taken = total(found, "hookrouter_pushes_total")
    new = total(found, "hookrouter_pushes_total", 'duplicate="false"')
    routed = total(found, "hookrouter_routed_total")
    delivered = total(found, "hookrouter_deliveries_total", 'outcome="delivered"')
    given_up = total(found, "hookrouter_deliveries_total", 'outcome="dead"')
    arrivals = len(recorder.at("/api"))
    record_property(
        "figures",
        f"Counters over {KILLS} kills of workers and receivers: pushes {taken} (acknowledged {answered.acknowledged}), "
        f"routed {routed} of {every}, delivered {delivered} and dead {given_up} of {every} ({arrivals} arrivals); "
        f"{watch.scrapes} scrapes, {len(watch.fallen)} counters fell",
    )
    assert watch.scrapes > 10
    assert watch.fallen == []
    assert answered.acknowledged <= taken <= answered.tries
    assert SENDERS * PUSHES - KILLS * SENDERS <= new <= SENDERS * PUSHES  # one that died may have taken one more
    assert total(found, "hookrouter_leads_total", 'result="accepted"') == new * LEADS
    assert int(found["hookrouter_push_seconds_count"]) == taken
    assert every - KILLS * A_STEP <= routed <= every
    assert total(found, "hookrouter_route_matches_total") == routed
    assert every - dead <= delivered <= arrivals
    assert dead <= given_up <= arrivals
    assert delivered + given_up <= arrivals
    assert int(found['hookrouter_delivered_seconds_count{sink="api"}']) == delivered
    assert int(found['hookrouter_delivery_attempts_count{sink="api"}']) == delivered + given_up
    assert int(found['hookrouter_attempt_seconds_count{sink="api"}']) == total(found, "hookrouter_deliveries_total")
    assert found['hookrouter_kept{kind="dead"}'] == dead
    with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=5) as answer:  # the worker, or scheduler
        assert counts(values(answer.read())) == counts(found)
    assert "scrapes.refused" in stack.logs()  # of the other: a port is one's own
    assert found['hookrouter_outbox_deliveries{sink="api",state="waiting"}'] == 0
