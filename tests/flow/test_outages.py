"""Redis is away under load: no push is refused, no answer takes long, and each lead's updates arrive in their order."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from flow_stack import Stack, configuration, eventually, leads
from senders import Senders
from tally import Tally

from hookrouter.supervise.free_port import LOOPBACK

StackOf = Callable[..., Stack]

SENDERS, SIZE, EVERY = 8, 5, 0.4
LONG, SHORT, BREATH = 30.0, 3.0, 2.0
"""Seconds that Redis is away in each of two ways, together a minute; in others; and that it is there between them."""
P99_WITHIN = 1.0


def pushes_of(sender: int, until: Callable[[], bool]) -> Iterator[list[dict[str, str]]]:
    """The same leads again and again, each time a second younger."""
    for version in count():
        if until():
            return
        at = f"2026-03-04 15:{version // 60:02}:{version % 60:02}"
        yield leads(sender * SIZE, SIZE, firstName=str(version), updateTimestamp=at)


class Load:
    """A steady load, for as long as the block runs."""

    def __init__(self, stack: Stack, tally: Tally) -> None:
        self._is_over = False
        self._tally = tally
        self._senders = Senders(stack.port, [self._pushes(number) for number in range(SENDERS)], EVERY)
        self.answered = self._senders.answered

    def _pushes(self, sender: int) -> Iterator[list[dict[str, str]]]:
        return pushes_of(sender, lambda: self._is_over)

    def run(self, seconds: float) -> None:
        """Go on for a while: this is an outage, whose length is the point."""
        time.sleep(seconds)

    def end(self) -> None:
        self._is_over = True
        eventually(lambda: self._senders.are_done, "every push is answered")
        due = self.answered.acknowledged * SIZE
        eventually(lambda: len(self._tally.names()) == due, f"{due} updates at the sink", patience=60)

    def figures(self, what: str) -> str:
        answered = self.answered
        p50, p99, worst = (answered.quantile(part) * 1000 for part in (0.5, 0.99, 1.0))
        names = self._tally.names()
        return (
            f"{what}: {answered.tries} pushes sent, {answered.acknowledged} acknowledged; "
            f"answered within {p50:.0f} ms (p50), {p99:.0f} ms (p99), {worst:.0f} ms (the slowest); "
            f"{len(names)} updates delivered, {len(self._tally.came) - len(names)} more than once"
        )

    def assert_nobody_noticed(self) -> None:
        assert dict(self.answered.statuses) == {200: self.answered.tries}
        assert {len(found) for found in self._tally.names().values()} == {1}
        for versions in self._tally.versions().values():
            assert versions == [str(number) for number in range(len(versions))]


def stack_to(stack_of: StackOf, tally: Tally) -> Stack:
    sink = f'  api: {{type: http, url: "{tally.url}/api", retry: {{for: 1h}}}}'
    return stack_of(configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}"))


def mode_of(stack: Stack) -> Any:
    return json.loads(stack.get("/readyz")[1])["mode"]


def spooled(stack: Stack) -> Any:
    return json.loads(stack.get("/health")[1])["checks"]["spool"][0]["observedValue"]


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_minute_without_redis_is_noticed_by_no_sender(
    stack_of: StackOf, tally: Tally, record_property: Callable[[str, object], None]
) -> None:
    stack = stack_to(stack_of, tally)
    load = Load(stack, tally)
    load.run(BREATH)

    os.kill(stack.running["valkey"].pid, signal.SIGSTOP)
    load.run(LONG)
    assert mode_of(stack) == "spool"
    os.kill(stack.running["valkey"].pid, signal.SIGCONT)
    load.run(BREATH)
    stack.kill("valkey")
    load.run(LONG)
    assert mode_of(stack) == "spool"
    stack.start("valkey")
    load.run(BREATH)
    load.end()

    record_property("figures", load.figures("Redis away for a minute, hanging and then gone"))
    load.assert_nobody_noticed()
    assert load.answered.quantile(0.99) < P99_WITHIN
    assert (mode_of(stack), spooled(stack)) == ("redis", 0)


def make_read_only(stack: Stack) -> None:
    stack.server.call("REPLICAOF", LOOPBACK, "1")


def make_writable(stack: Stack) -> None:
    stack.server.call("REPLICAOF", "NO", "ONE")


def fill(stack: Stack) -> None:
    stack.server.call("CONFIG", "SET", "maxmemory", "1mb")


def make_room(stack: Stack) -> None:
    stack.server.call("CONFIG", "SET", "maxmemory", "0")


def load_slowly(stack: Stack) -> None:
    stack.server.call_all([("SET", f"filler:{number}", number) for number in range(25_000)])
    stack.kill("valkey")
    stack.redis_options = ("--key-load-delay", "100")  # microseconds a command
    stack.start("valkey")


def await_loaded(stack: Stack) -> None:
    eventually(lambda: mode_of(stack) == "redis", "Redis has its data")


@pytest.mark.long
@pytest.mark.parametrize(
    ("begin", "end", "reason"),
    [
        (make_read_only, make_writable, "Redis is a read-only replica"),
        (fill, make_room, "Redis is full"),
        (load_slowly, await_loaded, "Redis is still loading its data"),
    ],
    ids=["read-only", "full", "loading"],
)
def test_a_redis_that_takes_nothing_is_noticed_by_no_sender(
    stack_of: StackOf, tally: Tally, begin: Callable[[Stack], None], end: Callable[[Stack], None], reason: str
) -> None:
    stack = stack_to(stack_of, tally)
    load = Load(stack, tally)
    load.run(BREATH)

    begin(stack)
    load.run(SHORT)
    end(stack)
    load.run(BREATH)
    load.end()

    load.assert_nobody_noticed()
    assert spooled(stack) == 0
    assert reason in (stack.folder / "web.log").read_text()


@pytest.mark.parametrize("is_away", [False, True], ids=["in Redis", "in the spool"])
def test_copies_that_come_at_once_count_once(stack_of: StackOf, tally: Tally, is_away: bool) -> None:
    stack = stack_to(stack_of, tally)
    if is_away:
        stack.kill("valkey")

    with ThreadPoolExecutor(16) as pool:
        for number in range(10):
            answers = list(pool.map(stack.push, [leads(10 * number, 10)] * 16))
            assert len({answer["push"] for answer in answers}) == 1
            assert [answer["duplicate"] for answer in answers].count(False) == 1
    if is_away:
        stack.start("valkey")

    eventually(lambda: len(tally.leads()) == 100, "every lead at the sink")
    assert len(tally.came) == 100
