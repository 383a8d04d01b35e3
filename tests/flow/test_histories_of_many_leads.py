"""Thousands of leads, each pushed twice, want their histories: no call is over the rate, and none is made twice."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest
from flow_stack import Stack, configuration, eventually
from tally import Tally

from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.server import Simulator
from hookrouter.testing.crm import SimulatedCrm, simulated_crm

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]

LEADS = int(os.environ.get("HISTORIES_OF_LEADS", "4000"))
"""Ten thousand take minutes where other tests run beside."""
AT_ONCE, RATE = 50, 200
"""So few changed at once that the simulator, which counts calls as it comes to them, is never long away from them."""


@pytest.fixture
def crm() -> Iterator[SimulatedCrm]:
    with simulated_crm(leads=LEADS, allowance=Allowance(per_second=RATE), pushing=Pushing(batch_delay=0.02)) as made:
        yield made


def change_all(crm: SimulatedCrm, name: str) -> None:
    """Have each lead changed once, so that each is pushed."""
    leads = list(crm.leads())

    def change(simulator: Simulator, some: list[str]) -> None:
        for lead in some:
            simulator.book.update({"id": lead, "firstName": name}, strict=True)

    for first in range(0, len(leads), AT_ONCE):
        some = leads[first : first + AT_ONCE]
        crm.do(lambda simulator, some=some: change(simulator, some))  # type: ignore[misc]
        crm.wait_until_pushed()


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_histories_of_thousands_of_leads_are_asked_for_once_and_never_too_fast(
    stack_of: StackOf, crm: SimulatedCrm, tally: Tally, record_property: Figures
) -> None:
    account = (
        f'account_id: {crm.account_id}, secret_key: "{crm.secret_key}", url: "{crm.api_url}", rate_limit: {RATE}/s'
    )
    stack = stack_of(
        configuration(
            sinks=f'  api: {{type: http, url: "{tally.url}/api"}}',
            routes="  - {name: every-lead, enrich: {timeline: {}}, to: [api]}",
            more=f"crm: {{{account}}}",
        )
    )
    crm.do(lambda simulator: simulator.pushes.subscribe(stack.hook))

    began = time.monotonic()
    change_all(crm, "First")
    change_all(crm, "Second")
    eventually(lambda: len(tally.names()) == 2 * LEADS, "every change of every lead at the sink", patience=200)

    told = crm.status()
    record_property(
        "figures",
        f"Histories of {LEADS} leads, each pushed twice: {told['calls']} calls in {time.monotonic() - began:.0f} s, "
        f"at most {told['most_calls_in_a_second']} in any second of {RATE} allowed, {told['calls_over_rate']} over",
    )
    assert told["calls_by_method"] == {"getLeadTimeline": LEADS}
    assert told["calls_over_rate"] == 0
