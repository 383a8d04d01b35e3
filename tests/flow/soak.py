"""Minutes of deliveries, which the suite does not run by itself: what kills cost at length, and what a worker grows to.

pytest -n 0 tests/flow/soak.py
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flow_stack import Stack, configuration, eventually, leads
from senders import Senders
from tally import Tally
from test_what_stays_behind import BOUNDED, INDEXES

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]

SENDERS, PUSHES, SIZE = 4, 250, 100
"""Together 100,000 leads."""
EVERY = 0.05
FALLS = {"worker": 15_000, "valkey": 9_000}
"""How many deliveries lie between two kills of each."""
SETTLED_IN, EACH = 20_000, 10_000
"""Deliveries until a worker's memory counts, and between two looks at it."""
GROWTH = 1.1
AT_LENGTH = 900.0


def pushes_of(sender: int) -> Iterator[list[dict[str, str]]]:
    first = sender * PUSHES * SIZE
    return (leads(first + number * SIZE, SIZE) for number in range(PUSHES))


def delivering_to(tally: Tally, *sinks: str) -> str:
    written = "\n".join(f'  {name}: {{type: http, url: "{tally.url}/{name}", retry: {{for: 1h}}}}' for name in sinks)
    return configuration(sinks=written, routes=f"  - {{name: every-lead, to: [{', '.join(sinks)}]}}")


def memory_of(stack: Stack) -> float:
    """Resident MiB of the worker, with the process that routes for it."""
    return resident(stack.running["worker"].pid) / 1024


def resident(process: int) -> int:
    """Resident KiB of a process and its children."""
    own = Path(f"/proc/{process}/status").read_text().partition("VmRSS:")[2].split()[0]
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return int(own) + sum(resident(int(child)) for child in children)


def kill_and_start(stack: Stack, name: str) -> float:
    stack.kill(name)
    at = time.monotonic()
    stack.start(name)
    eventually(stack.has_redis, "Redis is there")
    return at


@pytest.mark.timeout(AT_LENGTH)
def test_a_hundred_thousand_leads_through_kills_of_worker_and_redis(
    stack_of: StackOf, tally: Tally, record_property: Figures
) -> None:
    stack = stack_of(delivering_to(tally, "api"))
    senders = Senders(stack.port, map(pushes_of, range(SENDERS)), EVERY)
    total, due = SENDERS * PUSHES * SIZE, dict(FALLS)
    kills: dict[str, list[float]] = {name: [] for name in FALLS}
    began = time.monotonic()

    def all_came() -> bool:
        came = len(tally.came)
        for name, apart in FALLS.items():
            if due[name] <= came < total:
                kills[name].append(kill_and_start(stack, name))
                due[name] = len(tally.came) + apart
        return senders.are_done and came >= total and len(tally.leads()) == total

    try:
        eventually(all_came, "every lead", patience=AT_LENGTH - 60)
    finally:
        repeated = repeats(tally)
        names = tally.names()
        record_property(
            "figures",
            f"Soak: {total} leads in {time.monotonic() - began:.0f} s, {len(kills['worker'])} kills of the worker and "
            f"{len(kills['valkey'])} of Redis; leads lost: {total - len(tally.leads())}, "
            f"duplicates: {len(tally.came) - len(names)}, "
            f"of these under another id: {sum(len(found) - 1 for found in names.values())}",
        )
    assert {len(found) for found in names.values()} == {1}
    moments = [at for found in kills.values() for at in found]
    assert all(any(first <= at <= last for at in moments) for first, last in repeated)


def repeats(tally: Tally) -> list[tuple[float, float]]:
    """The first and the last time of each delivery that came more than once."""
    came: dict[str, list[float]] = defaultdict(list)
    for one in tally.came.copy():
        came[one.name].append(one.at)
    return [(moments[0], moments[-1]) for moments in came.values() if len(moments) > 1]


@pytest.mark.timeout(AT_LENGTH)
def test_a_worker_does_not_grow_and_nothing_without_a_bound_stays(
    stack_of: StackOf, tally: Tally, record_property: Figures
) -> None:
    stack = stack_of(delivering_to(tally, "api", "too"))
    senders = Senders(stack.port, map(pushes_of, range(SENDERS)), EVERY)
    total = 2 * SENDERS * PUSHES * SIZE
    looks = {}

    for count in range(SETTLED_IN, total + 1, EACH):
        eventually(lambda count=count: len(tally.came) >= count, f"{count} deliveries", patience=300)
        looks[count] = memory_of(stack)
    eventually(lambda: senders.are_done, "every push is answered")
    eventually(lambda: not any(waiting(stack).values()), "nothing waits")

    first, most = looks[SETTLED_IN], max(looks.values())
    keys = unbounded(stack)
    record_property(
        "figures",
        f"Worker's memory: {first:.1f} MiB after {SETTLED_IN} deliveries, {most:.1f} MiB at most until {total} "
        f"({most / first:.3f} x), {looks[total]:.1f} MiB then; {stack.server.client.dbsize()} keys in Redis, "
        f"{len(keys)} of them without a bound or a time to live",
    )
    assert most <= GROWTH * first
    assert keys == []


def waiting(stack: Stack) -> dict[str, int]:
    client = stack.server.client
    return {key.decode(): client.xlen(key) for key in client.scan_iter("hr:*:*", _type="stream")}


def unbounded(stack: Stack) -> list[str]:
    client = stack.server.client
    lasting = [key.decode() for key in client.scan_iter("hr:*", count=1000) if client.ttl(key) == -1]
    kinds = {key: client.type(key).decode() for key in lasting}
    named = [key for key in lasting if key.split(":")[1].removesuffix("-records") in INDEXES]
    return [key for key in lasting if key not in named or kinds[key] not in BOUNDED]
