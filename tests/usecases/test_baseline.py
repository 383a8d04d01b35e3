"""A baseline is read from a simulated CRM over HTTP into a real server, also while pushes come in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from enrich_support import Desk, crm_id, desk_at

from hookrouter.clock import SystemClock
from hookrouter.crm.leads import CrmLeadPages
from hookrouter.domain.baseline import BaselineTally
from hookrouter.domain.errors import CrmAway
from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.lead import Fields, Json
from hookrouter.domain.quota import Purpose
from hookrouter.ports.baseline import Laid
from hookrouter.ports.turns import Turns
from hookrouter.runtime.crm_side import crm_turns
from hookrouter.simulator.faults import FaultMode
from hookrouter.store.snapshots import RedisSnapshots
from hookrouter.usecases.baseline import LayBaseline

CRM = SourceName("crm")
LEADS = 1100
CHANGED = "  - {name: changed, match: {changed: [leadScore]}, to: [some]}\n"


@pytest.fixture
async def desk(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url, leads=LEADS) as made:
        made.configure(CHANGED)
        for lead in made.simulator.book:
            touch(lead, days=1)
        yield made


def touch(lead: Any, **ago: float) -> str:
    """Have a lead changed so long ago."""
    lead["updateTimestamp"] = f"{SystemClock().now() - timedelta(**ago):%Y-%m-%d %H:%M:%S}"
    return str(lead["updateTimestamp"])


def copy_of(desk: Desk, number: int) -> Any:
    return desk.simulator.book.by_id(crm_id(number))


def snapshots_of(desk: Desk) -> RedisSnapshots:
    return RedisSnapshots(
        server=desk.side.store, keys=desk.runtime.keys, layouts=desk.runtime.layouts, keep=timedelta(days=1)
    )


@dataclass
class Baseline:
    """A run, with what it told."""

    desk: Desk
    told: list[BaselineTally] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)
    stop_after: int | None = None

    def case(self) -> LayBaseline:
        return LayBaseline(
            pages=NotedPages(self),
            snapshots=snapshots_of(self.desk),
            turns=Turns(
                permits=crm_turns(
                    self.desk.side.store, self.desk.runtime.keys, self.desk.runtime.config.crm, Purpose.OPERATOR
                ),
                clock=SystemClock(),
                should_stop=lambda: self.stop_after is not None and len(self.told) > self.stop_after,
            ),
            clock=SystemClock(),
            first_pause=timedelta(milliseconds=1),
        )

    async def run(self, **options: Any) -> BaselineTally:
        return await self.case().run(CRM, self.told.append, **options)


class NotedPages(CrmLeadPages):
    """The CRM's pages, with a note of what was asked for; some CRMs fail at large ones."""

    largest = 500

    def __init__(self, baseline: Baseline) -> None:
        super().__init__(baseline.desk.client)
        self._asked = baseline.asked

    async def page(self, offset: int, limit: int = 500) -> Sequence[dict[str, Json]]:
        self._asked.append((offset, limit))
        if limit > self.largest:
            raise CrmAway("the CRM is not available for getLeads (HTTP 500)")
        return await super().page(offset, limit)


async def seen(desk: Desk, number: int) -> Fields | None:
    [found] = await snapshots_of(desk).seen(CRM, [LeadKey(crm_id(number))])
    return found.fields


async def lay(desk: Desk, number: int, **fields: Json) -> dict[str, Json]:
    snapshots = snapshots_of(desk)
    lead, laid = LeadKey(crm_id(number)), {"id": crm_id(number), **fields}
    [over] = await snapshots.seen(CRM, [lead])
    assert await snapshots.lay(CRM, [Laid(lead=lead, fields=laid, over=over)]) == [True]
    return laid


async def test_all_leads_are_read_and_then_a_push_tells_what_really_changed(desk: Desk) -> None:
    baseline = Baseline(desk)

    tally = await baseline.run()
    same, other = (
        dict(copy_of(desk, 0)),
        {**copy_of(desk, LEADS - 1), "leadScore": "99", "updateTimestamp": "2999-01-01"},
    )
    push = desk.push(same, other)
    await desk.route()

    assert tally == BaselineTally(read=LEADS, new=LEADS, is_whole=True)
    assert [each.read for each in baseline.told] == [0, 500, 1000, LEADS]
    assert baseline.asked == [(0, 500), (500, 500), (1000, 500), (LEADS, 500)]
    assert await desk.handed("some") == [("changed", push)]
    [delivery] = await desk.deliveries("some")
    assert (delivery.lead_key, delivery.changed) == (crm_id(LEADS - 1), ("leadScore",))


async def test_it_is_safe_to_repeat(desk: Desk) -> None:
    await Baseline(desk).run()

    again = await Baseline(desk).run()

    assert again == BaselineTally(read=LEADS, known=LEADS, is_whole=True)


async def test_a_newer_snapshot_is_never_overwritten_and_an_older_one_is_brought_up_to_date(desk: Desk) -> None:
    at = copy_of(desk, 0)["updateTimestamp"]
    newer = await lay(desk, 0, updateTimestamp=f"{SystemClock().now():%Y-%m-%d %H:%M:%S}", leadScore="1")
    same = await lay(desk, 1, updateTimestamp=copy_of(desk, 1)["updateTimestamp"], leadScore="2")
    timeless = await lay(desk, 2, leadScore="3")
    await lay(desk, 3, updateTimestamp="2020-01-01 00:00:00", leadScore="4", onlyInThePush="kept")

    tally = await Baseline(desk).run()

    assert at is not None
    assert [await seen(desk, number) for number in range(3)] == [newer, same, timeless]
    assert await seen(desk, 3) == {**copy_of(desk, 3), "onlyInThePush": "kept"}
    assert (tally.new, tally.newer, tally.known) == (LEADS - 4, 1, 3)


async def test_what_a_push_lays_down_meanwhile_stays(desk: Desk) -> None:
    pushed: list[dict[str, Json]] = []

    class Interfering(RedisSnapshots):
        async def seen(self, source: SourceName, leads: Sequence[LeadKey]) -> Any:
            found = await super().seen(source, leads)
            if not pushed:
                pushed.extend([{}])
                pushed[0] = await lay(desk, 0, leadScore="77", updateTimestamp="2030-01-01 00:00:00")
            return found

    case = Baseline(desk).case()
    real = snapshots_of(desk)
    interfering = Interfering(server=real.server, keys=real.keys, layouts=real.layouts, keep=real.keep)

    tally = await replace(case, snapshots=interfering).run(CRM, lambda _: None)

    assert await seen(desk, 0) == pushed[0]
    assert (tally.new, tally.known) == (LEADS - 1, 1)


async def test_a_lead_that_changed_just_now_is_left_to_its_push(desk: Desk) -> None:
    touch(copy_of(desk, 0), minutes=9)
    touch(copy_of(desk, 1), minutes=11)
    before = await lay(desk, 0, updateTimestamp="2020-01-01 00:00:00", leadScore="4")

    tally = await Baseline(desk).run()

    assert (tally.recent, tally.new) == (1, LEADS - 1)
    assert await seen(desk, 0) == before


async def test_a_push_that_waits_to_be_routed_still_tells_its_change(desk: Desk) -> None:
    await lay(desk, 0, updateTimestamp="2020-01-01 00:00:00", leadScore="4")
    touch(copy_of(desk, 0), minutes=5)
    copy_of(desk, 0)["leadScore"] = "50"
    push = desk.push(dict(copy_of(desk, 0)))
    later = SystemClock()
    later.now = lambda: SystemClock().now() + timedelta(hours=1)  # type: ignore[method-assign]  # the push has waited for an hour

    tally = await replace(Baseline(desk).case(), clock=later).run(CRM, lambda _: None)
    await desk.route()

    assert tally.recent == 1
    assert await desk.handed("some") == [("changed", push)]


async def test_broken_off_it_goes_on_where_it_ended(desk: Desk) -> None:
    broken = Baseline(desk, stop_after=1)
    first = await broken.run()
    rest = Baseline(desk)
    second = await rest.run()
    third = Baseline(desk)
    await third.run()

    assert (first.read, first.new, first.is_whole) == (500, 500, False)
    assert (second.read, second.new, second.is_whole) == (LEADS, LEADS - 500, True)
    assert rest.asked[0] == (500, 500)
    assert third.asked[0] == (0, 500)


async def test_it_begins_with_the_first_lead_when_told_to(desk: Desk) -> None:
    await Baseline(desk, stop_after=1).run()
    afresh = Baseline(desk)

    tally = await afresh.run(from_start=True)

    assert afresh.asked[0] == (0, 500)
    assert (tally.new, tally.known) == (LEADS - 500, 500)


@pytest.mark.parametrize("mode", [FaultMode.HTML_503, FaultMode.HTML_200, FaultMode.QUOTA, FaultMode.THROTTLED])
async def test_a_crm_that_stays_away_ends_it_and_the_next_run_goes_on(desk: Desk, mode: FaultMode) -> None:
    broken = Baseline(desk)

    def tell(tally: BaselineTally) -> None:
        if tally.read:
            desk.simulator.faults.switch(mode)

    with pytest.raises(CrmAway, match="has read 500 leads: the same command goes on"):
        await broken.case().run(CRM, tell)
    desk.simulator.faults.switch(FaultMode.NONE)
    rest = Baseline(desk)
    tally = await rest.run()

    assert rest.asked[0] == (500, 500)
    assert (tally.read, tally.is_whole) == (LEADS, True)


async def test_pages_shrink_for_a_crm_that_fails_at_large_ones(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotedPages, "largest", 150)
    baseline = Baseline(desk)

    tally = await baseline.run()

    assert tally == BaselineTally(read=LEADS, new=LEADS, is_whole=True)
    assert baseline.asked[:4] == [(0, 500), (0, 250), (0, 125), (125, 500)]


async def test_what_is_no_lead_is_counted_and_the_others_are_taken(desk: Desk) -> None:
    copy_of(desk, 0)["leadScore"] = "many"

    tally = await Baseline(desk).run()

    assert (tally.unreadable, tally.new) == (1, LEADS - 1)
