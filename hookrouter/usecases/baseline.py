"""Baseline: read all leads from the CRM into snapshots, so that the first pushes are judged by what really changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookrouter.domain.baseline import SETTLED_AFTER, BaselineTally, Standing, standing
from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.errors import CrmAway
from hookrouter.domain.ids import SourceName
from hookrouter.domain.lead import Json, Lead
from hookrouter.domain.pieces import pieces
from hookrouter.ports.baseline import Laid, LeadPages, Snapshots
from hookrouter.ports.surroundings import Clock
from hookrouter.ports.turns import ToldToStop, Turns
from hookrouter.wire.pushes.lead_schema import read_batch

MOST_A_CALL = 500
"""Leads; the CRM silently gives no more (crm-api 2)."""
LEAST_A_CALL = 50
"""Leads; after a failure half as many are asked for, for large pages alone have been seen to fail (crm-api 2)."""
AT_ONCE = 50
"""Leads that are judged and laid down together; others share Redis."""
TRIES = 6
FIRST_PAUSE = timedelta(seconds=1)
"""How long the CRM is left alone after it did not answer; twice as long each time, half a minute in all."""

Tell = Callable[[BaselineTally], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayBaseline:
    """Lays the baseline of a source; safe to repeat, and while pushes come in."""

    pages: LeadPages
    snapshots: Snapshots
    turns: Turns
    clock: Clock
    bounds: Bounds = USUAL
    first_pause: timedelta = FIRST_PAUSE

    async def run(self, source: SourceName, tell: Tell, *, from_start: bool = False) -> BaselineTally:
        """Read the leads that are left, or all of them; `tell` hears of each page.

        Raises:
            CrmAway: it does not answer; the next run goes on where this one ended.
            CrmRefused: it refuses.
        """
        tally = BaselineTally(read=0 if from_start else await self.snapshots.place(source))
        tell(tally)
        try:
            while page := await self._page(tally.read):
                tally = await self._lay(source, page, tally)
                await self.snapshots.note_place(source, tally.read)
                tell(tally)
        except ToldToStop:
            return tally
        await self.snapshots.note_place(source, 0)
        return replace(tally, is_whole=True)

    async def _page(self, offset: int) -> Sequence[dict[str, Json]]:
        limit, pause = MOST_A_CALL, self.first_pause
        for left in reversed(range(TRIES)):
            await self.turns.wait()
            try:
                return await self.pages.page(offset, limit)
            except CrmAway as fault:
                if not left:
                    text = f"{fault} (the baseline has read {offset} leads: the same command goes on with the next)"
                    raise CrmAway(text) from None
                limit = max(LEAST_A_CALL, limit // 2)
                await self.turns.sleep(pause)
                pause *= 2
        raise AssertionError("the last try returns or raises")

    async def _lay(self, source: SourceName, page: Sequence[Json], tally: BaselineTally) -> BaselineTally:
        # Asked for after the page was read: what the CRM pushed of it by then is waiting, or was compared already.
        settled = await self._settled()
        for some in pieces(page, AT_ONCE):
            batch = read_batch(list(some), self.bounds)
            standings = await self._judge(source, [lead for _, lead in batch.accepted], settled)
            tally = tally.plus(read=len(some), unreadable=len(batch.rejected), standings=standings)
            await asyncio.sleep(0)
        return tally

    async def _judge(self, source: SourceName, leads: Sequence[Lead], settled: datetime) -> list[Standing]:
        seen = await self.snapshots.seen(source, [lead.key for lead in leads])
        standings = [standing(lead, each.fields, settled) for lead, each in zip(leads, seen, strict=True)]
        places = [place for place, each in enumerate(standings) if each in {Standing.NEW, Standing.NEWER}]
        laid = await self.snapshots.lay(
            source,
            [
                Laid(
                    lead=leads[place].key,
                    fields={**(seen[place].fields or {}), **leads[place].fields},
                    over=seen[place],
                )
                for place in places
            ],
        )
        for place, is_laid in zip(places, laid, strict=True):
            if not is_laid:  # a push came first
                standings[place] = Standing.KNOWN
        return standings

    async def _settled(self) -> datetime:
        waiting = await self.snapshots.oldest_waiting()
        now = self.clock.now()
        return (now if waiting is None else min(now, waiting)) - SETTLED_AFTER
