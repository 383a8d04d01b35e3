"""Enrich: fetch what messages want to know of their leads, and let them go on to their sinks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import LeaseLost, TimelineFetched
from hookrouter.domain.history import newest_events
from hookrouter.domain.history_events import ListsFetched
from hookrouter.domain.hydration import has_id
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Json
from hookrouter.ports.streams import EnrichEntry, Enricher
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.usecases.enriching.asking import Asking, Missing
from hookrouter.usecases.enriching.turns import ToldToStop

PATIENCE = timedelta(minutes=1)
"""How long a lead waits for what is told of it; then it goes out without: a late lead is worth less than a bare one."""
ENTRIES_A_STEP = 100
"""As many as the leads whose lists the CRM tells at once."""

Lists = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichDeliveries:
    """Drains what waits for what the CRM knows."""

    asking: Asking
    clock: Clock
    observer: Observer
    should_stop: Callable[[], bool]

    async def drain(self, enricher: Enricher, name: str) -> int:
        """Enrich what waits in a leased partition; how many entries were enriched."""
        async with enricher.kept():
            return await self._drain(enricher, name)

    async def _drain(self, enricher: Enricher, name: str) -> int:
        entries = 0
        while not self.should_stop():
            waiting = await enricher.read(ENTRIES_A_STEP)
            if not waiting:
                break
            served = await self._serve_all(enricher, waiting)
            for fault in served:
                if isinstance(fault, BaseException) and not isinstance(fault, ToldToStop):
                    raise fault
            if any(isinstance(each, ToldToStop) for each in served):
                break
            if not all(served):
                self.observer.report(LeaseLost(stream=name))
                break
            entries += len(waiting)
        return entries

    async def _serve_all(self, enricher: Enricher, entries: Sequence[EnrichEntry]) -> list[bool | BaseException]:
        """Enrich all, each lead by itself, but with one question for the lists of all that want them."""
        lists = asyncio.ensure_future(self._lists(entries))
        try:
            serving = [self._serve(enricher, lead, lists) for lead in _by_lead(entries)]
            return await asyncio.gather(*serving, return_exceptions=True)
        finally:
            lists.cancel()
            await asyncio.gather(lists, return_exceptions=True)

    async def _serve(self, enricher: Enricher, entries: Sequence[EnrichEntry], lists: asyncio.Future[Lists]) -> bool:
        """Enrich one lead's entries in their order."""
        for entry in entries:
            events, missing = await self._timeline(entry) if entry.enrichment.timeline else ((), "")
            names, unlisted = await self._names(entry, lists) if entry.enrichment.lists else (None, "")
            deliveries = [
                replace(each, timeline=events, timeline_missing=missing, lists=names, lists_missing=unlisted)
                for each in entry.deliveries
            ]
            if not await enricher.commit([entry.id], deliveries):
                return False
        return True

    async def _timeline(self, entry: EnrichEntry) -> tuple[tuple[Mapping[str, Json], ...], str]:
        push = entry.deliveries[0].push
        found: list[Mapping[str, Json]] = []
        try:
            lead = _crm_id(entry.deliveries[0])
            for source in entry.enrichment.sources or (None,):
                found.extend(await self.asking.events(lead, source, entry.since + PATIENCE))
        except Missing as reason:
            self.observer.report(TimelineFetched(push=push, result="missing", reason=str(reason)))
            return (), str(reason)
        self.observer.report(TimelineFetched(push=push, result="fetched", reason=""))
        return newest_events(found, entry.enrichment, self.clock.now()), ""

    async def _lists(self, entries: Sequence[EnrichEntry]) -> Lists:
        """The lists of all leads whose messages want them. Raises `Missing`."""
        asking = [entry for entry in entries if entry.enrichment.lists]
        leads = dict.fromkeys(key for entry in asking if has_id(key := entry.deliveries[0].lead_key))
        if not leads:
            return {}
        deadline = min(entry.since for entry in asking) + PATIENCE
        return await self.asking.lists_of(list(leads), deadline)

    async def _names(self, entry: EnrichEntry, lists: asyncio.Future[Lists]) -> tuple[tuple[str, ...], str]:
        delivery = entry.deliveries[0]
        try:
            lead = _crm_id(delivery)
            names = tuple((await asyncio.shield(lists)).get(lead, ()))
        except Missing as reason:
            self.observer.report(ListsFetched(push=delivery.push, result="missing", reason=str(reason)))
            return (), str(reason)
        self.observer.report(ListsFetched(push=delivery.push, result="fetched", reason=""))
        return names, ""


def _by_lead(entries: Sequence[EnrichEntry]) -> list[list[EnrichEntry]]:
    lanes: dict[LeadKey, list[EnrichEntry]] = defaultdict(list)
    for entry in entries:
        lanes[entry.deliveries[0].lead_key].append(entry)
    return list(lanes.values())


def _crm_id(delivery: Delivery) -> str:
    if not has_id(delivery.lead_key):
        raise Missing("the lead has no id")
    return delivery.lead_key
