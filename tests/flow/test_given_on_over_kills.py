"""Thousands of leads go on to the next person, while the workers that remind and give out are killed."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from flow_crm import ACCOUNT, SECRET
from flow_stack import Arrival, HttpRecorder, Stack, configuration, eventually, leads

from hookrouter.domain.assignment import Decision
from hookrouter.store.keys import Keys
from hookrouter.store.teams import RedisTeams
from hookrouter.wire.kept.clocks import BEGAN, read_clock, write_began

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]

LEADS, A_PUSH = 2_400, 50
BETWEEN_KILLS = 200
"""Decisions from one kill to the next, at least."""
STEP = "5m"
SHARES = {"4": 2, "5": 1, "6": 1}
TEAM = """
teams:
  east:
    members:
      - {owner: 4, name: Ada Brown, share: 2}
      - {owner: 5, name: Ben Cole}
      - {owner: 6, name: Cem Diaz}
"""
ROUTE = f"""
  - name: every-lead
    assign: east
    to: [api, writeback]
    follow_up:
      - {{after: {STEP}, assign: next, to: [api], say: "{{{{ lead.id }}}} is {{{{ assigned.owner }}}}'s now"}}
"""


class Crm:
    """Takes what is written to leads, and knows none of them when it is asked."""

    def __init__(self, line: HttpRecorder) -> None:
        line.script, line.words = (lambda arrival: 200 if "/crm" in arrival.path else 204), self._answer
        self.owners: defaultdict[str, list[str]] = defaultdict(list)

    def _answer(self, arrival: Arrival) -> bytes:
        call = arrival.json
        if call["method"] == "getLeads":
            return json.dumps({"result": {"lead": []}, "error": None, "id": call["id"]}).encode()
        written = call["params"]["objects"]
        for each in written:
            self.owners[each["id"]].append(each["ownerID"])
        result = {"updates": [{"success": True, "error": None} for _ in written]}
        return json.dumps({"result": result, "error": None, "id": call["id"]}).encode()


def decisions(stack: Stack) -> Sequence[Decision]:
    """All of them, the first one first."""
    memory = RedisTeams(server=stack.server, keys=Keys("hr"))
    return list(reversed(memory.decisions(None, None, limit=4 * LEADS).found))


def let_time_pass(stack: Stack, over: threading.Event) -> None:
    """Set back all clocks that run, in one step each, so that their first step is due at once."""
    keys, client = Keys("hr"), stack.server.client
    while not over.wait(0.1):
        now = client.time()[0] * 1000
        for name in client.zrangebyscore(keys.clocks(), now + 1000, "+inf"):
            key = keys.clock(name.decode())
            clock = read_clock(client.hgetall(key))
            if clock is not None:
                earlier = write_began(replace(clock, began=clock.began - timedelta(hours=1)))
                client.pipeline().hset(key, BEGAN, earlier).zadd(keys.clocks(), {name: now}).execute()


def kill_until_all_are_given_on(stack: Stack) -> int:
    """Kill the workers in turn, whenever some more leads were given out; how often."""
    kills = given = 0
    client = stack.server.client
    while (count := client.xlen("hr:decisions")) < 2 * LEADS:
        victim = ("worker", "second")[kills % 2]
        if count >= given + BETWEEN_KILLS:
            stack.kill(victim)
            kills, given = kills + 1, count
            stack.start_heir(victim)
        eventually(lambda seen=count: client.xlen("hr:decisions") > seen, "some more are given out", patience=60)
    return kills


def farthest_off(made: Sequence[Decision]) -> Fraction:
    """How far anybody was off the own share at any moment, of the leads that the person might have."""
    had: defaultdict[str, set[str]] = defaultdict(set)
    owed: defaultdict[str, Fraction] = defaultdict(Fraction)
    farthest = Fraction(0)
    for decision in made:
        there = {owner: share for owner, share in SHARES.items() if owner not in had[decision.lead_key]}
        for owner, share in there.items():
            owed[owner] += Fraction(share, sum(there.values()))
        owed[decision.assigned.owner] -= 1
        had[decision.lead_key].add(decision.assigned.owner)
        farthest = max(farthest, *map(abs, owed.values()))
    return farthest


@pytest.mark.long
@pytest.mark.timeout(400)
def test_thousands_of_leads_go_to_another_person_once_while_workers_are_killed(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Figures
) -> None:
    crm = Crm(recorder)
    body = '{lead: "{{ lead.id }}", owner: "{{ assigned.owner }}", step: "{{ step }}", say: "{{ say }}"}'
    sinks = f'  api: {{type: http, url: "{recorder.url}/api", order: none, body: {body}}}\n'
    sinks += '  writeback: {type: crm, action: update, fields: {ownerID: "{{ assigned.owner }}"}}'
    account = f'crm: {{account_id: {ACCOUNT}, secret_key: "{SECRET}", url: "{recorder.url}/crm/", rate_limit: 500/s}}'
    stack = stack_of(configuration(sinks=sinks, routes=ROUTE, more=account + TEAM), HOOKROUTER_PARTITIONS="4")
    stack.start("second")
    over = threading.Event()
    threads = [
        threading.Thread(
            target=lambda: [stack.push(leads(first, A_PUSH)) for first in range(0, LEADS, A_PUSH)], daemon=True
        ),
        threading.Thread(target=let_time_pass, args=(stack, over), daemon=True),
    ]
    for thread in threads:
        thread.start()

    kills = kill_until_all_are_given_on(stack)
    over.set()
    for thread in threads:
        thread.join()
    made = decisions(stack)
    given: defaultdict[str, list[str]] = defaultdict(list)
    for decision in made:
        given[decision.lead_key].append(decision.assigned.owner)

    def names(step: str) -> set[str]:
        return {each.headers["webhook-id"] for each in recorder.at("/api") if each.json["step"] == step}

    eventually(lambda: len(names("")) + len(names(STEP)) >= 2 * LEADS, "every lead told twice", patience=100)
    eventually(
        lambda: all(crm.owners[lead][-1:] == owners[1:] for lead, owners in given.items()), "the CRM knows", patience=60
    )
    reminders = {each.json["lead"]: each.json for each in recorder.at("/api") if each.json["step"]}
    farthest = farthest_off(made)
    counts = Counter(owners[1] for owners in given.values())
    record_property(
        "figures",
        f"{len(given)} leads given on over {kills} killed workers: {dict(counts)} got them from others, at no moment "
        f"more than {float(farthest):.2f} of a lead off what each was to get",
    )
    assert kills >= 8
    assert len(made) == 2 * LEADS
    assert {len(owners) for owners in given.values()} == {len(set(owners)) for owners in given.values()} == {2}
    assert len(names("")) == len(names(STEP)) == LEADS
    assert {lead: (each["owner"], each["say"]) for lead, each in reminders.items()} == {
        lead: (owners[1], f"{lead} is {owners[1]}'s now") for lead, owners in given.items()
    }
    assert farthest < 2
    told = {lead: without_repeats(crm.owners[lead]) for lead in given}
    assert [lead for lead, owners in given.items() if told[lead] not in (owners, owners[1:])] == []


def without_repeats(owners: Sequence[Any]) -> list[Any]:
    return [owner for before, owner in zip([None, *owners], owners, strict=False) if owner != before]
