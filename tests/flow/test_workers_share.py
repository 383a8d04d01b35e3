"""A worker that joins late gets its part of the intake and of the sinks, none of which is split, while all goes on."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable

import pytest
from flow_stack import Arrival, HttpRecorder, Stack, configuration, eventually, leads

from hookrouter.domain.ids import SinkName
from hookrouter.store.keys import Keys

StackOf = Callable[..., Stack]
PARTITIONS, SINKS = 8, 6
LEADS, VERSIONS = 40, 10
TAKES = 0.1
"""Seconds that the far side takes, for one delivery of each sink at a time."""
DULL = 400
"""Routes that no lead takes, so that judging leads takes a while."""
UNTOLD = 240
"""Pushes of leads that go nowhere, behind those that go to each sink."""


def text_of(url: str) -> str:
    sinks = "".join(
        f'  api-{number}: {{type: http, url: "{url}/{number}", concurrency: 1, order: strict}}\n'
        for number in range(SINKS)
    )
    names = ", ".join(f"api-{number}" for number in range(SINKS))
    dull = "".join(
        f"  - {{name: dull-{number}, match: {{leadScore: {{gte: {1000 + number}}}}}, to: [api-0]}}\n"
        for number in range(DULL)
    )
    return configuration(sinks=sinks, routes=f"{dull}  - {{name: told, match: {{companyName: Told}}, to: [{names}]}}")


def push_all(stack: Stack) -> None:
    for version in range(VERSIONS):
        moment = f"2026-03-04 15:{version:02}:11"
        stack.push(leads(0, LEADS, companyName="Told", firstName=f"Version{version:02}", updateTimestamp=moment))
    push_untold(stack, UNTOLD)


def push_untold(stack: Stack, pushes: int) -> None:
    for number in range(pushes):
        stack.push(leads(1000 + 50 * number, 50, leadScore="5"))


def shares(stack: Stack, streams: list[str]) -> list[int]:
    """How many of these streams each process serves."""
    tokens = stack.server.client.mget([Keys("hr").lease(stream) for stream in streams])
    return sorted(Counter(token.rpartition(b"_")[0] for token in tokens if token is not None).values())


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_worker_that_joins_late_gets_its_part_of_everything(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Callable[[str, object], None]
) -> None:
    def slow(_: Arrival) -> int:
        time.sleep(TAKES)
        return 204

    recorder.script = slow
    stack = stack_of(text_of(recorder.url), processes=("web", "scheduler"), HOOKROUTER_PARTITIONS=str(PARTITIONS))
    keys = Keys("hr")
    intakes = [keys.intake(number) for number in range(PARTITIONS)]
    outboxes = [keys.outbox(SinkName(f"api-{number}")) for number in range(SINKS)]
    push_all(stack)

    stack.start("worker")
    eventually(lambda: shares(stack, intakes) == [8], "the first worker serves the whole intake")
    eventually(lambda: shares(stack, outboxes) == [6], "and all sinks")
    joined = time.monotonic()
    stack.start("second")
    found: dict[str, float] = {}

    def are_shared() -> bool:
        if "intake" not in found and sum(map(stack.server.client.xlen, intakes)) < UNTOLD:
            push_untold(stack, 20)  # however long the second one takes to start, there is to be something to share
        for name, streams, part in (("intake", intakes, [4, 4]), ("sinks", outboxes, [3, 3])):
            if name not in found and shares(stack, streams) == part:
                found[name] = time.monotonic() - joined
        return len(found) == 2

    eventually(are_shared, "both serve half of all")
    eventually(lambda: len(recorder.arrivals) >= SINKS * LEADS * VERSIONS, "all is delivered", patience=90)

    came: dict[tuple[str, str], list[str]] = defaultdict(list)
    for arrival in recorder.arrivals:
        lead = arrival.json["data"]["lead"]
        came[arrival.path, lead["id"]].append(lead["firstName"])
    assert len(came) == SINKS * LEADS
    assert set(map(tuple, came.values())) == {tuple(f"Version{each:02}" for each in range(VERSIONS))}
    told = ", ".join(f"{name} after {seconds:.1f} s" for name, seconds in found.items())
    record_property("figures", f"A second worker joins a backlog: half of the {told}; all in order, none twice")
