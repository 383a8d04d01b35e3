"""The CRM is away while its pushes go on: what needs it waits or goes without, as its route says, and nothing else."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from flow_stack import HttpRecorder, Stack, configuration, eventually

from hookrouter.runtime.crm_side import CRM_SECONDS
from hookrouter.testing.crm import SimulatedCrm, simulated_crm
from hookrouter.usecases.enriching.asking import AWAY

StackOf = Callable[..., Stack]
Figures = Callable[[str, object], None]
Change = tuple[str, str]
"""A lead and its new name."""

OUTAGE = float(os.environ.get("OUTAGE_SECONDS", "45"))
"""Seconds that the CRM is away: a third each with error pages, hanging, and with connections that are reset."""
FAULTS = ("html503", "slow", "reset")
LEADS, EVERY, AT_ONCE = 400, 0.5, 4
SINKS = """
  plain: {{type: http, url: "{url}/plain"}}
  patient: {{type: http, url: "{url}/patient"}}
  hasty: {{type: http, url: "{url}/hasty"}}
"""
ROUTES = """
  - {name: plain, to: [plain]}
  - {name: patient, enrich: {timeline: {}, lists: true}, to: [patient]}
  - {name: hasty, enrich: {timeline: {}, on_failure: deliver}, to: [hasty]}
"""


@pytest.fixture
def crm() -> Iterator[SimulatedCrm]:
    with simulated_crm(leads=LEADS) as made:
        yield made


def told_at(recorder: HttpRecorder, sink: str) -> list[Any]:
    return [arrival.json["data"] for arrival in recorder.at(f"/{sink}")]


def changes_at(recorder: HttpRecorder, sink: str) -> list[Change]:
    return [(told["lead"]["id"], told["lead"]["firstName"]) for told in told_at(recorder, sink)]


def by_lead(changes: Iterable[Change]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for lead, name in changes:
        found[lead].append(name)
    return found


class Pushed:
    """Leads that are changed in the CRM and pushed, each time with another name."""

    def __init__(self, crm: SimulatedCrm, recorder: HttpRecorder) -> None:
        self._crm, self._recorder = crm, recorder
        self._ids = list(crm.leads())
        self.changes: list[Change] = []

    def go_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for _ in range(AT_ONCE):
                number = len(self.changes)
                change = self._ids[number % len(self._ids)], f"Name{number}"
                self._crm.edit(change[0], firstName=change[1])
                self.changes.append(change)
            time.sleep(EVERY)

    def await_at(self, sink: str) -> None:
        due = by_lead(self.changes)
        eventually(lambda: by_lead(changes_at(self._recorder, sink)) == due, f"all changes at {sink}", patience=60)


@pytest.mark.long
@pytest.mark.timeout(OUTAGE + 200)
def test_while_the_crm_is_away_nothing_is_lost_and_only_those_wait_who_want_to(
    stack_of: StackOf, recorder: HttpRecorder, crm: SimulatedCrm, record_property: Figures
) -> None:
    account = f'account_id: {crm.account_id}, secret_key: "{crm.secret_key}", url: "{crm.api_url}", rate_limit: 200/s'
    stack = stack_of(configuration(sinks=SINKS.format(url=recorder.url), routes=ROUTES, more=f"crm: {{{account}}}"))
    crm.do(lambda simulator: simulator.pushes.subscribe(stack.hook))
    pushed = Pushed(crm, recorder)

    for fault in FAULTS:
        crm.fault(fault, seconds=CRM_SECONDS + 1)
        pushed.go_on(OUTAGE / len(FAULTS))
        pushed.await_at("plain")
        pushed.await_at("hasty")
        assert changes_at(recorder, "patient") == []
    withheld = len(pushed.changes)
    crm.fault("none")
    pushed.go_on(EVERY)
    began = time.monotonic()
    for sink in ("plain", "hasty", "patient"):
        pushed.await_at(sink)

    record_property(
        "figures",
        f"The CRM away for {OUTAGE:.0f} s: {withheld} changes told meanwhile without enrichment or with on_failure: "
        f"deliver, and with their histories within {time.monotonic() - began:.1f} s afterwards to who waits for that",
    )
    assert {told.get("timeline_missing") for told in told_at(recorder, "hasty")[:withheld]} == {AWAY}
    assert not any("timeline_missing" in told or "lists_missing" in told for told in told_at(recorder, "patient"))
    assert all(told["timeline"] for told in told_at(recorder, "patient"))
