"""Leads that a simulated CRM has no more are found, over HTTP and on a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from enrich_support import Desk, crm_id, desk_at
from reconcile_support import CRM, Broom, Run, touch

from hookrouter.clock import SystemClock
from hookrouter.domain.crm_events import LeadsSwept, SweepDoubted
from hookrouter.domain.crm_health import sweep_part
from hookrouter.domain.errors import CrmAway
from hookrouter.simulator.faults import FaultMode
from hookrouter.store.reconcile_log import RedisReconcileLog
from hookrouter.store.reconciling import sweep_doubt

LEADS = 600
ROUTES = """\
  - {name: gone, match: {event: deleted}, to: [some]}
  - {name: changed, match: {}, to: [all]}
"""


@pytest.fixture
async def desk(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    """All leads are known here, as they were days ago."""
    async with desk_at(tmp_path, valkey.url, leads=LEADS) as made:
        made.configure(ROUTES)
        for lead in made.simulator.book:
            touch(lead, days=3)
        leads = list(made.simulator.book)
        made.push(*leads[:300])
        made.push(*leads[300:])
        await made.route()
        yield made


async def told(desk: Desk) -> list[tuple[str, str, Any]]:
    await desk.route()
    return sorted((each.lead_key, each.event, each.lead["active"]) for each in await desk.deliveries("some"))


async def test_what_is_deleted_or_deactivated_is_told_once(desk: Desk) -> None:
    desk.simulator.book.delete(crm_id(7))
    deactivated: Any = desk.simulator.book.by_id(crm_id(9))
    deactivated["active"] = "0"

    tally = await Broom(desk).case.run(CRM)
    first = await told(desk)
    again = await Broom(desk).case.run(CRM)

    assert (tally.known, tally.gone, tally.is_believable) == (LEADS, 2, True)
    assert first == [(crm_id(7), "deleted", "0"), (crm_id(9), "deleted", "0")]
    assert (again.known, again.gone) == (LEADS - 2, 0)
    assert await told(desk) == first


async def test_the_lead_is_told_as_it_was_last_seen(desk: Desk) -> None:
    lead = dict(desk.simulator.book.by_id(crm_id(7)) or {})
    desk.simulator.book.delete(crm_id(7))

    await Broom(desk).case.run(CRM)
    await desk.route()

    [delivery] = await desk.deliveries("some")
    assert delivery.lead["emailAddress"] == lead["emailAddress"]
    assert (delivery.via, delivery.changed) == ("sweep", ("active",))


async def test_a_lead_that_comes_back_is_told_as_changed(desk: Desk) -> None:
    lead: Any = dict(desk.simulator.book.by_id(crm_id(7)) or {})
    desk.simulator.book.delete(crm_id(7))
    await Broom(desk).case.run(CRM)
    await desk.route()
    before = len(await desk.deliveries("all", most=5000))

    touch(lead, seconds=1)
    desk.push(lead)
    await desk.route()

    back = (await desk.deliveries("all", most=5000))[before:]
    assert [(each.lead_key, each.event, each.changed) for each in back] == [(crm_id(7), "updated", ("active",))]


async def test_a_lead_that_is_active_again_is_brought_as_changed_and_told_as_gone_only_when_it_is_gone_again(
    desk: Desk,
) -> None:
    lead: Any = desk.simulator.book.by_id(crm_id(9))
    lead["active"] = "0"
    await Broom(desk).case.run(CRM)
    first = await told(desk)
    before = len(await desk.deliveries("all", most=5000))

    lead["active"] = "1"
    touch(lead, hours=3)
    reconciled = await Run(desk).since(hours=5)
    await desk.route()
    back = (await desk.deliveries("all", most=5000))[before:]
    swept = await Broom(desk).case.run(CRM)
    meanwhile = await told(desk)
    desk.simulator.book.delete(crm_id(9))
    await Broom(desk).case.run(CRM)

    assert first == meanwhile == [(crm_id(9), "deleted", "0")]
    assert [(each.lead_key, each.event, each.changed, each.via) for each in back] == [
        (crm_id(9), "updated", ("active",), "reconcile")
    ]
    assert (reconciled.missed, swept.known, swept.gone) == (1, LEADS, 0)
    assert await told(desk) == 2 * first


async def test_a_list_that_lacks_many_is_not_believed(desk: Desk) -> None:
    leads: list[Any] = [desk.simulator.book.by_id(crm_id(number)) for number in range(31)]
    for lead in leads:
        lead["active"] = "0"
    broom = Broom(desk)

    tally = await broom.case.run(CRM)

    assert (tally.gone, tally.is_believable) == (0, False)
    assert await told(desk) == []
    assert broom.noted.events == [SweepDoubted(source=CRM, known=LEADS, missing=31, gone=0)]
    doubt = sweep_doubt(desk.runtime.server, desk.runtime.keys, CRM)
    assert doubt == f"the CRM's list lacks 31 of {LEADS} known leads, so none is taken for deleted"
    part = sweep_part(doubt)
    assert part is not None
    assert part.status == "warn"

    leads[0]["active"] = "1"
    await broom.case.run(CRM)
    assert sweep_part(sweep_doubt(desk.runtime.server, desk.runtime.keys, CRM)) is None
    swept = RedisReconcileLog(server=desk.runtime.server, keys=desk.runtime.keys).of(CRM, 5).swept
    assert swept is not None
    assert (swept.known, swept.gone) == (LEADS, 30)


async def test_thirty_of_six_hundred_may_be_gone(desk: Desk) -> None:
    for number in range(30):
        desk.simulator.book.delete(crm_id(number))
    broom = Broom(desk)

    tally = await broom.case.run(CRM)

    assert tally.gone == 30
    assert broom.noted.events == [LeadsSwept(source=CRM, known=LEADS, missing=30, gone=30)]


async def test_what_changed_just_now_is_left_to_the_next_sweep(desk: Desk) -> None:
    lead: Any = desk.simulator.book.by_id(crm_id(7))
    lead["leadScore"] = "99"
    touch(lead, minutes=100)
    desk.push(lead)
    await desk.route()
    desk.simulator.book.delete(crm_id(7))

    assert (await Broom(desk).case.run(CRM)).gone == 0


async def test_leads_that_are_known_by_address_alone_are_no_loss(desk: Desk) -> None:
    desk.push({"emailAddress": "nobody@example.com"})
    await desk.route()

    tally = await Broom(desk).case.run(CRM)

    assert (tally.known, tally.gone) == (LEADS, 0)


async def test_it_is_due_once_a_day_and_sooner_after_a_failure(desk: Desk) -> None:
    broom, now = Broom(desk), SystemClock().now()
    assert await broom.known.must_sweep(CRM, now)
    desk.simulator.faults.switch(FaultMode.HTML_503)
    with pytest.raises(CrmAway):
        await broom.case.run_if_due(CRM)
    assert not await broom.known.must_sweep(CRM, now)
    assert await broom.known.must_sweep(CRM, now + timedelta(minutes=61))

    desk.simulator.faults.switch(FaultMode.NONE)
    await broom.known.note_sweep(CRM, now)
    await broom.case.run_if_due(CRM)

    assert not await broom.known.must_sweep(CRM, now + timedelta(hours=23))
    assert await broom.known.must_sweep(CRM, now + timedelta(hours=25))
