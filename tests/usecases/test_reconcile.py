"""Changes of a simulated CRM over HTTP, held against what its pushes brought, on a real server."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from enrich_support import Desk, crm_id, desk_at
from reconcile_support import CRM, Run, ago, change, touch

from hookrouter.clock import SystemClock
from hookrouter.domain.errors import CrmAway
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.push import Via
from hookrouter.runtime.reconcile_side import Reconciling
from hookrouter.simulator.faults import FaultMode
from hookrouter.store.reconciling import is_due, trust_of
from hookrouter.wire.kept.written import write_written

LEADS = 1300
EVERYTHING = "  - {name: everything, match: {event: [created, updated]}, to: [all]}\n"
AN_HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url, leads=LEADS) as made:
        made.configure(EVERYTHING)
        for lead in made.simulator.book:
            touch(lead, created=5, days=3)
        yield made


async def delivered(desk: Desk) -> Counter[str]:
    """Route what waits; how often each lead's state went out, by its id and score."""
    await desk.route()
    deliveries = await desk.deliveries("all", most=10_000)
    return Counter(
        f"{int(each.lead_key) // 1024 - int(crm_id(0)) // 1024}:{each.lead['leadScore']}" for each in deliveries
    )


async def test_what_no_push_brought_is_brought_and_what_one_brought_is_not(desk: Desk) -> None:
    pushed, lost = change(desk, 1, minutes=30), change(desk, 2, minutes=20)
    desk.push(pushed)
    await desk.route()

    tally = await Run(desk).since(hours=1)

    assert (tally.known, tally.missed, tally.recent, tally.is_whole) == (1, 1, 0, True)
    assert await delivered(desk) == {"1:77": 1, "2:77": 1}
    [brought] = [each for each in await desk.deliveries("all") if each.lead_key == lost["id"]]
    assert (brought.via, brought.source, brought.push[:2]) == (Via.RECONCILE, CRM, "r_")


async def test_a_second_look_brings_nothing_again_also_before_the_first_is_routed(desk: Desk) -> None:
    change(desk, 2, minutes=20)

    first, at_once = await Run(desk).since(hours=1), await Run(desk).since(hours=1)
    sent = await delivered(desk)
    later = await Run(desk).since(hours=1)

    assert (first.missed, later.missed, later.known) == (1, 0, 1)
    assert at_once.missed <= 1
    assert sent == await delivered(desk) == {"2:77": 1}


async def test_what_we_wrote_ourselves_is_brought_and_missed_by_no_push(desk: Desk) -> None:
    seen, mixed = desk.simulator.book.by_id(crm_id(1)), desk.simulator.book.by_id(crm_id(2))
    assert seen is not None
    assert mixed is not None
    desk.push(dict(seen), dict(mixed))
    await desk.route()
    change(desk, 1, minutes=30)
    change(desk, 2, minutes=30)["city"] = "Elsewhere"  # by somebody else
    for number in (1, 2):
        note = write_written("leadScore", "77", SystemClock().now() - timedelta(minutes=30))
        desk.runtime.server.call("HSET", desk.runtime.keys.written(CRM, LeadKey(crm_id(number))), *note)

    tally = await Run(desk).since(hours=1)

    assert (tally.known, tally.missed) == (0, 1)
    await desk.route()
    assert (await Run(desk).since(hours=1)).missed == 0


async def test_a_lead_that_changed_back_within_a_second_counts_as_sent_again_and_is_set_right(desk: Desk) -> None:
    lead = change(desk, 1, score=77, minutes=30)
    for score in ("77", "78", "77"):
        desk.push({**lead, "leadScore": score})
        await desk.route()

    tally = await Run(desk).since(hours=1)

    assert tally.missed == 1
    assert await delivered(desk) == {"1:77": 2, "1:78": 1}
    assert (await desk.deliveries("all"))[-1].lead["leadScore"] == "77"


async def test_a_push_that_comes_after_all_changes_nothing(desk: Desk) -> None:
    lead = change(desk, 2, minutes=20)
    await Run(desk).since(hours=1)

    desk.push(lead)

    assert await delivered(desk) == {"2:77": 1}


async def test_what_changed_just_now_is_left_to_its_push_and_found_by_the_next_run(desk: Desk) -> None:
    await Run(desk).memory.advance(CRM, SystemClock().now() - timedelta(minutes=30))
    change(desk, 2, seconds=5)
    first = await Run(desk).go_on()
    change(desk, 2, seconds=100)

    second = await Run(desk).go_on()

    assert (first.missed, second.missed) == (0, 1)
    assert await delivered(desk) == {"2:77": 1}


async def test_an_older_state_never_replaces_a_newer_one(desk: Desk) -> None:
    lead = change(desk, 2, minutes=20)
    desk.push({**lead, "leadScore": "90", "updateTimestamp": ago(minutes=10)})
    await desk.route()

    tally = await Run(desk).since(hours=1)

    assert (tally.known, tally.missed) == (1, 0)
    assert await delivered(desk) == {"2:90": 1}


async def test_a_lead_that_was_created_and_never_updated_is_found(desk: Desk) -> None:
    lead = change(desk, 2, minutes=20)
    lead["createTimestamp"] = lead["updateTimestamp"]

    await Run(desk).since(hours=1)
    await desk.route()

    [brought] = await desk.deliveries("all")
    assert (brought.event, brought.lead_key) == ("created", lead["id"])


@pytest.mark.parametrize("crm", [{}, {"newest_first": True}, {"largest": 100}], ids=["in order", "backwards", "small"])
async def test_thousands_are_all_found_though_hundreds_share_a_second(desk: Desk, crm: dict[str, Any]) -> None:
    for number in range(LEADS):
        change(desk, number, minutes=20 if number < 700 else 20 + number / 100)

    tally = await Run(desk, **crm).since(hours=1)

    assert (tally.missed, tally.known, tally.is_whole) == (LEADS, 0, True)
    assert await delivered(desk) == {f"{number}:77": 1 for number in range(LEADS)}


async def test_a_row_that_is_no_lead_does_not_make_a_page_look_like_the_last(desk: Desk) -> None:
    for number in range(700):
        change(desk, number, minutes=50 - number / 100)
    desk.simulator.book.by_id(crm_id(3)).update(id="", emailAddress="")

    tally = await Run(desk).since(hours=1)

    assert (tally.missed, tally.unreadable > 0) == (699, True)


async def test_a_crm_that_gives_no_more_of_a_second_is_not_taken_for_whole(desk: Desk) -> None:
    same = SystemClock().now() - timedelta(minutes=20)
    for number in range(700):
        change(desk, number)["updateTimestamp"] = f"{same:%Y-%m-%d %H:%M:%S}"

    with pytest.raises(CrmAway, match=r"the CRM gives only 500 of the leads that changed at"):
        await Run(desk, knows_places=False).since(hours=1)


async def test_a_crm_that_minds_no_places_is_asked_for_all_of_a_second_at_once(desk: Desk) -> None:
    same = SystemClock().now() - timedelta(minutes=20)
    for number in range(700):
        change(desk, number)["updateTimestamp"] = f"{same:%Y-%m-%d %H:%M:%S}"

    tally = await Run(desk, knows_places=False, largest=10_000).since(hours=1)

    assert (tally.missed, tally.is_whole) == (700, True)


async def test_the_mark_moves_on_and_each_run_looks_back_behind_it(desk: Desk) -> None:
    await Run(desk).memory.advance(CRM, SystemClock().now() - timedelta(minutes=30))
    first = await Run(desk).go_on()
    change(desk, 2, minutes=8)  # the CRM shows it late

    second = await Run(desk).go_on()

    assert second.since == first.until - timedelta(minutes=10)
    assert second.missed == 1
    assert not is_due(desk.runtime.server, desk.runtime.keys, CRM, SystemClock().now())
    assert is_due(desk.runtime.server, desk.runtime.keys, CRM, SystemClock().now() + timedelta(minutes=16))


async def test_who_looks_for_the_first_time_has_missed_nothing(desk: Desk) -> None:
    change(desk, 1, minutes=5)  # before anybody was to be told

    first = await Run(desk).go_on()
    second = await Run(desk).go_on()

    assert [(each.missed, each.known, each.is_whole) for each in (first, second)] == [(0, 0, True)] * 2
    assert trust_of(desk.runtime.server, desk.runtime.keys, CRM, SystemClock().now() - AN_HOUR).changes == 0
    assert await delivered(desk) == {"1:77": 1}


async def test_a_look_at_a_span_behind_the_mark_leaves_no_gap_before_it(desk: Desk) -> None:
    run = Run(desk)
    await run.memory.advance(CRM, SystemClock().now() - timedelta(hours=5))
    change(desk, 2, hours=3)

    nearer = await Run(desk).since(hours=1)
    whole = await Run(desk).go_on()

    assert (nearer.missed, whole.missed) == (0, 1)


async def test_a_long_absence_is_made_up_for(desk: Desk) -> None:
    await Run(desk).memory.advance(CRM, SystemClock().now() - timedelta(days=2))
    change(desk, 2, hours=40)
    change(desk, 3, hours=20)
    change(desk, 4, hours=2)

    tally = await Run(desk).go_on()

    assert tally.missed == 3
    assert await delivered(desk) == {"2:77": 1, "3:77": 1, "4:77": 1}


async def test_one_that_is_told_to_stop_goes_on_where_it_was(desk: Desk) -> None:
    run = Run(desk)
    await run.memory.advance(CRM, SystemClock().now() - timedelta(days=2))
    change(desk, 2, hours=40)
    change(desk, 4, hours=2)
    run.stop_after = 3

    broken_off = await run.go_on()
    await desk.route()
    rest = await Run(desk).go_on()

    assert not broken_off.is_whole
    assert rest.since > broken_off.since
    assert (broken_off.missed, rest.missed) == (1, 1)


@pytest.mark.parametrize("knows_places", [True, False])
async def test_a_crm_that_gives_fewer_than_asked_for_hides_no_change(desk: Desk, *, knows_places: bool) -> None:
    desk.simulator.dials.turn({"quirks": {"largest_page": 40}})
    for number in range(130):
        change(desk, number, seconds=600 + number)

    tally = await Run(desk, knows_places=knows_places).since(hours=1)

    assert (tally.missed, tally.is_whole) == (130, True)


async def test_a_crm_that_fails_now_and_then_is_asked_again(desk: Desk) -> None:
    change(desk, 2, minutes=20)

    tally = await Run(desk, failures=3).since(hours=1)

    assert (tally.missed, tally.calls) == (1, 6)


async def test_a_crm_that_is_away_is_asked_again_in_a_minute(desk: Desk) -> None:
    await Run(desk).memory.advance(CRM, SystemClock().now() - timedelta(minutes=30))
    change(desk, 2, minutes=5)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    with pytest.raises(CrmAway):
        await Run(desk).go_on()
    now = SystemClock().now()
    assert not is_due(desk.runtime.server, desk.runtime.keys, CRM, now)
    assert is_due(desk.runtime.server, desk.runtime.keys, CRM, now + timedelta(minutes=1))

    desk.simulator.faults.switch(FaultMode.NONE)

    assert (await Run(desk).go_on()).missed == 1


async def test_what_was_found_due_while_a_run_was_under_way_is_not_run_again(desk: Desk) -> None:
    run = Run(desk)
    reconciling = Reconciling(source=CRM, case=run.case, lease=partial(run.memory.lease, CRM, "a-worker"))

    await reconciling.run_if_free()
    await reconciling.run_if_free()

    assert desk.runtime.server.call("LLEN", desk.runtime.keys.reconciled(CRM)) == 1


async def test_a_dry_run_tells_and_brings_nothing(desk: Desk) -> None:
    change(desk, 2, minutes=20)
    run = Run(desk)

    tally = await run.case.run(CRM, since=SystemClock().now() - AN_HOUR, is_dry=True)

    assert tally.missed == 1
    assert await run.memory.mark(CRM) is None
    assert await delivered(desk) == {}


async def test_it_measures_what_pushes_miss_and_how_late_they_are(desk: Desk) -> None:
    for number in range(10):
        lead = change(desk, number, minutes=20)
        if number < 7:
            desk.push(lead)
    await desk.route()

    first = await Run(desk).since(hours=1)
    await desk.route()
    again = await Run(desk).since(hours=1)

    assert [(tally.known, tally.brought, tally.missed) for tally in (first, again)] == [(7, 0, 3), (10, 3, 0)]
    now = SystemClock().now()
    trust = trust_of(desk.runtime.server, desk.runtime.keys, CRM, now - timedelta(days=1))
    assert (trust.missed, trust.changes) == (3, 10), "who asks twice counts once"
    assert trust.lag == pytest.approx(1200, abs=30)
    assert trust.is_broken
    assert trust.last_run is not None
    assert now - trust.last_run < timedelta(minutes=1)
    assert trust_of(desk.runtime.server, desk.runtime.keys, CRM, now + AN_HOUR).changes == 0


@pytest.mark.parametrize(("pushes", "is_blind"), [(1, True), (0, False)])
async def test_pushes_of_changes_that_the_crm_does_not_name_are_told(desk: Desk, pushes: int, is_blind: bool) -> None:
    came = [desk.push(change(desk, 2, hours=7)) for _ in range(pushes)]  # its clock is hours behind
    desk.runtime.server.call_all([("ZADD", desk.runtime.keys.pushes(), time.time() - 180, push) for push in came])
    for _ in range(3):
        await Run(desk).since(minutes=5)

    now = SystemClock().now()
    blind = trust_of(desk.runtime.server, desk.runtime.keys, CRM, now - AN_HOUR)
    change(desk, 3, minutes=3)
    await Run(desk).since(minutes=5)

    assert blind.is_blind is is_blind
    assert not trust_of(desk.runtime.server, desk.runtime.keys, CRM, now - AN_HOUR).is_blind


async def test_all_that_it_remembers_is_bounded(desk: Desk) -> None:
    change(desk, 2, minutes=20)
    await Run(desk).since(hours=1)

    keys, call = desk.runtime.keys, desk.runtime.server.call
    assert 0 < call("TTL", keys.reconciled(CRM)) <= 30 * 86_400
    assert call("HLEN", keys.reconcile(CRM)) == 2
