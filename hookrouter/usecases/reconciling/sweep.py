"""Sweep: find the leads known here that no longer exist in the CRM, which never says that one is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.crm_events import LeadsSwept, SweepDoubted
from hookrouter.domain.errors import CrmAway, CrmRefused
from hookrouter.domain.events import NeighbourFailed
from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.lead import Fields, Lead
from hookrouter.domain.pieces import pieces
from hookrouter.domain.push import Via
from hookrouter.domain.sweeping import Missing, SweepTally, Swept, gone
from hookrouter.ports.crm import LeadCopies
from hookrouter.ports.reconciling import ActiveLeads, Bring, KnownLeads
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.ports.turns import ToldToStop
from hookrouter.wire.pushes.brought import brought
from hookrouter.wire.pushes.lead_schema import read_batch

AT_ONCE = 100
"""Leads that are asked for and brought together."""
AGAIN_AFTER = timedelta(hours=1)
"""When a sweep that was cut short, or not believed, is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Sweeps a source; `active` and `copies` wait for their turns by themselves."""

    active: ActiveLeads
    copies: LeadCopies
    known: KnownLeads
    bring: Bring
    clock: Clock
    observer: Observer
    every: timedelta
    bounds: Bounds = USUAL

    async def run_if_due(self, source: SourceName) -> None:
        """Sweep if it is time for that.

        Raises:
            CrmAway: the CRM does not answer.
            CrmRefused: it refuses.
        """
        if not await self.known.must_sweep(source, self.clock.now()):
            return
        tally = SweepTally()
        try:
            tally = await self.run(source)
        except ToldToStop:
            pass
        except (CrmAway, CrmRefused) as fault:
            self.observer.report(NeighbourFailed(neighbour="crm", reason=str(fault)))
            raise
        finally:
            is_done = tally.is_whole and tally.is_believable
            await self.known.note_sweep(source, self.clock.now() + (self.every if is_done else AGAIN_AFTER))

    async def run(self, source: SourceName) -> SweepTally:
        """Find what is gone and bring it as deleted. Raises as `run_if_due` does, and `ToldToStop`."""
        missing = await self._missing(source)
        tally = SweepTally(known=missing.known, is_believable=missing.is_believable)
        if missing.is_believable:
            tally = replace(tally, gone=await self._bring_gone(source, missing.settled(self.clock.now())))
        swept = LeadsSwept if tally.is_believable else SweepDoubted
        self.observer.report(swept(source=source, known=tally.known, missing=len(missing.leads), gone=tally.gone))
        found = Swept(at=self.clock.now(), known=tally.known, gone=tally.gone)
        await self.known.note_swept(source, found, missing.doubt)
        return replace(tally, is_whole=True)

    async def _missing(self, source: SourceName) -> Missing:
        """The known leads that are on no page of the CRM's list, which is read to its end."""
        known: dict[LeadKey, Fields] = {}
        async for some in self.known.active(source):
            known |= some
        count = len(known)
        async for lead in self.active.ids():
            known.pop(LeadKey(lead), None)
        return Missing(known=count, leads=known)

    async def _bring_gone(self, source: SourceName, missing: Mapping[LeadKey, Fields]) -> int:
        count = 0
        for some in pieces(list(missing), AT_ONCE):
            copies = read_batch(list(await self.copies.by_ids(some)), self.bounds).accepted
            leads = gone({key: missing[key] for key in some}, [lead for _, lead in copies])
            if leads:
                await self._bring(source, leads)
            count += len(leads)
        return count

    async def _bring(self, source: SourceName, leads: Sequence[Lead]) -> None:
        now, name = self.clock.now(), self.clock.new_id("s")
        await self.bring.bring(*brought(name, source, now, leads, Via.SWEEP))
