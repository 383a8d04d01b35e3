"""Enrich: fetch what messages want to know of their leads, and let them go on to their sinks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import LeaseLost, TimelineFetched
from hookrouter.domain.history import newest_events
from hookrouter.domain.history_events import ListsFetched
from hookrouter.domain.hydration import has_id
from hookrouter.domain.ids import LeadKey, SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.routing import OnFailure
from hookrouter.ports.streams import EnrichEntry, Enricher
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.usecases.enriching.asking import Asking, Missing
from hookrouter.usecases.enriching.turns import ToldToStop

PATIENCE = timedelta(minutes=1)
"""How long a lead waits for what is told of it, unless its route says otherwise; then it goes out without: a late lead
is worth less than a bare one."""
ENTRIES_A_STEP = 100
"""As many as the leads whose lists the CRM tells at once."""

T = TypeVar("T")
Lists = Mapping[str, Sequence[str]]
Way = tuple[LeadKey, SinkName]
Questions = Mapping[OnFailure | None, asyncio.Future[Lists]]
Timeline = tuple[Mapping[str, Json], ...]


@dataclass(slots=True)
class Drained:
    """What a drain did; leads that are `left` have to wait on their way to a sink, until the kick comes again."""

    entries: int = 0
    left: set[Way] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichDeliveries:
    """Drains what waits for what the CRM knows."""

    asking: Asking
    clock: Clock
    observer: Observer
    should_stop: Callable[[], bool]

    async def drain(self, enricher: Enricher, name: str) -> Drained:
        """Enrich what waits in a leased partition, but for those leads that have to wait longer."""
        async with enricher.kept():
            return await self._drain(enricher, name)

    async def _drain(self, enricher: Enricher, name: str) -> Drained:
        drained, after = Drained(), None
        while not self.should_stop():
            waiting = await enricher.read(ENTRIES_A_STEP, after)
            if not waiting:
                break
            after = waiting[-1].id
            served = await self._serve_all(enricher, waiting, drained)
            for fault in served:
                if isinstance(fault, BaseException) and not isinstance(fault, ToldToStop):
                    raise fault
            if any(isinstance(each, ToldToStop) for each in served):
                break
            if not all(served):
                self.observer.report(LeaseLost(stream=name))
                break
        return drained

    async def _serve_all(
        self, enricher: Enricher, entries: Sequence[EnrichEntry], drained: Drained
    ) -> list[bool | BaseException]:
        """Enrich all, each lead by itself, but with one question for the lists of all that can wait equally long."""
        lists = {wait: asyncio.ensure_future(self._lists(entries, wait)) for wait in (None, *OnFailure)}
        try:
            serving = [self._serve(enricher, lead, lists, drained) for lead in _by_lead(entries)]
            served = await asyncio.gather(*serving, return_exceptions=True)
            await asyncio.wait(lists.values())  # though all have left: it may be what finds out that the CRM is back
            return served
        finally:
            for each in lists.values():
                each.cancel()
            await asyncio.gather(*lists.values(), return_exceptions=True)

    async def _serve(
        self, enricher: Enricher, entries: Sequence[EnrichEntry], lists: Questions, drained: Drained
    ) -> bool:
        """Enrich one lead's entries, in their order for each sink; False if the lease was lost."""
        for entry in entries:
            ways = {(each.lead_key, each.sink) for each in entry.deliveries}
            try:
                deliveries = await self._enriched(entry, lists) if drained.left.isdisjoint(ways) else []
            except Missing:
                deliveries = []
            if not deliveries:
                drained.left |= ways
                continue
            if not await enricher.commit([entry.id], deliveries):
                return False
            drained.entries += 1
        return True

    async def _enriched(self, entry: EnrichEntry, lists: Questions) -> list[Delivery]:
        """The deliveries with what is told of their lead. Raises `Missing` if the lead waits on."""
        push, wanted = entry.deliveries[0].push, entry.enrichment
        events: Timeline = ()
        names: tuple[str, ...] | None = None
        no_events = no_names = ""
        if wanted.timeline:
            events, no_events = await self._told(entry, self._timeline(entry), ())
        if wanted.lists:
            names, no_names = await self._told(entry, self._names(entry, lists[wanted.on_failure]), ())
        if wanted.timeline:
            self.observer.report(TimelineFetched(push=push, result=_result(no_events), reason=no_events))
        if wanted.lists:
            self.observer.report(ListsFetched(push=push, result=_result(no_names), reason=no_names))
        return [
            replace(each, timeline=events, timeline_missing=no_events, lists=names, lists_missing=no_names)
            for each in entry.deliveries
        ]

    async def _told(self, entry: EnrichEntry, question: Awaitable[T], without: T) -> tuple[T, str]:
        """What the CRM tells, or what stands in for it and why. Raises `Missing` if the lead waits on."""
        try:
            return await question, ""
        except Missing as reason:
            if reason.is_passing and self._waits_on(entry):
                raise
            return without, str(reason)

    def _waits_on(self, entry: EnrichEntry) -> bool:
        match entry.enrichment.on_failure:
            case OnFailure.WAIT:
                return True
            case OnFailure.DELIVER:
                return False
            case None:
                return self.clock.now() < entry.since + PATIENCE

    def _latest_turn(self, entries: Sequence[EnrichEntry], wait: OnFailure | None) -> datetime:
        """Until when turns are waited for; who waits however long comes again."""
        since = self.clock.now() if wait is OnFailure.WAIT else min(entry.since for entry in entries)
        return since + PATIENCE

    async def _timeline(self, entry: EnrichEntry) -> Timeline:
        found: list[Mapping[str, Json]] = []
        lead, latest = _crm_id(entry.deliveries[0]), self._latest_turn([entry], entry.enrichment.on_failure)
        for source in entry.enrichment.sources or (None,):
            found.extend(await self.asking.events(lead, source, latest))
        return newest_events(found, entry.enrichment, self.clock.now())

    async def _lists(self, entries: Sequence[EnrichEntry], wait: OnFailure | None) -> Lists:
        """The lists of all leads that can wait so long and whose messages want them. Raises `Missing`."""
        asking = [entry for entry in entries if entry.enrichment.lists and entry.enrichment.on_failure is wait]
        leads = dict.fromkeys(key for entry in asking if has_id(key := entry.deliveries[0].lead_key))
        return await self.asking.lists_of(list(leads), self._latest_turn(asking, wait)) if leads else {}

    async def _names(self, entry: EnrichEntry, lists: asyncio.Future[Lists]) -> tuple[str, ...]:
        lead = _crm_id(entry.deliveries[0])
        return tuple((await asyncio.shield(lists)).get(lead, ()))


def _by_lead(entries: Sequence[EnrichEntry]) -> list[list[EnrichEntry]]:
    lanes: dict[LeadKey, list[EnrichEntry]] = defaultdict(list)
    for entry in entries:
        lanes[entry.deliveries[0].lead_key].append(entry)
    return list(lanes.values())


def _crm_id(delivery: Delivery) -> str:
    if not has_id(delivery.lead_key):
        raise Missing("the lead has no id")
    return delivery.lead_key


def _result(missing: str) -> str:
    return "missing" if missing else "fetched"
