"""The address of Redis moves to another server while the former one, a replica by now, answers on: nothing stands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from endpoints import Endpoint
from flow_stack import Stack, configuration, eventually, leads, prepare
from fronts import Front
from senders import Senders
from tally import Tally
from valkeys import OwnValkey

SENDERS, LEADS, EVERY = 4, 5, 0.2
BETWEEN = 30
"""Deliveries between one move and the next."""
TO_AND_FRO = 3
PROCESSES = ("web", "worker", "scheduler")


@pytest.fixture
def endpoint(primary: OwnValkey, replica: OwnValkey) -> Iterator[Endpoint]:
    front = Front(primary.port)
    yield Endpoint(front=front, primary=primary, other=replica)
    front.close()


@pytest.fixture
def stack(tmp_path: Path, endpoint: Endpoint, tally: Tally) -> Iterator[Stack]:
    sink = f'  api: {{type: http, url: "{tally.url}/api", order: strict, retry: {{for: 1h}}}}'
    text = configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}")
    made = prepare(tmp_path, text, HOOKROUTER_REDIS_URL=endpoint.front.url)
    made.start(*PROCESSES)
    eventually(made.is_ready, "the receiver is ready")
    yield made
    made.close()


@pytest.mark.long
def test_all_processes_follow_without_a_restart_and_lose_nothing(
    endpoint: Endpoint, stack: Stack, tally: Tally
) -> None:
    is_over = False

    def versions_of(sender: int) -> Iterator[list[dict[str, str]]]:
        for version in count():
            if is_over:
                return
            at = f"2026-03-04 15:{version // 60:02}:{version % 60:02}"
            yield leads(sender * LEADS, LEADS, firstName=str(version), updateTimestamp=at)

    senders = Senders(stack.port, [versions_of(sender) for sender in range(SENDERS)], EVERY)
    for _ in range(TO_AND_FRO):
        seen = len(tally.came)
        eventually(lambda seen=seen: len(tally.came) > seen + BETWEEN, f"work goes on: {stack.logs()[-3000:]}")
        endpoint.fail_over()
    seen = len(tally.came)
    eventually(lambda: len(tally.came) > seen + BETWEEN, f"work goes on: {stack.logs()[-3000:]}")
    is_over = True
    eventually(lambda: senders.are_done, "every push is answered")

    due = senders.answered.acknowledged * LEADS
    eventually(lambda: len(tally.names()) == due, f"{due} updates at the sink: {stack.logs()[-3000:]}")
    assert dict(senders.answered.statuses) == {200: senders.answered.tries}
    assert {len(found) for found in tally.names().values()} == {1}
    for versions in tally.versions().values():
        assert versions == [str(number) for number in range(len(versions))]
    assert all(process.poll() is None for process in stack.running.values())
    assert "Redis is a read-only replica" in stack.logs()
