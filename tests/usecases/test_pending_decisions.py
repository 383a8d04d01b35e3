"""Routes that a lead's history must tell: a simulated CRM over HTTP, a real server, and nothing in between left out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from enrich_support import PLAIN, Desk, alike, crm_id, desk_at

from hookrouter.crm.timeline import CrmHistory
from hookrouter.domain.case import Case
from hookrouter.domain.errors import CrmAway
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.lead import Json
from hookrouter.domain.routing import RouteTable
from hookrouter.ports.stages import Stage
from hookrouter.runtime.desk import Desk as OperatorsDesk
from hookrouter.simulator.faults import FaultMode
from hookrouter.usecases.enriching.decide import ENTRIES_A_STEP

CALLED = "  - {name: called, match_timeline: {outgoingCall: {count: {gte: 1}, within: 1h}}, to: [some]}\n"
AWAY = [FaultMode.HTML_503, FaultMode.HTML_200, FaultMode.THROTTLED, FaultMode.QUOTA]


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url) as made:
        yield made


async def test_what_the_history_tells_decides_and_what_needs_none_goes_at_once(stage: Desk) -> None:
    stage.configure(CALLED + PLAIN)
    await stage.call_happens(crm_id(0))

    push = stage.push({"id": crm_id(0)}, {"id": crm_id(1)})
    await stage.route()
    at_once = (await stage.handed("all"), await stage.handed("some"), stage.waiting())
    decided = await stage.decide()

    assert at_once == ([("plain", push), ("plain", push)], [], 2)
    assert decided
    assert await stage.handed("all") == [("plain", push), ("plain", push)]
    assert await stage.handed("some") == [("called", push)]
    assert stage.waiting() == 0
    assert stage.wake.rings == [Stage.DELIVER, Stage.ENRICH, Stage.DELIVER]


@pytest.mark.parametrize("mode", AWAY)
async def test_while_the_crm_is_away_only_what_needs_it_waits_and_then_keeps_its_order(
    stage: Desk, mode: FaultMode
) -> None:
    stage.configure(CALLED + PLAIN)
    await stage.call_happens(crm_id(0))
    stage.simulator.faults.switch(mode)

    pushes = [stage.push({"id": crm_id(0), "leadScore": str(score)}) for score in range(4)]
    await stage.route()
    decided = [await stage.decide() for _ in range(3)]

    assert decided == [False, False, False]
    assert await stage.handed("all") == [("plain", push) for push in pushes]
    assert (await stage.handed("some"), stage.waiting()) == ([], 4)
    assert stage.runtime.census.crm_away() is not None
    stage.simulator.faults.switch(FaultMode.NONE)
    await stage.let_patience_return()
    assert await stage.decide()
    assert await stage.handed("some") == [("called", push) for push in pushes]
    assert stage.waiting() == 0
    assert stage.runtime.census.crm_away() is None


async def test_a_crm_that_is_away_is_left_alone_for_a_while(stage: Desk) -> None:
    stage.configure(CALLED)
    stage.simulator.faults.switch(FaultMode.HTML_503)
    stage.push(*[{"id": crm_id(number)} for number in range(5)])
    await stage.route()

    await stage.decide()
    stage.simulator.faults.switch(FaultMode.NONE)
    asked_before = stage.simulator.status()["calls"]
    assert not await stage.decide()

    assert stage.simulator.status()["calls"] == asked_before
    assert stage.waiting() == 5


async def test_routes_below_one_that_may_stop_wait_for_it(stage: Desk) -> None:
    stopping = CALLED.replace("to: [some]", "to: [some], stop: true")
    stage.configure(stopping + PLAIN)
    await stage.call_happens(crm_id(0))

    push = stage.push({"id": crm_id(0)}, {"id": crm_id(1)})
    await stage.route()
    before = await stage.handed("all")
    await stage.decide()

    assert before == []
    assert await stage.handed("some") == [("called", push)]
    assert await stage.handed("all") == [("plain", push)]


async def test_a_route_that_is_gone_takes_nothing_and_a_changed_one_is_judged_as_it_is_now(stage: Desk) -> None:
    other = CALLED.replace("called", "changed")
    stage.configure(CALLED + other)
    await stage.call_happens(crm_id(0))
    push = stage.push({"id": crm_id(0)})
    await stage.route()

    stage.configure(other.replace("gte: 1", "lte: 5").replace("[some]", "[all]"))
    await stage.decide()

    assert await stage.handed("some") == []
    assert await stage.handed("all") == [("changed", push)]
    assert stage.waiting() == 0


async def test_a_lead_that_can_have_no_history_is_decided_without(stage: Desk) -> None:
    none_counted = "  - {name: silent, match_timeline: {outgoingCall: {count: 0}}, to: [some], stop: true}\n"
    stage.configure(none_counted + PLAIN)

    push = stage.push({"id": "999999"}, {"emailAddress": "ada@acme.example"})
    await stage.route()

    assert await stage.decide()
    assert await stage.handed("some") == []
    assert await stage.handed("all") == [("plain", push), ("plain", push)]


async def test_what_happened_since_the_last_push_is_known_to_the_next(stage: Desk) -> None:
    stage.configure(CALLED)
    stage.push({"id": crm_id(0), "leadScore": "1"})
    await stage.route()
    await stage.decide()
    before = await stage.handed("some")

    await stage.call_happens(crm_id(0))
    push = stage.push({"id": crm_id(0), "leadScore": "2"})
    await stage.route()
    await stage.decide()

    assert before == []
    assert await stage.handed("some") == [("called", push)]


async def test_pushes_that_came_before_the_history_was_asked_for_share_one_call(stage: Desk) -> None:
    stage.configure(CALLED)
    for score in range(5):
        stage.push({"id": crm_id(0), "leadScore": str(score)})
    await stage.route()
    before = stage.simulator.status()["calls"]

    await stage.decide()

    assert stage.simulator.status()["calls"] == before + 1


async def test_a_long_history_is_read_to_its_end(stage: Desk) -> None:
    stage.configure("  - {name: long, match_timeline: {outgoingCall: {count: {gte: 1200}}}, to: [some]}\n")
    await stage.call_happens(crm_id(0), times=1200)
    push = stage.push({"id": crm_id(0)})
    await stage.route()

    await stage.decide()

    assert await stage.handed("some") == [("long", push)]


async def test_what_is_decided_may_wait_for_its_message_to_be_enriched(stage: Desk) -> None:
    stage.configure(CALLED.replace("to: [some]", "enrich: {timeline: {last: 1h}}, to: [some]"))
    await stage.call_happens(crm_id(0))
    push = stage.push({"id": crm_id(0)})
    await stage.route()

    await stage.decide()
    decided = (await stage.handed("some"), stage.waiting())
    await stage.enrich()

    assert decided == ([], 1)
    assert await stage.handed("some") == [("called", push)]


class OffsetsDoNotCount(CrmHistory):
    """A CRM that tells the first page whatever the offset: the vendor documents none."""

    async def timeline(self, lead: str, source: str | None, offset: int = 0) -> Sequence[Mapping[str, Json]]:
        return await super().timeline(lead, source, 0)


async def test_where_offsets_do_not_count_no_event_counts_twice(stage: Desk) -> None:
    stage.configure("  - {name: long, match_timeline: {outgoingCall: {count: 500}}, to: [some]}\n")
    await stage.call_happens(crm_id(0), times=600)
    push = stage.push({"id": crm_id(0)})
    await stage.route()
    whole = stage.side.decide
    assert whole.histories is not None
    decide = replace(whole, histories=replace(whole.histories, history=OffsetsDoNotCount(stage.client)))

    await stage.decide(replace(stage.side, decide=decide))

    assert await stage.handed("some") == [("long", push)]


class OneIsUntold(CrmHistory):
    """A CRM that fails at one lead alone."""

    async def timeline(self, lead: str, source: str | None, offset: int = 0) -> Sequence[Mapping[str, Json]]:
        if lead == crm_id(0):
            raise CrmAway("the CRM's answer cannot be read")
        return await super().timeline(lead, source, offset)


async def test_one_lead_that_the_crm_cannot_tell_of_does_not_hold_up_the_others(stage: Desk) -> None:
    stage.configure(CALLED)
    for number in range(5):
        await stage.call_happens(crm_id(number))
    for score in range(ENTRIES_A_STEP + 1):
        stage.push({"id": crm_id(0), "leadScore": str(score)})
    push = stage.push(*[{"id": crm_id(number)} for number in range(1, 5)])
    await stage.route()
    whole = stage.side.decide
    assert whole.histories is not None
    decide = replace(whole, histories=replace(whole.histories, history=OneIsUntold(stage.client)))

    decided = await stage.decide(replace(stage.side, decide=decide))

    assert not decided
    assert await stage.handed("some") == [("called", push)] * 4
    assert stage.waiting() == ENTRIES_A_STEP + 1


class Breaks:
    """A condition with a defect that only a history brings to light."""

    label = "breaks"

    def holds(self, case: Case) -> bool:
        return case.timeline is not None and 1 / 0 > 0

    def judge(self, case: Case) -> Judgement:
        return Judgement(label=self.label, held=self.holds(case))


async def test_a_defect_in_judging_keeps_the_lead_among_the_rejected(stage: Desk) -> None:
    stage.configure(CALLED)
    push = stage.push({"id": crm_id(0)})
    await stage.route()
    [route] = stage.side.decide.table.routes
    assert route.match_timeline is not None
    broken = RouteTable((replace(route, match_timeline=replace(route.match_timeline, conditions=(Breaks(),))),))

    await stage.decide(replace(stage.side, decide=replace(stage.side.decide, table=broken)))

    [rejection] = OperatorsDesk(stage.runtime).rejected().list(limit=10).found
    assert (rejection.push, rejection.lead) == (push, {"id": crm_id(0)})
    assert "ZeroDivisionError" in rejection.errors[""]
    assert stage.waiting() == 0


async def test_a_record_that_cannot_be_read_is_set_aside_and_the_others_are_decided(stage: Desk) -> None:
    stage.configure(CALLED)
    await stage.call_happens(crm_id(0))
    for record in (b"", b"{}", b'{"v": 0}'):
        stage.runtime.server.call("XADD", stage.runtime.keys.pending(0), "*", "r", record)
    push = stage.push({"id": crm_id(0)})
    await stage.route()

    assert await stage.decide()

    assert await stage.handed("some") == [("called", push)]
    assert stage.runtime.census.set_aside()["unreadable"] == 3


async def test_who_lost_the_lease_writes_nothing(stage: Desk) -> None:
    stage.configure(CALLED)
    [number] = alike(1)
    await stage.call_happens(crm_id(number))
    stage.push({"id": crm_id(number)})
    await stage.route()
    pendings = await stage.side.leases.pendings(0)
    assert pendings is not None
    stage.runtime.server.call("SET", stage.runtime.keys.lease(stage.runtime.keys.pending(0)), "another")

    assert not await stage.side.decide.drain(pendings, "pending:0")

    assert (await stage.handed("some"), stage.waiting()) == ([], 1)
