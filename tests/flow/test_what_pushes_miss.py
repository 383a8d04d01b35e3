"""Pushes are lost, doubled and reordered: the sink ends up with what the CRM has, and reconcile tells the loss."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flow_stack import Stack, configuration, eventually
from tally import Tally

from hookrouter.clock import SystemClock
from hookrouter.domain.html_entities import decoded
from hookrouter.domain.ids import SourceName
from hookrouter.domain.reconciling import LEFT_TO_ITS_PUSH
from hookrouter.simulator.pushing import Pushing
from hookrouter.store.keys import Keys
from hookrouter.store.reconciling import BEGUN, DUE
from hookrouter.testing.crm import SimulatedCrm, simulated_crm

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]

LEADS, CHANGES, AT_ONCE = 8_000, 20_000, 100
PAUSE = 0.15
"""Seconds between so many changes at once: two of one lead shall seldom lie within one of the CRM's seconds."""
SETTLING = timedelta(seconds=8)
"""How long a change is left to its push: the CRM's clock is behind by the rest of the minute."""
BADLY = Pushing(lost=0.3, doubled=0.1, reordered=0.1, held=5.0, batch_delay=0.05)


class Behind(SystemClock):
    """A clock that is behind."""

    def now(self) -> datetime:
        return super().now() - (LEFT_TO_ITS_PUSH - SETTLING)


@pytest.fixture
def crm() -> Iterator[SimulatedCrm]:
    with simulated_crm(leads=LEADS, pushing=BADLY, clock=Behind()) as made:
        yield made


def make_changes(crm: SimulatedCrm, count: int) -> None:
    for _ in range(count // AT_ONCE):
        crm.make_changes(AT_ONCE)
        time.sleep(PAUSE)


def have_it_reconcile(stack: Stack) -> None:
    """Let the hour be over; the next kick has a worker reconcile."""
    stack.server.client.hdel(Keys("hr").reconcile(SourceName("crm")), DUE)


def have_it_begun_earlier(stack: Stack) -> None:
    """Let it have looked first when the CRM's clock, which is behind, showed the beginning of the test."""
    key = Keys("hr").reconcile(SourceName("crm"))
    begun = eventually(lambda: stack.server.client.hget(key, BEGUN), "it has looked first")
    stack.server.client.hset(key, BEGUN, float(begun) - LEFT_TO_ITS_PUSH.total_seconds())


def content(lead: dict[str, Any]) -> dict[str, Any]:
    """A lead but for its time of update: that moves also where one was changed and changed back."""
    return {name: value for name, value in decoded(lead).items() if name != "updateTimestamp"}


def different(crm: SimulatedCrm, tally: Tally) -> list[str]:
    """The changed leads of which the sink has another state last than the CRM."""
    leads = crm.leads()
    changed = crm.do(lambda simulator: simulator.pushes.ledger.changed())
    return [lead for lead in changed if content(tally.last.get(lead, {})) != content(leads[lead])]


def share_of_the_metric(stack: Stack) -> float | None:
    found = re.search(rb"^hookrouter_push_missed_share(?:{.*})? (\S+)$", stack.get("/metrics")[1], re.MULTILINE)
    return float(found[1]) if found else None


@pytest.mark.long
@pytest.mark.timeout(240)
def test_what_pushes_lose_double_and_reorder_comes_right_and_is_told(
    stack_of: StackOf, crm: SimulatedCrm, tally: Tally, record_property: Figures
) -> None:
    account = f'account_id: {crm.account_id}, secret_key: "{crm.secret_key}", url: "{crm.api_url}", rate_limit: 50/s'
    stack = stack_of(
        configuration(
            sinks=f'  api: {{type: http, url: "{tally.url}/api", retry: {{for: 1h}}}}',
            routes="  - {name: every-lead, to: [api]}",
            more=f"crm: {{{account}, reconcile: {{every: 1h}}}}",
        ),
    )
    have_it_begun_earlier(stack)
    crm.do(lambda simulator: simulator.pushes.subscribe(stack.hook))

    make_changes(crm, CHANGES // 2)
    have_it_reconcile(stack)  # while pushes go on
    make_changes(crm, CHANGES // 2)
    crm.wait_until_pushed()
    of_worker = eventually(lambda: share_of_the_metric(stack), "the worker has reconciled")
    time.sleep(SETTLING.total_seconds())
    of_command = json.loads(stack.run("reconcile", "--json"))
    eventually(lambda: not different(crm, tally), "the sink has of every lead what the CRM has", patience=60)

    told, of_both = crm.status(), share_of_the_metric(stack)
    lost = told["leads_lost"] / told["changes"]
    found = of_command["missed"] + of_command["known"]
    share = of_command["missed"] / found
    record_property(
        "figures",
        f"{told['changes']} changes, of which {lost:.3f} lost, {told['leads_doubled']} doubled, "
        f"{told['leads_reordered']} reordered, {told['leads_overtaken']} overtaken: missed by the worker's run amid "
        f"the pushes {of_worker:.3f}, by the command's of {found} leads {share:.3f}, by both {of_both:.3f}; "
        f"{len(tally.last)} leads at the sink in {len(tally.came)} deliveries",
    )
    assert tally.undone == []
    assert share == pytest.approx(lost, rel=0.1)
    assert of_both == pytest.approx(lost, rel=0.1)
