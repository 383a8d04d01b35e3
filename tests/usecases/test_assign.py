"""Leads are given to people of their teams: a real server, a simulated CRM over HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from drain_support import Killed
from enrich_support import CRM, Desk, crm_id, desk_at

from hookrouter.clock import SystemClock
from hookrouter.domain.assignment import Assigned, Board
from hookrouter.domain.handing import Touched
from hookrouter.domain.ids import LeadKey, TeamName
from hookrouter.domain.logged_attempt import State
from hookrouter.ports.assigning import AssignedEntries
from hookrouter.ports.desk import Wanted
from hookrouter.ports.stages import Stage
from hookrouter.runtime.desk import Desk as OperatorsDesk
from hookrouter.store.assigning import RedisAssigner
from hookrouter.store.intake import put_in_assign
from hookrouter.store.teams import RedisTeams
from hookrouter.usecases import assign

ROUTE = "  - {name: hot, match: {leadScore: {gte: 80}}, assign: east, to: [some]}\n"
THREE = """teams:
  east:
    members:
      - {owner: 4, name: Ada Brown, slack: U02ADA, share: 2}
      - {owner: 5, name: Ben Cole}
      - {owner: 6, name: Cem Diaz}
"""
FEWEST = THREE + "    pick: fewest-open\n"
NOBODY = """teams:
  east:
    members: [{owner: 4, name: Ada Brown, away: 2020-01-01 to 2029-12-31}]
    otherwise: all
"""
WEST = "  west: {members: [{owner: 7, name: Fay Gray}]}\n"
EAST = TeamName("east")


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url) as made:
        yield made


def scored(stage: Desk, score: int, lead: int = 0, **fields: str) -> str:
    return stage.push({"id": crm_id(lead), "leadScore": str(score), **fields})


def memory(stage: Desk) -> RedisTeams:
    return RedisTeams(server=stage.runtime.server, keys=stage.runtime.keys)


def claim(stage: Desk) -> None:
    """Ben claims the first lead, and the CRM has taken him as its owner."""
    touched = Touched(who=(CRM, LeadKey(crm_id(0))), owner="5")
    stage.runtime.server.call(*put_in_assign(stage.runtime.keys, touched))


def open_leads(stage: Desk) -> dict[str, int]:
    board = memory(stage).board(stage.runtime.config.teams, memory(stage).now())
    return {owner: count for owner, count in board.open[EAST].items() if count}


async def names(stage: Desk, sink: str = "some") -> list[str]:
    return [delivery.assigned.name for delivery in await stage.deliveries(sink) if delivery.assigned is not None]


async def test_each_lead_is_given_to_whoever_is_next_and_told_why(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    for lead in range(4):
        scored(stage, 90, lead)
    await stage.route()
    assert await stage.deliveries("some") == []

    await stage.assign()

    assert Counter(await names(stage)) == {"Ada Brown": 2, "Ben Cole": 1, "Cem Diaz": 1}
    [first, *_] = await stage.deliveries("some")
    assert first.assigned == Assigned(owner="4", name="Ada Brown", slack="U02ADA", team="east", reason="Ada next")
    assert stage.wake.rings[-2:] == [Stage.ASSIGN, Stage.DELIVER]


async def test_turns_go_on_where_another_process_left_them(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    scored(stage, 90)
    await stage.route()
    await stage.assign()
    stage.sides.append(stage.runtime.open_lead_side(stage.wake))
    scored(stage, 90, 1)
    await stage.route()

    await stage.assign()

    assert await names(stage) == ["Ada Brown", "Ben Cole"]


async def test_a_drain_that_lost_its_lease_gives_nothing_out(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    scored(stage, 90)
    await stage.route()
    paused = await stage.side.leases.assigner()
    assert paused is not None
    stage.runtime.server.call("DEL", stage.runtime.keys.lease(stage.runtime.keys.assign()))
    stage.sides.append(stage.runtime.open_lead_side(stage.wake))
    await stage.assign()
    scored(stage, 90, 1)
    await stage.route()
    successor = await stage.side.leases.assigner()

    assert successor is not None
    assert not await stage.sides[-2].assign.drain(paused, "assign")
    assert await names(stage) == ["Ada Brown"]


async def test_a_team_that_an_edit_brought_is_waited_for_a_while_by_who_has_not_seen_the_edit(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    scored(stage, 90)
    await stage.route()
    behind = replace(stage.side.assign, teams={}, revisions=frozenset({""}))
    assigner = await stage.side.leases.assigner()
    assert assigner is not None

    is_through = await behind.drain(assigner, "assign")
    waits = await stage.deliveries("some")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assign, "EDITED_WITHIN", timedelta())
        assert await behind.drain(assigner, "assign")

    assert (is_through, waits) == (False, [])
    [told] = await stage.deliveries("some")
    assert told.assigned is not None
    assert told.assigned.reason == "there is no team east any more"


async def test_a_lead_that_is_pushed_again_stays_with_its_person(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    scored(stage, 90)
    scored(stage, 90, 1)
    await stage.route()
    scored(stage, 91)
    await stage.route()

    await stage.assign()

    [_, _, again] = await stage.deliveries("some")
    assert again.assigned is not None
    assert again.assigned.reason == "Ada has this lead already"


@pytest.mark.parametrize(
    ("team", "owner"),
    [("east", ""), ("east", "4"), ("west", "")],
    ids=["nobody's yet", "still hers who had it", "another team's"],
)
async def test_a_lead_that_somebody_claimed_stays_with_that_person(stage: Desk, team: str, owner: str) -> None:
    stage.configure(ROUTE.replace("east", team) + THREE + WEST)
    scored(stage, 90, ownerID=owner)
    await stage.route()
    await stage.assign()
    claim(stage)
    scored(stage, 91, ownerID=owner)
    await stage.route()

    await stage.assign()

    assert (await names(stage))[1:] == ["Ben Cole"]
    [*_, again] = await stage.deliveries("some")
    assert again.assigned is not None
    assert again.assigned.reason == "Ben has this lead already"


async def test_who_claims_a_lead_that_was_given_to_nobody_has_it(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    claim(stage)
    scored(stage, 90)
    await stage.route()

    await stage.assign()

    assert await names(stage) == ["Ben Cole"]
    assert open_leads(stage) == {}


async def test_two_routes_that_take_one_push_of_a_lead_give_it_to_one_person(stage: Desk) -> None:
    stage.configure(
        ROUTE + ROUTE.replace("hot", "hotter") + THREE.replace("members:", "keep_owner: false\n    members:")
    )
    scored(stage, 90)
    await stage.route()

    await stage.assign()

    assert await names(stage) == ["Ada Brown", "Ada Brown"]


async def test_what_nobody_may_take_goes_to_the_sink_that_takes_it_instead(stage: Desk) -> None:
    stage.configure(ROUTE + NOBODY)
    push = scored(stage, 90)
    await stage.route()

    await stage.assign()

    assert await stage.deliveries("some") == []
    [delivery] = await stage.deliveries("all")
    assert (delivery.push, delivery.route, delivery.sink) == (push, "hot", "all")
    assert delivery.assigned == Assigned(owner="", team="east", reason="Ada away: nobody may take it")


async def test_a_lead_that_a_person_gives_back_to_who_had_it_before_stays_there(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    for score, owner in [(90, "99"), (91, "99"), (92, "4"), (93, "99"), (94, "99")]:
        scored(stage, score, ownerID=owner, updateTimestamp=f"2026-03-04 15:20:{score - 80}")
        await stage.route()
        await stage.assign()

    told = await stage.deliveries("some")
    assert [each.assigned and each.assigned.name for each in told] == ["Ada Brown"] * 3 + ["user 99"] * 2


@pytest.mark.parametrize(("owner", "name"), [("5", "Ben Cole"), ("99", "user 99"), ("", "Ada Brown")])
async def test_whom_a_person_gave_a_lead_to_in_the_crm_is_known_before_its_next_turn(
    stage: Desk, owner: str, name: str
) -> None:
    stage.configure(ROUTE + THREE)
    scored(stage, 90, ownerID="98", updateTimestamp="2026-03-04 15:20:11")
    await stage.route()
    await stage.assign()
    scored(stage, 10, ownerID=owner, updateTimestamp="2026-03-04 15:20:12")
    await stage.route()
    await stage.assign()

    given = memory(stage).given((CRM, LeadKey(crm_id(0))))[EAST]
    assert (given.to.name, given.is_open) == (name, False)


async def test_a_silence_holds_for_the_sink_that_takes_what_nobody_may_take(stage: Desk) -> None:
    stage.configure(ROUTE + NOBODY)
    desk = OperatorsDesk(stage.runtime)
    until = SystemClock().now() + timedelta(hours=2)
    silence = desk.silences().begin({"leadSource": "import"}, ["all"], by="ada", reason="a list", until=until)
    quiet, told = scored(stage, 90, leadSource="import"), scored(stage, 90, 1, leadSource="web")
    await stage.route()

    await stage.assign()

    assert [delivery.push for delivery in await stage.deliveries("all")] == [told]
    wanted = Wanted(sink=None, route=None, since=None, until=None)
    [kept_back] = desk.deliveries().list(wanted, lead=None, outcome="silenced", limit=100).found
    assert (kept_back.push, kept_back.sink, kept_back.came_to.reason) == (quiet, "all", silence.id)


async def test_whoever_has_the_fewest_leads_that_nobody_touched_is_next(stage: Desk) -> None:
    stage.configure(ROUTE + FEWEST)
    for lead in range(4):
        scored(stage, 90, lead, leadStatus="open")
    await stage.route()
    await stage.assign()
    assert open_leads(stage) == {"4": 2, "5": 1, "6": 1}

    for lead, fields in enumerate([{"leadStatus": "contact"}, {"leadStatus": "contact"}, {"ownerID": "99"}]):
        scored(stage, 90, lead, **fields)
    await stage.route()
    await stage.assign()

    assert open_leads(stage) == {"4": 1}
    scored(stage, 90, 7)
    await stage.route()
    await stage.assign()
    assert (await names(stage))[-1] in {"Ben Cole", "Cem Diaz"}


async def test_a_change_of_other_fields_leaves_a_lead_open(stage: Desk) -> None:
    stage.configure(ROUTE + FEWEST)
    scored(stage, 90, leadStatus="open")
    await stage.route()
    stage.push({"id": crm_id(0), "city": "Boston"})
    await stage.route()

    await stage.assign()

    assert open_leads(stage) == {"4": 1}


class Dying:
    """An assigner whose worker is killed right before, or right after, it wrote a step."""

    def __init__(self, assigner: RedisAssigner, *, wrote: bool) -> None:
        self._assigner = assigner
        self._wrote = wrote

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assigner, name)

    async def commit(self, assigned: AssignedEntries, board: Board) -> bool:
        if self._wrote:
            await self._assigner.commit(assigned, board)
        raise Killed


@pytest.mark.parametrize("wrote", [False, True], ids=["before it wrote", "after it wrote"])
async def test_a_worker_that_is_killed_gives_no_lead_twice_and_takes_no_turn_for_nothing(
    stage: Desk, wrote: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assign, "ENTRIES_A_STEP", 3)
    stage.configure(ROUTE + THREE)
    for lead in range(12):
        scored(stage, 90, lead)
    await stage.route()
    for _ in range(3):
        assigner = await stage.side.leases.assigner()
        assert assigner is not None
        with pytest.raises(Killed):
            await stage.side.assign.drain(Dying(assigner, wrote=wrote), "assign")
        await assigner.release()

    await stage.assign()

    given = [(delivery.lead_key, delivery.assigned.name) for delivery in await stage.deliveries("some")]  # type: ignore[union-attr]  # they are assigned
    assert [lead for lead, _ in given] == [crm_id(lead) for lead in range(12)]
    assert [name.split()[0] for _, name in given] == ["Ada", "Ben", "Cem", "Ada"] * 3
    assert len(memory(stage).decisions(None, None, limit=100).found) == 12


async def test_what_waits_for_its_history_too_waits_for_it_afterwards(stage: Desk) -> None:
    stage.configure(ROUTE.replace("to:", "enrich: {timeline: {}}, to:") + THREE)
    scored(stage, 90)
    await stage.route()
    await stage.assign()
    assert stage.waiting() == 1

    await stage.enrich()

    assert await names(stage) == ["Ada Brown"]


async def test_a_route_that_the_history_tells_assigns_when_it_is_told(stage: Desk) -> None:
    called = "match_timeline: {outgoingCall: {count: {gte: 1}, within: 1h}}"
    stage.configure(f"  - {{name: called, {called}, assign: east, to: [some]}}\n" + THREE)
    await stage.call_happens(crm_id(0))
    scored(stage, 90)
    await stage.route()
    await stage.decide()

    await stage.assign()

    assert await names(stage) == ["Ada Brown"]


async def test_a_shadow_gives_nothing_out(stage: Desk) -> None:
    stage.configure(ROUTE.replace("to:", "shadow: true, to:") + THREE)
    scored(stage, 90)
    await stage.route()

    assert await stage.side.store.call("XLEN", stage.runtime.keys.assign()) == 0


async def test_decisions_can_be_looked_up_and_a_delivery_says_why(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    push = scored(stage, 90)
    await stage.route()
    waiting = stage.runtime.server.call("XRANGE", stage.runtime.keys.assign(), "-", "+")
    assert len(waiting) == 1
    await stage.assign()
    [delivery] = await stage.deliveries("some")

    [decision] = memory(stage).decisions(EAST, None, limit=10).found
    story = OperatorsDesk(stage.runtime).deliveries().show(delivery.id).whole()

    assert (decision.push, decision.lead_key, decision.route) == (push, LeadKey(crm_id(0)), "hot")
    assert decision.assigned.reason == "Ada next"
    assert story["assigned"] == {"team": "east", "owner": "4", "name": "Ada Brown", "reason": "Ada next"}


async def test_a_delivery_that_waits_for_somebody_is_found(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    scored(stage, 90)
    await stage.route()
    [(_, fields)] = stage.runtime.server.call("XRANGE", stage.runtime.keys.assign(), "-", "+")
    name = fields[b"r"].split(b'"id":"d_')[1][:32].decode()

    story = OperatorsDesk(stage.runtime).deliveries().show(f"d_{name}")

    assert story.now == State.ASSIGNING


async def test_an_entry_that_cannot_be_read_holds_nobody_up(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    stage.runtime.server.call("XADD", stage.runtime.keys.assign(), "*", "r", b"{}")
    scored(stage, 90)
    await stage.route()

    await stage.assign()

    assert await names(stage) == ["Ada Brown"]
    assert stage.runtime.server.call("XLEN", stage.runtime.keys.unreadable()) == 1


async def test_members_come_and_go_with_edits_and_turns_are_kept(stage: Desk) -> None:
    stage.configure(ROUTE + THREE)
    for lead in range(2):
        scored(stage, 90, lead)
    await stage.route()
    await stage.assign()
    stage.configure(ROUTE + THREE.replace("owner: 6, name: Cem Diaz", "owner: 7, name: Dee Fox"))
    for lead in range(2, 6):
        scored(stage, 90, lead)
    await stage.route()

    await stage.assign()

    assert Counter(await names(stage)) == {"Ada Brown": 3, "Ben Cole": 2, "Dee Fox": 1}
    assert memory(stage).given((CRM, LeadKey(crm_id(5))))[EAST].is_open
