"""Whole histories asked of the CRM, in its turn and as seldom as may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.errors import CrmQuotaSpent
from hookrouter.domain.lead import Json
from hookrouter.ports.crm import PAGE_OF_EVENTS, History, TimelineCache
from hookrouter.ports.surroundings import Clock
from hookrouter.ports.turns import DaySpent, Turns

MOST_PAGES = 10
"""Pages of a history that are read: whoever has more events than five thousand is hardly a lead."""
Events = Sequence[Mapping[str, Json]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Histories, remembered for minutes; a decision needs one that was asked for after its push had come."""

    history: History
    cache: TimelineCache
    turns: Turns
    clock: Clock

    async def of(self, lead: str, sources: Sequence[str], since: datetime) -> Events:
        """The events of a lead, of these sources at least; asked for at that moment or later.

        Raises:
            CrmAway: it does not answer, or the day's calls are used up.
            CrmRefused: it refuses.
            ToldToStop: there is no time left.
        """
        # The API takes one source a call, and any number of them when none is named.
        source = sources[0] if len(sources) == 1 else None
        known = await self.cache.get(lead, source, since=since)
        if known is not None:
            return known
        asked_at = self.clock.now()
        events = await self._pages(lead, source)
        await self.cache.put(lead, source, events, asked_at=asked_at)
        return events

    async def _pages(self, lead: str, source: str | None) -> Events:
        events: list[Mapping[str, Json]] = []
        page: Events = ()
        for _ in range(MOST_PAGES):
            await self._turn()
            earlier, page = page, await self.history.timeline(lead, source, offset=len(events))
            if page and page == earlier:
                break  # the vendor does not document the offset: where it does not count, each page is the first
            events += page
            if len(page) < PAGE_OF_EVENTS:
                break
        return events

    async def _turn(self) -> None:
        try:
            await self.turns.wait()
        except DaySpent as reason:
            raise CrmQuotaSpent(str(reason), did_nothing=True) from None
