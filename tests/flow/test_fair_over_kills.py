"""Ten thousand leads are given to people while the workers that give them out are killed."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction

import pytest
from flow_stack import HttpRecorder, Stack, configuration, eventually, leads

from hookrouter.domain.assignment import Decision
from hookrouter.store.keys import Keys
from hookrouter.store.teams import RedisTeams

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]

LEADS, A_PUSH = 10_000, 50
BETWEEN_KILLS = 400
"""Leads that are given out from one kill to the next, at least."""
SHARES = {"4": 2, "5": 1, "6": 1}
TEAM = """
teams:
  east:
    members:
      - {owner: 4, name: Ada Brown, share: 2}
      - {owner: 5, name: Ben Cole}
      - {owner: 6, name: Cem Diaz}
      - {owner: 7, name: Dee Fox, share: 3, away: 2020-01-01 to 2029-12-31}
"""


def decisions(stack: Stack) -> Sequence[Decision]:
    """All of them, the first one first."""
    memory = RedisTeams(server=stack.server, keys=Keys("hr"))
    return list(reversed(memory.decisions(None, None, limit=2 * LEADS).found))


def kill_until_all_are_given_out(stack: Stack) -> int:
    """Kill the workers in turn, whenever some more leads were given out; how often."""
    kills = given = 0
    client = stack.server.client
    while (count := client.xlen("hr:decisions")) < LEADS:
        victim = ("worker", "second")[kills % 2]
        if count >= given + BETWEEN_KILLS:
            stack.kill(victim)
            kills, given = kills + 1, count
            stack.start_heir(victim)
        eventually(lambda seen=count: client.xlen("hr:decisions") > seen, "some more are given out", patience=60)
    return kills


@pytest.mark.long
@pytest.mark.timeout(400)
def test_ten_thousand_leads_are_shared_fairly_and_each_is_given_once_while_workers_are_killed(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Figures
) -> None:
    body = '{lead: "{{ lead.id }}", owner: "{{ assigned.owner }}"}'
    sink = f'  api: {{type: http, url: "{recorder.url}/api", body: {body}}}'
    stack = stack_of(
        configuration(sinks=sink, routes="  - {name: every-lead, assign: east, to: [api]}", more=TEAM),
        HOOKROUTER_PARTITIONS="4",
    )
    stack.start("second")
    pushing = threading.Thread(
        target=lambda: [stack.push(leads(first, A_PUSH)) for first in range(0, LEADS, A_PUSH)], daemon=True
    )
    pushing.start()

    kills = kill_until_all_are_given_out(stack)
    pushing.join()
    owners: defaultdict[str, set[str]] = defaultdict(set)

    def all_arrived() -> bool:
        return len({arrival.headers["webhook-id"] for arrival in recorder.at("/api")}) >= LEADS

    eventually(all_arrived, "every lead at the sink", patience=200)
    for arrival in recorder.at("/api"):
        owners[arrival.json["lead"]].add(arrival.json["owner"])
    made = decisions(stack)
    given: Counter[str] = Counter()
    farthest = Fraction(0)
    for number, decision in enumerate(made, 1):
        given[decision.assigned.owner] += 1
        for owner, share in SHARES.items():
            farthest = max(farthest, abs(given[owner] - Fraction(number * share, sum(SHARES.values()))))
    record_property(
        "figures",
        f"{len(made)} leads given out over {kills} killed workers: {dict(given)}, at no moment more than "
        f"{float(farthest):.2f} of a lead off the shares 2:1:1, none twice, none to who is away",
    )
    assert kills >= 10
    assert len(made) == len({decision.lead_key for decision in made}) == LEADS
    assert farthest < 1
    assert set(given) == set(SHARES)
    assert owners == {decision.lead_key: {decision.assigned.owner} for decision in made}
