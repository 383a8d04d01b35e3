"""Redis is killed amid reconcile, and amid a sweep: what either had begun is done by the next one, and told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from enrich_support import Desk, crm_id, desk_at
from reconcile_support import CRM, Broom, Changes, Run, change, touch
from valkeys import OwnValkey

from hookrouter.clock import SystemClock
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Batch, Push
from hookrouter.domain.reconciling import Kind, Span
from hookrouter.ports.reconciling import ActiveLeads, Bring

LEADS, CHANGED, GONE = 700, 600, 25
ROUTES = """\
  - {name: gone, match: {event: deleted}, to: [some]}
  - {name: changed, match: {event: updated, leadScore: 77}, to: [all]}
"""


@pytest.fixture
async def desk(tmp_path: Path, own_valkey: OwnValkey) -> AsyncIterator[Desk]:
    """All leads are known here, as they were days ago."""
    async with desk_at(tmp_path, own_valkey.url, leads=LEADS) as made:
        made.configure(ROUTES)
        for lead in made.simulator.book:
            touch(lead, created=5, days=3)
        made.push(*made.simulator.book)
        await made.route()
        yield made


def rise(server: OwnValkey) -> None:
    server.process = OwnValkey.start(server.folder, *server.options, port=server.port).process


@dataclass
class DeadlyChanges(Changes):
    """The CRM's changes; something happens while it answers one of the calls."""

    call: int = 1
    happens: Callable[[], object] = int

    async def page(self, kind: Kind, span: Span, offset: int, limit: int) -> Sequence[dict[str, Json]]:
        page = await super().page(kind, span, offset, limit)
        if len(self.asked) == self.call:
            self.happens()
        return page


@dataclass
class DeadlyBring:
    """Brings leads; something happens just before the second time, or just after."""

    bring_: Bring
    happens: Callable[[], object]
    is_after: bool
    times: int = 0

    async def bring(self, push: Push, batch: Batch) -> None:
        self.times += 1
        if self.times == 2 and not self.is_after:
            self.happens()
        await self.bring_.bring(push, batch)
        if self.times == 2 and self.is_after:
            self.happens()


@dataclass
class DeadlyActive:
    """The CRM's list; something happens amid it."""

    active: ActiveLeads
    happens: Callable[[], object]

    async def ids(self) -> AsyncIterator[str]:
        count = 0
        async for lead in self.active.ids():
            count += 1
            if count == 550:
                self.happens()
            yield lead


async def told(desk: Desk, sink: str) -> Counter[tuple[str, str]]:
    await desk.route()
    return Counter((each.lead_key, each.event) for each in await desk.deliveries(sink, most=5000))


@pytest.mark.parametrize("when", ["at the first page", "at the second page", "before it brings", "after it brought"])
async def test_reconcile_goes_on_when_redis_is_back_and_tells_each_change_once(
    desk: Desk, own_valkey: OwnValkey, when: str
) -> None:
    for number in range(CHANGED):
        change(desk, number, minutes=30)
    run = Run(desk)
    await run.memory.advance(CRM, SystemClock().now() - timedelta(hours=2))
    doomed: Any = run.case
    if "page" in when:
        call = 1 if "first" in when else 2
        doomed.changes.changes = DeadlyChanges(desk, call=call, happens=own_valkey.kill)
    else:
        doomed = replace(doomed, bring=DeadlyBring(doomed.bring, own_valkey.kill, is_after="after" in when))
    with pytest.raises(StoreAway):
        await doomed.run(CRM)

    rise(own_valkey)
    tally = await Run(desk).go_on()

    assert tally.is_whole
    assert await told(desk, "all") == {(crm_id(number), "updated"): 1 for number in range(CHANGED)}
    assert (await Run(desk).go_on()).missed == 0


@pytest.mark.parametrize("when", ["amid the list", "before it brings", "after it brought"])
async def test_a_sweep_is_made_again_when_redis_is_back_and_tells_each_lead_once(
    desk: Desk, own_valkey: OwnValkey, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookrouter.usecases.reconciling.sweep.AT_ONCE", 10)
    for number in range(GONE):
        desk.simulator.book.delete(crm_id(number))
    broom = Broom(desk).case
    if when == "amid the list":
        doomed = replace(broom, active=DeadlyActive(broom.active, own_valkey.kill))
    else:
        doomed = replace(broom, bring=DeadlyBring(broom.bring, own_valkey.kill, is_after="after" in when))
    with pytest.raises(StoreAway):
        await doomed.run_if_due(CRM)

    rise(own_valkey)
    await broom.run_if_due(CRM)

    assert await told(desk, "some") == {(crm_id(number), "deleted"): 1 for number in range(GONE)}
    assert not await broom.known.must_sweep(CRM, SystemClock().now())
