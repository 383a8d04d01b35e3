"""Enrich: fetch the history of the leads whose routes ask for it, and let them go on to their sinks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.errors import CrmAway, CrmRefused
from hookrouter.domain.events import LeaseLost, NeighbourFailed, TimelineFetched
from hookrouter.domain.history import newest_events
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Json
from hookrouter.ports.crm import History, RateLimit, TimelineCache
from hookrouter.ports.streams import EnrichEntry, Enricher
from hookrouter.ports.surroundings import Clock, Observer

PATIENCE = timedelta(minutes=1)
"""How long a lead waits for its history; then it goes out without, for a late lead is worth less than a bare one."""
PAUSE_WHEN_AWAY = timedelta(seconds=5)
"""How long the CRM is left alone after it did not answer."""
ENTRIES_A_STEP = 32


class HistoryMissing(Exception):  # noqa: N818 - it reads as what happened
    """Raised within when a history cannot be had in time; its text says why."""


class EnrichDeliveries:
    """Drains what waits for its history; `history` is None when no CRM is configured."""

    def __init__(
        self,
        *,
        history: History | None,
        cache: TimelineCache,
        permits: RateLimit,
        clock: Clock,
        observer: Observer,
        should_stop: Callable[[], bool],
    ) -> None:
        """Join the neighbours."""
        self._history = history
        self._cache = cache
        self._permits = permits
        self._clock = clock
        self._observer = observer
        self._should_stop = should_stop
        self._leave_alone_until = clock.now()

    async def drain(self, enricher: Enricher, name: str) -> int:
        """Enrich what waits in a leased partition; how many entries were enriched."""
        async with enricher.kept():
            return await self._drain(enricher, name)

    async def _drain(self, enricher: Enricher, name: str) -> int:
        entries = 0
        while not self._should_stop():
            waiting = await enricher.read(ENTRIES_A_STEP)
            if not waiting:
                break
            serving = [self._serve(enricher, lead) for lead in _by_lead(waiting)]
            served = await asyncio.gather(*serving, return_exceptions=True)
            for fault in served:
                if isinstance(fault, BaseException):
                    raise fault
            if not all(served):
                self._observer.report(LeaseLost(stream=name))
                break
            entries += len(waiting)
        return entries

    async def _serve(self, enricher: Enricher, entries: Sequence[EnrichEntry]) -> bool:
        """Enrich one lead's entries in their order."""
        for entry in entries:
            events, missing = await self._timeline(entry)
            deliveries = [replace(delivery, timeline=events, timeline_missing=missing) for delivery in entry.deliveries]
            if not await enricher.commit([entry.id], deliveries):
                return False
        return True

    async def _timeline(self, entry: EnrichEntry) -> tuple[tuple[Mapping[str, Json], ...], str]:
        delivery = entry.deliveries[0]
        try:
            found = await self._fetch(_crm_id(delivery), entry)
        except HistoryMissing as reason:
            self._observer.report(TimelineFetched(push=delivery.push, result="missing", reason=str(reason)))
            return (), str(reason)
        self._observer.report(TimelineFetched(push=delivery.push, result="fetched", reason=""))
        return newest_events(found, entry.enrichment, self._clock.now()), ""

    async def _fetch(self, lead: str | None, entry: EnrichEntry) -> Sequence[Mapping[str, Json]]:
        if lead is None:
            raise HistoryMissing("the lead has no id")
        found: list[Mapping[str, Json]] = []
        for source in entry.enrichment.sources or (None,):
            found.extend(await self._events(lead, source, entry.since + PATIENCE))
        return found

    async def _events(self, lead: str, source: str | None, deadline: datetime) -> Sequence[Mapping[str, Json]]:
        known = await self._cache.get(lead, source)
        if known is not None:
            return known
        asked_at = self._clock.now()
        events = await self._ask(lead, source, deadline)
        await self._cache.put(lead, source, events, asked_at=asked_at)
        return events

    async def _ask(self, lead: str, source: str | None, deadline: datetime) -> Sequence[Mapping[str, Json]]:
        if self._history is None:
            raise HistoryMissing("no CRM is configured")
        while True:
            await self._wait_for_turn(deadline)
            try:
                return await self._history.timeline(lead, source)
            except CrmRefused as fault:
                raise HistoryMissing(f"the CRM refused it (code {fault.code})") from None
            except CrmAway as fault:
                self._observer.report(NeighbourFailed(neighbour="crm", reason=str(fault)))
                self._leave_alone_until = self._clock.now() + PAUSE_WHEN_AWAY

    async def _wait_for_turn(self, deadline: datetime) -> None:
        while True:
            pause = self._leave_alone_until - self._clock.now()
            if pause > timedelta() and not await self._sleep(pause, deadline):
                raise HistoryMissing("the CRM does not answer")
            wait = await self._permits.take()
            if not wait:
                return
            if not await self._sleep(wait, deadline):
                raise HistoryMissing("the CRM's rate limit is used up")

    async def _sleep(self, wait: timedelta, deadline: datetime) -> bool:
        if self._should_stop() or self._clock.now() + wait > deadline:
            return False
        await asyncio.sleep(wait.total_seconds())
        return True


def _by_lead(entries: Sequence[EnrichEntry]) -> list[list[EnrichEntry]]:
    lanes: dict[LeadKey, list[EnrichEntry]] = defaultdict(list)
    for entry in entries:
        lanes[entry.deliveries[0].lead_key].append(entry)
    return list(lanes.values())


def _crm_id(delivery: Delivery) -> str | None:
    return None if delivery.lead_key.startswith("email:") else delivery.lead_key
