"""Partitions are changed up and down under load, over kills and an absence of Redis, of unlike processes:
nothing is lost, and each lead's updates arrive in their order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from flow_stack import Stack, configuration, eventually, leads
from senders import Senders
from tally import Tally

from hookrouter.domain.layout import INTAKE
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts

StackOf = Callable[..., Stack]
SENDERS, LEADS, VERSIONS = 4, 25, 40
EVERY = 0.6
"""Seconds between two pushes of one sender, each of which tells of a further state of all its leads: 24 in all."""


def pushes_of(sender: int) -> Iterator[list[dict[str, str]]]:
    for version in range(VERSIONS):
        moment = f"2026-03-04 15:{version:02}:11"
        yield leads(sender * LEADS, LEADS, firstName=f"Version{version:02}", updateTimestamp=moment)


class Operator:
    """Changes the number in one process after the other, as a rollout does."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.layouts = Layouts(Keys("hr"), 4)

    def change(self, partitions: int, *, dies: bool = False) -> None:
        """Have the scheduler want another number, and perhaps die of it; others keep theirs until they start anew."""
        self.stack.environment["HOOKROUTER_PARTITIONS"] = str(partitions)
        if "scheduler" in self.stack.running:
            self.stack.kill("scheduler")
        self.stack.start("scheduler")
        if dies:
            eventually(lambda: self.generation() > 0, "the change began")
            self.stack.kill("scheduler")

    def restart(self, name: str) -> None:
        self.stack.kill(name)
        self.stack.start(name)

    def generation(self) -> int:
        return self.layouts.read(self.stack.server).layout.intake.generation

    def has(self, partitions: int) -> bool:
        layout = self.layouts.read(self.stack.server).layout
        return not layout.changing and layout.of(INTAKE).streams == partitions


def versions_in_order() -> list[str]:
    return [f"Version{version:02}" for version in range(VERSIONS)]


@pytest.mark.long
@pytest.mark.timeout(240)
def test_partitions_change_under_load_over_kills_and_an_absence_of_redis(
    stack_of: StackOf, tally: Tally, record_property: Callable[[str, object], None]
) -> None:
    sink = f'  api: {{type: http, url: "{tally.url}/api", concurrency: 16, retry: {{for: 1h}}}}'
    stack = stack_of(
        configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}"),
        processes=("web", "worker", "second", "scheduler"),
        HOOKROUTER_PARTITIONS="4",
    )
    operator, senders = Operator(stack), Senders(stack.port, map(pushes_of, range(SENDERS)), EVERY)

    eventually(lambda: len(tally.came) > 100, "leads come through")
    operator.change(8, dies=True)
    operator.restart("worker")
    eventually(lambda: len(tally.came) > 500, "leads come through while nobody ends the change")
    stack.start("scheduler")
    eventually(lambda: operator.has(8), "eight partitions")

    stack.kill("valkey")
    operator.change(3)
    time.sleep(2.0)  # the receiver spools, by what it knows
    stack.start("valkey")
    eventually(stack.has_redis, "Redis is back")
    operator.restart("web")
    eventually(lambda: operator.has(3), "three partitions")

    operator.change(4)
    operator.restart("second")
    operator.restart("worker")
    eventually(lambda: senders.are_done, "all pushes are acknowledged", patience=90)
    eventually(lambda: len(tally.names()) == SENDERS * LEADS * VERSIONS, "every state of every lead", patience=60)
    eventually(lambda: operator.has(4), "four partitions")

    assert set(map(tuple, tally.versions().values())) == {tuple(versions_in_order())}
    assert {len(found) for found in tally.names().values()} == {1}
    record_property(
        "figures",
        f"Partitions 4, 8, 3, 4 under load: {len(tally.names())} states of {len(tally.leads())} leads, all in order, "
        f"{len(tally.came) - len(tally.names())} more than once; generation {operator.generation()}",
    )


@pytest.mark.long
def test_redis_emptied_in_the_middle_of_a_change_is_laid_out_anew_by_itself(stack_of: StackOf, tally: Tally) -> None:
    sink = f'  api: {{type: http, url: "{tally.url}/api"}}'
    stack = stack_of(configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}"), HOOKROUTER_PARTITIONS="4")
    operator = Operator(stack)
    stack.push(leads(0, 50))
    eventually(lambda: len(tally.leads()) == 50, "the leads of before")

    operator.change(8, dies=True)
    stack.server.call("FLUSHALL")
    stack.push(leads(50, 50))
    eventually(lambda: len(tally.leads()) == 100, "leads that came while nobody decides")
    stack.start("scheduler")
    eventually(lambda: operator.has(8), "eight partitions")
    stack.push(leads(100, 50))

    eventually(lambda: len(tally.leads()) == 150, "the leads of afterwards")
    assert "unreadable" not in stack.logs()
