"""A sink's shards are changed up and down under load while its workers are killed: nothing is lost, each lead is told
of in order, and both workers deliver."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flow_stack import Stack, configuration, eventually, leads
from senders import Senders
from tally import Tally

from hookrouter.domain.ids import SinkName
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts

StackOf = Callable[..., Stack]
API = SinkName("api")
SENDERS, LEADS, VERSIONS = 2, 40, 40
EVERY = 0.5
"""Seconds between two pushes of one sender, each of which tells of a further state of all its leads: 20 in all."""


def pushes_of(sender: int) -> Iterator[list[dict[str, str]]]:
    for version in range(VERSIONS):
        moment = f"2026-03-04 15:{version:02}:11"
        yield leads(sender * LEADS, LEADS, firstName=f"Version{version:02}", updateTimestamp=moment)


def text_of(tally: Tally, shards: int) -> str:
    sink = f'  api: {{type: http, url: "{tally.url}/api", concurrency: 4, order: strict, shards: {shards}}}'
    return configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}")


class Operator:
    """Edits the configuration, and sees what comes of it."""

    def __init__(self, stack: Stack, tally: Tally) -> None:
        self.stack, self.tally = stack, tally
        self.keys = Keys("hr")
        self.layouts = Layouts(self.keys, 4)
        self.served_by: set[str] = set()

    def change(self, shards: int) -> None:
        (self.stack.folder / "hookrouter.yaml").write_text(text_of(self.tally, shards))

    def has(self, shards: int) -> bool:
        layout = self.layouts.read(self.stack.server).layout
        return not layout.changing and layout.outbox(API).streams == shards

    def changes(self) -> bool:
        return bool(self.layouts.read(self.stack.server).layout.changing)

    def is_served_by_two(self) -> bool:
        places = self.layouts.read(self.stack.server).layout.outbox(API).own
        found = [self.stack.server.call("GET", self.keys.lease(self.keys.outbox(API, *place))) for place in places]
        self.served_by |= {token.decode().rpartition("_")[0] for token in found if token is not None}
        return len(self.served_by) > 1


@pytest.mark.long
@pytest.mark.timeout(240)
def test_shards_change_under_load_over_kills(
    stack_of: StackOf, tally: Tally, record_property: Callable[[str, object], None]
) -> None:
    stack = stack_of(text_of(tally, 1), processes=("web", "worker", "second", "scheduler"))
    operator, senders = Operator(stack, tally), Senders(stack.port, map(pushes_of, range(SENDERS)), EVERY)
    eventually(lambda: len(tally.came) > 100, "leads come through")

    operator.change(4)
    eventually(lambda: operator.has(4), "four shards")
    eventually(operator.is_served_by_two, "both workers serve shards")
    operator.change(3)
    eventually(operator.changes, "another change")
    stack.kill("worker")
    stack.kill("scheduler")
    stack.start("worker")
    eventually(lambda: operator.has(3), "three shards, by the workers alone", patience=60)
    stack.start("scheduler")
    stack.run("pause", "api")
    operator.change(1)
    eventually(lambda: operator.has(1), "one shard, while the sink is paused")
    stack.run("resume", "api")
    eventually(lambda: senders.are_done, "all pushes are acknowledged", patience=90)
    eventually(lambda: len(tally.names()) == SENDERS * LEADS * VERSIONS, "every state of every lead", patience=60)

    assert set(map(tuple, tally.versions().values())) == {tuple(f"Version{each:02}" for each in range(VERSIONS))}
    assert {len(found) for found in tally.names().values()} == {1}
    record_property(
        "figures",
        f"Shards 1, 4, 3, 1 under load, a worker and the scheduler killed: {len(tally.names())} states of "
        f"{len(tally.leads())} leads, all in order, {len(tally.came) - len(tally.names())} more than once",
    )
