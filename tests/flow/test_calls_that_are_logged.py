"""Workers are killed amid batches of calls that they log in the CRM: none is logged twice, none lost in silence."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from flow_stack import Stack, configuration, eventually

from hookrouter.crm import Client
from hookrouter.testing.crm import SimulatedCrm, simulated_crm

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]
LEADS, KILLS = 240, 4


@pytest.fixture
def crm() -> Iterator[SimulatedCrm]:
    with simulated_crm(leads=LEADS) as made:
        yield made


def logged(crm: SimulatedCrm) -> Counter[str]:
    """How many calls each lead has that this test's sink logged."""

    async def ask() -> Counter[str]:
        keys = {"account_id": crm.account_id, "secret_key": crm.secret_key, "url": crm.api_url}
        async with Client(**keys, calls_a_second=1000) as client:
            events = [event async for event in client.get_events()]
        return Counter(str(event.raw["leadID"]) for event in events if event.source == "outgoingCall")

    return asyncio.run(ask())


def undelivered(stack: Stack) -> int:
    checks = json.loads(stack.get("/health")[1])["checks"]
    return sum(int(part[0]["observedValue"]) for name, part in checks.items() if name.startswith("sink:"))


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_call_is_never_logged_twice_whenever_its_worker_is_killed(
    stack_of: StackOf, crm: SimulatedCrm, record_property: Figures
) -> None:
    account = f'account_id: {crm.account_id}, secret_key: "{crm.secret_key}", url: "{crm.api_url}", rate_limit: 100/s'
    sink = '  called: {type: crm, action: log_call, fields: {userID: "7", direction: outgoing}}'
    stack = stack_of(
        configuration(sinks=sink, routes="  - {name: all, to: [called]}", more=f"crm: {{{account}}}"),
    )
    before, leads = logged(crm), list(crm.leads().values())

    share = LEADS // KILLS
    for kill in range(KILLS):
        struck = crm.status()["calls_struck"]
        crm.fault("slow_body" if kill % 2 else "slow", seconds=3600, methods=["logCalls"])  # made already, or not yet
        stack.push(leads[kill * share : (kill + 1) * share])
        eventually(lambda before=struck: crm.status()["calls_struck"] > before, "a batch is on its way")  # type: ignore[misc]
        stack.kill("worker")
        crm.fault("none")
        stack.start_heir()
    eventually(lambda: undelivered(stack) == 0, "nothing waits", patience=120)

    now = logged(crm)
    times = Counter({lead["id"] or "": now[lead["id"] or ""] - before[lead["id"] or ""] for lead in leads})
    doubted = [
        each
        for each in json.loads(stack.run("dead", "list", "--limit", "1000", "--json"))
        if each["reason"] == "in_doubt"
    ]
    record_property(
        "figures",
        f"{KILLS} workers killed amid batches of {LEADS} calls to log: {sum(times.values())} logged, none twice, "
        f"{len(doubted)} in doubt",
    )
    assert max(times.values()) == 1
    assert [*times.values()].count(0) <= len(doubted)
