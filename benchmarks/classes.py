"""Compares gunicorn's worker classes and their number under hookrouter's receiver.

Saturated by pushes of 25 leads; then one push while others dawdle: each holds a connection and does not end the push
it began.
"""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import inf

from benchmarks import pushing
from benchmarks.children import Child
from benchmarks.figures import Answers, Figures
from benchmarks.leads import LeadSeries
from benchmarks.scale import USUAL, Scale
from benchmarks.servers import PUSH_PATH, Stage, answers
from hookrouter.supervise.free_port import LOOPBACK, free_ports

CLASSES = (("gevent", 1, 1), ("gevent", 2, 1), ("gevent", 4, 1), ("gthread", 2, 8), ("sync", 2, 1))
"""Each with its processes and threads."""
DAWDLERS = 64
WARM_UP = 20
PATIENCE = 3.0
"""Seconds after which a push beside dawdlers counts as unanswered."""


def measure_classes(stage: Stage, scale: Scale) -> Figures:
    """Leads a second of each, and how long a push takes beside dawdlers."""
    found: Figures = {}
    for name, processes, threads in CLASSES:
        title = f"{name}, {processes} x {threads}" if threads > 1 else f"{name}, {processes}"
        with _receiver(stage, name, processes, threads) as (child, port):
            pushing.push_all(port, USUAL, pushes=WARM_UP)
            cpu = child.cpu()
            load = pushing.saturate(port, USUAL, seconds=scale.saturated)
            figures = Answers.of(load, USUAL, child.cpu() - cpu)
            with _dawdling(port):
                beside = _answer_beside(port)
        stage.forget()
        found[title] = {
            "leads_per_s": figures.leads_per_second,
            "p99_ms": figures.p99,
            "cpu_us_per_lead": figures.cpu,
            "beside_dawdlers_ms": beside,
        }
    return found


@contextmanager
def _receiver(stage: Stage, name: str, processes: int, threads: int) -> Iterator[tuple[Child, int]]:
    [port] = free_ports(1)
    environment = {**stage.environment(port), "WEB_CONCURRENCY": str(processes)}
    command = ["-m", "benchmarks.classed_receiver", name, str(threads)]
    with stage.child(f"{name}-{processes}", command, environment) as child:
        yield child.await_ready(lambda: answers(port, "/healthz")), port


@contextmanager
def _dawdling(port: int) -> Iterator[None]:
    head = f"POST {PUSH_PATH} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Length: 1000\r\n\r\n[".encode()
    with ExitStack() as stack:
        for _ in range(DAWDLERS):
            connection = stack.enter_context(socket.create_connection((LOOPBACK, port)))
            connection.sendall(head)
        yield


def _answer_beside(port: int) -> float:
    """Milliseconds until one push is answered; infinite when it is not, in time."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PATIENCE)
    began = time.monotonic()
    try:
        body = LeadSeries(pushing.next_start()).push(USUAL)
        connection.request("POST", PUSH_PATH, body, {"Content-Type": "application/json"})
        connection.getresponse().read()
    except TimeoutError:
        return inf
    finally:
        connection.close()
    return (time.monotonic() - began) * 1e3
