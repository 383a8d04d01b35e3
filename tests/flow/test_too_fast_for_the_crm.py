"""The CRM allows fewer calls a second than we were told: it says so by 107, nothing is lost, and all comes in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flow_stack import Stack, configuration, eventually
from tally import Tally

from hookrouter.simulator.allowance import Allowance
from hookrouter.testing.crm import SimulatedCrm, simulated_crm

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]
LEADS, ALLOWED = 120, 8


@pytest.fixture
def crm() -> Iterator[SimulatedCrm]:
    with simulated_crm(leads=LEADS, allowance=Allowance(per_second=ALLOWED)) as made:
        yield made


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_crm_that_is_asked_too_often_a_second_loses_nothing(
    stack_of: StackOf, crm: SimulatedCrm, tally: Tally, record_property: Figures
) -> None:
    account = f'account_id: {crm.account_id}, secret_key: "{crm.secret_key}", url: "{crm.api_url}", rate_limit: 40/s'
    sinks = f'  told: {{type: http, url: "{tally.url}/told"}}\n'
    sinks += '  titled: {type: crm, action: update, fields: {description: "seen"}}'
    text = configuration(
        sinks=sinks,
        routes="  - {name: told, enrich: {timeline: {}, on_failure: wait}, to: [told]}\n  - {name: back, to: [titled]}",
        more=f"crm: {{{account}}}",
    )
    stack = stack_of(text.replace("{token:", "{read_back: always, token:"))
    crm.do(lambda simulator: simulator.pushes.subscribe(stack.hook))
    leads = list(crm.leads())
    for lead in leads:
        crm.edit(lead, title="First")

    eventually(lambda: tally.leads() == set(leads), "every lead has its history", patience=150)
    eventually(
        lambda: {lead["description"] for lead in crm.leads().values()} == {"seen"}, "each is written", patience=60
    )
    told = crm.status()
    record_property(
        "figures",
        f"{ALLOWED} calls a second allowed, 40 thought: of {told['calls']} calls {told['calls_over_rate']} refused",
    )
    assert told["calls_over_rate"] > 0
    assert told["calls_over_rate"] < told["calls"] / 2
    assert stack.run("dead", "list", "--json").strip() in ("[]", "")
