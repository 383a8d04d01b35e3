"""The day's calls run out while everybody wants some: histories give way first, then missed changes, read-back last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from flow_stack import Stack, configuration, eventually
from tally import Tally

from hookrouter.domain.ids import SourceName
from hookrouter.store.crm_calls import quota_of
from hookrouter.store.keys import Keys
from hookrouter.store.reconciling import DUE
from hookrouter.testing.crm import SimulatedCrm, simulated_crm

StackOf = Callable[..., Stack]
LEADS, DAILY = 330, 300
KEYS = Keys("hr")


@pytest.fixture
def crm() -> Iterator[SimulatedCrm]:
    with simulated_crm(leads=LEADS) as made:
        yield made


def used(stack: Stack) -> int:
    return quota_of(stack.server, KEYS, DAILY).used


def calls(crm: SimulatedCrm, method: str) -> int:
    return int(crm.status()["calls_by_method"].get(method, 0))


def have_it_reconcile(stack: Stack) -> bool:
    """Have a worker reconcile at the next kick, again and again; whether the calls are so many that it may no more."""
    stack.server.client.hdel(KEYS.reconcile(SourceName("crm")), DUE)
    return used(stack) >= DAILY * 0.95


def await_calls(stack: Stack, crm: SimulatedCrm) -> None:
    """Wait until each call whose turn was counted has come to the CRM."""
    eventually(lambda: crm.status()["calls"] >= used(stack), "the calls that were given turns are made")


@pytest.mark.long
@pytest.mark.timeout(300)
def test_who_gives_way_when_the_days_calls_run_out(stack_of: StackOf, crm: SimulatedCrm, tally: Tally) -> None:
    account = f'account_id: {crm.account_id}, secret_key: "{crm.secret_key}", url: "{crm.api_url}", rate_limit: 100/s'
    text = configuration(
        sinks=f'  told: {{type: http, url: "{tally.url}/told"}}\n  plain: {{type: stdout}}',
        routes="  - {name: told, enrich: {timeline: {}, on_failure: wait}, to: [told]}\n  - {name: all, to: [plain]}",
        more=f"crm: {{{account}, daily_limit: {DAILY}, reconcile: {{every: 1h}}}}",
    )
    stack = stack_of(text.replace("{token:", "{read_back: always, token:"))
    crm.do(lambda simulator: simulator.pushes.subscribe(stack.hook))
    leads = list(crm.leads())
    for lead in leads:
        crm.edit(lead, title="First")

    eventually(lambda: used(stack) >= DAILY * 0.9, "the histories have used up their share")
    await_calls(stack, crm)
    histories = calls(crm, "getLeadTimeline")
    waits_of_histories = len(tally.came)
    eventually(lambda: have_it_reconcile(stack), "reconcile has used up its share", patience=120)
    await_calls(stack, crm)
    reconciled = calls(crm, "getLeadsDateRange")

    edits = count()

    def is_spent() -> bool:
        crm.edit(leads[-1], title=f"Again{next(edits)}")
        return used(stack) >= DAILY

    eventually(is_spent, "reading back has used up the day", patience=120)
    for lead in leads[:5]:
        crm.edit(lead, title="Last")
    have_it_reconcile(stack)
    await_calls(stack, crm)
    quota = quota_of(stack.server, KEYS, DAILY)
    spent = crm.status()

    assert 0 < histories == calls(crm, "getLeadTimeline")
    assert 0 < reconciled == calls(crm, "getLeadsDateRange")
    assert spent["calls"] == DAILY
    assert quota.gives_way == "nothing is asked of the CRM any more"
    assert waits_of_histories < LEADS
    assert b"nothing is asked of the CRM any more" in stack.get("/health")[1]

    crm.do(lambda simulator: setattr(simulator.meter, "used_today", 0))  # another day there
    stack.server.client.hset(KEYS.crm_calls(), "ask", 1)  # and an hour later
    eventually(lambda: tally.leads() == set(leads), "every lead has its history", patience=120)
    eventually(lambda: {tally.last[lead]["title"] for lead in leads[:5]} == {"Last"}, "and what waited to be read back")
