"""Everything is killed again and again at random moments: every lead of every acknowledged push arrives, by one name.

HOOKROUTER_FAULT_SEED=7 pytest tests/flow/test_faults.py    other moments than the usual
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator

import pytest
from flow_stack import Stack, configuration, eventually, leads
from nemesis import Nemesis
from senders import Senders
from tally import Tally

StackOf = Callable[..., Stack]

SEED = int(os.environ.get("HOOKROUTER_FAULT_SEED", "20261124"))
SENDERS, PUSHES, SIZE = 6, 140, 25
EVERY = 0.3
"""Seconds between two pushes of one sender: all of them last for 42."""


def pushes_of(sender: int) -> Iterator[list[dict[str, str]]]:
    first = sender * PUSHES * SIZE
    return (leads(first + number * SIZE, SIZE) for number in range(PUSHES))


@pytest.mark.long
@pytest.mark.timeout(300)
def test_whatever_is_killed_loses_no_lead_of_an_acknowledged_push(
    stack_of: StackOf, tally: Tally, record_property: Callable[[str, object], None]
) -> None:
    sink = f'  api: {{type: http, url: "{tally.url}/api", retry: {{for: 1h}}}}'
    stack = stack_of(configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}"))
    senders = Senders(stack.port, map(pushes_of, range(SENDERS)), EVERY)
    answered = senders.answered
    nemesis = Nemesis(stack, random.Random(SEED), lambda: answered.acknowledged, lambda: len(tally.came))
    pushed = {lead["id"] for sender in range(SENDERS) for push in pushes_of(sender) for lead in push}

    while not senders.are_done:
        nemesis.stir()
        time.sleep(0.01)
    nemesis.rest()
    try:
        eventually(lambda: len(tally.came) >= len(pushed) and not pushed - tally.leads(), "every lead", patience=120)
    finally:
        record_property("figures", figures_of(pushed, tally, nemesis, senders))

    assert senders.answered.acknowledged == SENDERS * PUSHES
    assert {len(found) for found in tally.names().values()} == {1}
    assert nemesis.kills.total() >= 20
    eventually(lambda: not nemesis.orphans(), "receivers without a master have ended")


def figures_of(pushed: set[str], tally: Tally, nemesis: Nemesis, senders: Senders) -> str:
    names, answered, kills = tally.names(), senders.answered, nemesis.kills
    return (
        f"Faults, seed {SEED}: {answered.tries} pushes sent, {answered.acknowledged} acknowledged "
        f"with {len(pushed)} leads; "
        f"{kills.total()} kills ({', '.join(f'{count} of {kind}' for kind, count in kills.most_common())}); "
        f"leads lost: {len(pushed - tally.leads())}, duplicates: {len(tally.came) - len(names)}, "
        f"of these under another id: {sum(len(found) - 1 for found in names.values())}"
    )
