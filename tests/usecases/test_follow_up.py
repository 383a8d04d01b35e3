"""Follow-up of leads that nobody reacts to: a real server, a simulated CRM, and a clock that is told the time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import enrich_support
import pytest
from drain_support import Reports
from enrich_support import CRM, crm_id
from follow_up_support import Reminded, reminded_at

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.claim import Claim
from hookrouter.domain.events import EntryUnreadable
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead_clock import LeadClock
from hookrouter.domain.pause import Pause
from hookrouter.runtime.desk import Desk
from hookrouter.store.clock_book import RedisClockBook
from hookrouter.store.standing import keep_pause
from hookrouter.wire.kept.claims import write_claim
from hookrouter.wire.kept.written import write_written

STEPS = """    follow_up:
      - {after: 15m, unless: {changed: [leadStatus]}, to: [some], say: "Nobody has called {{ lead.firstName }} yet"}
      - {after: 1h, unless: {changed: [leadStatus]}, to: [some, all]}
"""
HOT = "  - name: hot\n    match: {leadScore: {gte: 80}}\n    to: [some]\n" + STEPS
DESK = HOT.replace("    to:", "    during: {days: mon-fri, hours: '09:00-17:00', timezone: UTC}\n    to:", 1)


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[Reminded]:
    async with reminded_at(tmp_path, valkey.url) as made:
        yield made


async def taken(stage: Reminded, **fields: Any) -> str:
    """A hot lead of whom its sink was told."""
    push = await stage.push(**{"leadScore": "90", "leadStatus": "open", "firstName": "Ada", **fields})
    [told] = await stage.new("some")
    assert not told.step
    return push


def told(deliveries: Any) -> list[tuple[str, str, str]]:
    return [(each.sink, each.step, each.say) for each in deliveries]


async def test_when_nobody_reacts_each_step_reminds_its_sinks_once(stage: Reminded) -> None:
    stage.configure(HOT)
    push = await taken(stage)

    early = await stage.pass_time(minutes=14, seconds=59)
    first = await stage.pass_time(seconds=1)
    between = await stage.pass_time(minutes=44)
    second = await stage.pass_time(minutes=1)

    assert [early, between] == [[], []]
    assert told(first) == [("some", "15m", "Nobody has called Ada yet")]
    assert told(second) == [("some", "1h", ""), ("all", "1h", "")]
    assert {each.push for each in [*first, *second]} == {push}
    assert len({each.id for each in [*first, *second]}) == 3
    assert [await stage.pass_time(days=9), await stage.traces()] == [[], []]


async def test_who_is_handled_by_a_push_is_not_reminded_of_and_the_clock_is_gone(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    await stage.pass_time(minutes=10)
    await stage.push(leadScore="70", leadStatus="contact")

    assert await stage.traces() == []
    assert await stage.pass_time(hours=2) == []


async def test_a_reaction_between_two_steps_spares_the_second(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    first = await stage.pass_time(minutes=15)
    await stage.push(leadStatus="contact", leadScore="10")

    assert [each.step for each in first] == ["15m"]
    assert await stage.pass_time(hours=2) == []


async def test_a_change_that_is_taken_back_was_a_reaction_all_the_same(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    await stage.pass_time(minutes=5)
    await stage.push(leadScore="10", leadStatus="contact")
    await stage.pass_time(minutes=1)
    await stage.push(leadScore="10", leadStatus="open")

    assert await stage.pass_time(hours=2) == []


async def test_a_lead_that_is_pushed_every_few_minutes_is_followed_up_from_its_first_taking(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    steps = []
    for score in range(91, 97):  # each push takes the route again
        steps += [each.step for each in await stage.pass_time(minutes=5) if each.step]
        await stage.push(leadScore=str(score))

    assert steps == ["15m"]


async def test_when_the_clock_has_run_out_the_next_taking_begins_another(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    await stage.pass_time(hours=1)
    second = await stage.push(leadScore="95")
    await stage.new("some")

    [reminder] = await stage.pass_time(minutes=15)

    assert (reminder.step, reminder.push) == ("15m", second)


async def test_the_push_by_which_somebody_reacts_begins_no_clock_though_the_route_takes_it(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    await stage.pass_time(minutes=5)
    await stage.push(leadScore="91", leadStatus="contact")
    handled = await stage.traces()
    await stage.pass_time(minutes=5)
    await stage.push(leadScore="92")

    assert handled == []
    assert (await stage.traces())[1:] == ["clocks"]  # and the one after it does


async def test_a_reminder_tells_of_the_lead_as_it_is_and_what_changed_since_it_was_taken(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    await stage.pass_time(minutes=5)
    await stage.push(leadScore="97", companyName="Acme")
    await stage.new("some")

    [reminder] = await stage.pass_time(minutes=10)

    assert (reminder.lead["leadScore"], reminder.lead["firstName"]) == ("97", "Ada")
    assert dict(reminder.previous) == {"leadScore": "90", "companyName": None}
    assert (reminder.event, reminder.received_at) == (LeadEvent.UPDATED, stage.time.at)


async def test_the_clock_stands_outside_of_the_routes_time(stage: Reminded) -> None:
    stage.configure(DESK)
    stage.time.at = datetime.fromisoformat("2031-03-28T16:50:00+00:00")  # a Friday
    await taken(stage)

    weekend = await stage.pass_until(datetime.fromisoformat("2031-03-31T09:04:59+00:00"))
    monday = await stage.pass_until(datetime.fromisoformat("2031-03-31T09:05:00+00:00"))

    assert [told(weekend), [each.step for each in monday]] == [[], ["15m"]]


async def test_what_was_due_while_nobody_served_comes_late_in_the_routes_time_and_each_sink_hears_it_once(
    stage: Reminded,
) -> None:
    stage.configure(DESK)
    await taken(stage)

    night = await stage.pass_until(datetime.fromisoformat("2031-03-24T22:00:00+00:00"))
    morning = await stage.pass_until(datetime.fromisoformat("2031-03-25T09:00:00+00:00"))

    assert told(night) == []
    assert told(morning) == [("some", "1h", ""), ("all", "1h", "")]


async def test_a_route_or_a_step_that_is_removed_reminds_no_more(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    stage.configure(HOT.replace("      - {after: 15m", "      - {after: 30m"))
    steps = [each.step for each in await stage.pass_time(minutes=15)]
    steps += [each.step for each in await stage.pass_time(minutes=15)]
    stage.configure("  - {name: other, to: [all]}\n")

    assert [*steps, await stage.pass_time(hours=1), await stage.traces()] == ["30m", [], []]


async def test_a_clock_that_an_edit_began_outlives_the_look_of_who_has_not_seen_the_edit(stage: Reminded) -> None:
    soon = HOT.replace("15m", "2m")
    stage.configure(soon)
    await taken(stage)
    stage.configure("  - {name: other, to: [all]}\n")
    early = await stage.pass_time(minutes=2)
    stage.configure(soon)

    assert [early, [each.step for each in await stage.pass_time(seconds=30)]] == [[], ["2m"]]


async def test_what_we_wrote_ourselves_is_nobodys_reaction(stage: Reminded) -> None:
    stage.configure(HOT.replace("[leadStatus]", "[ownerID]"))
    await taken(stage, ownerID="1")
    assert await heard_of(stage, own=("ownerID",), ownerID="7") == []
    [reminder] = await stage.pass_time(minutes=15)
    assert await heard_of(stage, own=(), ownerID="8") == []
    assert reminder.step == "15m"

    assert await stage.pass_time(hours=1) == []


async def heard_of(stage: Reminded, own: tuple[str, ...], **fields: Any) -> list[Any]:
    """Push what we wrote, if anything, as the CRM would."""
    runtime, when = stage.desk.runtime, stage.time.at
    key = runtime.keys.written(CRM, LeadKey(crm_id(0)))
    for name in own:
        await stage.desk.side.store.call("HSET", key, *write_written(name, fields[name], when))
    object.__setattr__(stage.desk.side.route, "knows_echoes", True)
    await stage.push(**fields)
    return [each for each in await stage.new("some") if each.step]


async def test_a_lead_that_is_repeated_or_tried_out_begins_no_clock(stage: Reminded) -> None:
    stage.configure(HOT.replace("    to:", "    once: {every: 1d}\n    to:", 1))
    await taken(stage)
    await stage.pass_time(hours=1)
    await stage.push(leadScore="95")
    repeated = await stage.traces()
    stage.configure(HOT.replace("    to:", "    shadow: true\n    to:", 1))
    await stage.push(leadScore="96")

    assert [repeated, await stage.traces()] == [[], []]


async def test_while_its_route_is_paused_nothing_is_due(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    keys = stage.desk.runtime.keys
    pause = Pause(by="ada", reason="", since=stage.time.at, until=stage.time.at + timedelta(hours=2))
    await stage.desk.side.store.call(*keep_pause(keys, "route:hot", pause))

    paused = await stage.pass_time(minutes=20)
    resumed = await stage.pass_time(hours=2)

    assert [told(paused), told(resumed)] == [[], [("some", "1h", ""), ("all", "1h", "")]]


async def test_a_change_that_no_push_brought_is_read_back_from_the_crm(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage, updateTimestamp=None)  # the simulator's clock is not the test's
    params = {"objects": [{"id": crm_id(0), "leadStatus": "contact"}]}
    await stage.desk.client.call("updateLeads", params)

    assert await stage.pass_time(minutes=15) == []
    assert await stage.traces() == []


@pytest.mark.parametrize("minutes", [1, -4], ids=["by the right clock", "by one that is behind"])
async def test_who_is_claimed_in_a_chat_is_not_reminded_of(stage: Reminded, minutes: int) -> None:
    stage.configure(HOT)
    await taken(stage)
    claim = Claim(click="c", owner="4", name="Ada", by="U02ADA", at=stage.time.at + timedelta(minutes=minutes))
    await stage.desk.side.store.call("SET", stage.desk.runtime.keys.claim(CRM, LeadKey(crm_id(0))), write_claim(claim))

    assert [await stage.pass_time(hours=2), await stage.traces()] == [[], []]


async def test_while_the_crm_is_away_the_reminder_comes_by_what_is_known(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    stage.desk.simulator.faults.switch("html502", 600)

    first = await stage.pass_time(minutes=15)
    stage.desk.simulator.faults.switch("none", 0)

    assert [each.step for each in first] == ["15m"]


async def test_a_push_that_comes_while_the_crm_is_asked_is_not_overlooked(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    stage.time.at += timedelta(minutes=15)
    book = await stage.desk.side.leases.due_book()
    assert book is not None
    due = await book.due(10)
    [each] = due.clocks
    await stage.push(leadScore="10", leadStatus="contact")

    settled, _ = stage.desk.side.remind._look(each, due, {})
    how = await book.settle(settled)
    await book.release()

    assert (how, len(settled.deliveries)) == ("overtaken", 1)
    assert [await stage.new("some"), await stage.traces()] == [[], []]


TEAM = """
teams:
  east:
    members:
      - {owner: 4, name: Ada Brown}
      - {owner: 5, name: Ben Cole}
      - {owner: 6, name: Cem Diaz}
"""
PASSED_ON = """  - name: hot
    match: {leadScore: {gte: 80}}
    assign: east
    to: [some]
    follow_up:
      - {after: 15m, unless: {changed: [leadStatus]}, to: [some], say: "{{ assigned.name }}, call {{ lead.firstName }}"}
      - {after: 1h, unless: {changed: [leadStatus]}, assign: next, to: [some], say: "{{ assigned.name }} has it"}
      - {after: 2h, unless: {changed: [leadStatus]}, assign: next, to: [some, all]}
      - {after: 3h, unless: {changed: [leadStatus]}, assign: next, to: [some]}
"""


async def test_a_lead_goes_to_the_next_of_the_team_and_never_back_to_who_had_it(stage: Reminded) -> None:
    stage.configure(PASSED_ON + TEAM)
    await stage.push(leadScore="90", leadStatus="open", firstName="Zoe")
    await stage.desk.assign()
    has_it = [(each.assigned.name, each.say) for each in await stage.new("some")]

    for minutes in (15, 45, 60, 60):
        stage.time.at += timedelta(minutes=minutes)
        await stage.remind()
        await stage.desk.assign()
        has_it += [(each.assigned.name, each.say) for each in await stage.new("some")]

    assert has_it == [
        ("Ada Brown", ""),
        ("Ada Brown", "Ada Brown, call Zoe"),
        ("Ben Cole", "Ben Cole has it"),
        ("Cem Diaz", ""),
        ("", ""),  # all three had it
    ]
    assert await stage.traces() == []


@pytest.mark.parametrize(
    ("ada", "told"),
    [
        (", email: ada@new.example}", ("4", "Ada Brown", "ada@new.example", "Ada next")),
        (None, ("", "", "", "Ada Brown is not of the team any more")),
    ],
    ids=["another-address", "gone"],
)
async def test_who_left_the_team_is_reminded_no_more_and_who_moved_where_the_person_is_now(
    stage: Reminded, ada: str | None, told: tuple[str, ...]
) -> None:
    was = "      - {owner: 4, name: Ada Brown, email: ada@old.example}\n"
    team = TEAM.replace("      - {owner: 4, name: Ada Brown}\n", was)
    stage.configure(PASSED_ON + team)
    await stage.push(leadScore="90", leadStatus="open", firstName="Zoe")
    await stage.desk.assign()
    await stage.new("some")

    stage.configure(PASSED_ON + team.replace(was, "" if ada is None else was.replace(", email: ada@old.example}", ada)))
    [reminder] = await stage.pass_time(minutes=16)

    given = reminder.assigned
    assert given is not None
    assert (given.owner, given.name, given.email, given.reason) == told


async def test_of_two_steps_that_are_due_together_the_lead_is_passed_on_all_the_same(stage: Reminded) -> None:
    stage.configure(PASSED_ON.split("      - {after: 2h", maxsplit=1)[0] + "      - {after: 2h, to: [some]}\n" + TEAM)
    await stage.push(leadScore="90", leadStatus="open", firstName="Zoe")
    await stage.desk.assign()
    await stage.new("some")

    late = await stage.pass_time(hours=5)
    await stage.desk.assign()

    assert late == []
    assert [(each.step, each.assigned.name) for each in await stage.new("some")] == [
        ("1h", "Ben Cole"),
        ("2h", "Ben Cole"),
    ]


async def test_a_lead_that_still_waits_for_somebody_goes_to_another_one_all_the_same(stage: Reminded) -> None:
    stage.configure(PASSED_ON + TEAM)
    await stage.push(leadScore="90", leadStatus="open", firstName="Zoe")
    await stage.pass_time(hours=3)  # none of what came in is given out: thousands wait before it, or no worker runs
    await stage.desk.assign()

    told = [(each.step, each.assigned.name) for each in await stage.new("some")]
    assert told == [("", "Ada Brown"), ("1h", "Ben Cole"), ("2h", "Ben Cole"), ("3h", "Ben Cole")]


async def test_a_lead_goes_to_nobody_whom_a_silence_would_keep_that_from(
    stage: Reminded, monkeypatch: pytest.MonkeyPatch
) -> None:
    writeback = "owner: {{type: crm, action: update, fields: {{ownerID: '{{{{ assigned.owner }}}}'}}}}, some:"
    monkeypatch.setattr(enrich_support, "FRAME", enrich_support.FRAME.replace("some:", writeback))
    stage.configure(PASSED_ON.replace("to: [some]", "to: [some, owner]", 1) + TEAM)
    await stage.push(leadScore="90", leadStatus="open", firstName="Zoe")
    await stage.desk.assign()
    told = [*await stage.new("some"), *await stage.new("owner")]
    desk, until = Desk(stage.desk.runtime), stage.time.at + timedelta(minutes=90)
    desk.silences().begin({}, ["some"], by="ada", reason="an import", until=until)

    told += [*await stage.pass_time(hours=1), *await stage.new("owner")]
    await stage.desk.assign()
    quiet = [*await stage.new("some"), *await stage.new("owner")]
    await stage.pass_time(hours=1)
    await stage.desk.assign()

    assert [(each.sink, each.step, each.assigned.name) for each in told] == [
        ("some", "", "Ada Brown"),
        ("owner", "", "Ada Brown"),
    ]
    assert quiet == []
    after = [*await stage.new("some"), *await stage.new("owner")]
    assert [(each.sink, each.step, each.assigned.name) for each in after] == [
        ("some", "2h", "Ben Cole"),
        ("owner", "2h", "Ben Cole"),
    ]


async def test_a_lead_that_is_forgotten_has_no_clock_any_more(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    book = RedisClockBook(server=stage.desk.runtime.server, keys=stage.desk.runtime.keys)

    ended = [book.forget(LeadKey("another")), book.forget(LeadKey(crm_id(0)), CRM), book.forget(LeadKey(crm_id(0)))]

    assert (ended, await stage.traces()) == ([0, 1, 0], [])
    assert await stage.pass_time(hours=2) == []


async def test_one_lead_that_cannot_be_judged_keeps_no_other_from_being_reminded_of(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    await stage.push(1, leadScore="90", leadStatus="open", firstName="Bob")
    await stage.new("some")
    real = LeadClock.case

    def fails(clock: LeadClock, *given: Any) -> Any:
        if clock.key == crm_id(0):
            raise RuntimeError("a defect")
        return real(clock, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LeadClock, "case", fails)
        reminders = await stage.pass_time(minutes=15)

    assert [each.lead_key for each in reminders] == [crm_id(1)]
    assert len(await stage.traces()) == 2


@pytest.mark.parametrize(("field", "is_reported"), [("own", False), ("began", True)])
async def test_what_is_left_of_a_clock_is_removed_and_reported_if_it_cannot_be_read(
    stage: Reminded, field: str, is_reported: bool
) -> None:
    stage.configure(HOT)
    keys, store, reports = stage.desk.runtime.keys, stage.desk.side.store, Reports()
    object.__setattr__(stage.desk.side.remind, "observer", reports)
    await store.call("HSET", keys.clock("rest"), field, "?")
    await store.call("ZADD", keys.clocks(), 0, "rest")

    assert await stage.pass_time(minutes=1) == []

    assert await stage.traces() == []
    assert bool(reports.of(EntryUnreadable)) is is_reported


async def test_health_warns_when_nobody_looks_at_what_is_due(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    stage.time.at += timedelta(minutes=16)
    in_time = {part.name: part for part in stage.desk.runtime.examine().all()}["follow_ups"]
    stage.time.at += timedelta(minutes=16)
    late = {part.name: part for part in stage.desk.runtime.examine().all()}["follow_ups"]

    assert [(part.status, part.value) for part in (in_time, late)] == [("pass", 1), ("warn", 1)]


async def test_who_lost_the_lease_writes_nothing_and_the_successor_reminds_once(stage: Reminded) -> None:
    stage.configure(HOT)
    await taken(stage)
    stage.time.at += timedelta(minutes=15)
    book = await stage.desk.side.leases.due_book()
    assert book is not None
    stage.desk.runtime.server.call("DEL", stage.desk.runtime.keys.lease(stage.desk.runtime.keys.reminding()))

    assert not await stage.desk.side.remind.drain(book, "remind")
    before = await stage.new("some")
    await stage.remind()
    await stage.remind()

    assert [before, [each.step for each in await stage.new("some")]] == [[], ["15m"]]
