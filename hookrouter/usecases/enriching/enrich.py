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
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Json
from hookrouter.ports.streams import EnrichEntry, Enricher
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.ports.turns import LOOK_EVERY, ToldToStop
from hookrouter.usecases.enriching.asking import Asking, Missing
from hookrouter.usecases.enriching.known import LOOK_THROUGH, Drained, Telling

TURN_WITHIN = timedelta(minutes=1)
"""How long a turn at a CRM that answers is waited for; by then a lead whose route does not wait goes out without, and
any other comes again."""
ENTRIES_A_STEP = 100
"""As many as the leads whose lists the CRM tells at once."""

T = TypeVar("T")
Lists = Mapping[str, Sequence[str]]
Questions = Mapping[timedelta | None, asyncio.Future[Lists]]
Timeline = tuple[Mapping[str, Json], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichDeliveries:
    """Drains what waits for what the CRM knows.

    While it is away, what is known to wait is not read again: one of its leads finds out whether it is back.
    """

    asking: Asking
    clock: Clock
    observer: Observer
    should_stop: Callable[[], bool]
    telling: Telling
    _known: dict[str, Drained] = field(default_factory=dict, init=False)

    async def drain(self, enricher: Enricher, name: str) -> Drained:
        """Enrich what waits in a leased partition, but for those leads that have to wait longer."""
        async with enricher.kept():
            answers = self.asking.answers
            drained = await self._drain(enricher, name)
            if self.asking.answers > answers:
                await enricher.note_back()
            await self._tell(enricher, name, drained)
            return drained

    async def _drain(self, enricher: Enricher, name: str) -> Drained:
        known, now = self._known.pop(name, None), self.clock.now()
        drained = Drained(look_again=now + LOOK_THROUGH)
        if known is not None and self.asking.why_away and now < known.look_again:
            known.entries = 0
            is_through = await self._serve_behind(enricher, name, known)
            if self.asking.why_away or not is_through:
                return self._remember(name, known, is_through=is_through)
            drained.entries = known.entries
        is_through = await self._go_on(enricher, name, drained)
        return self._remember(name, drained, is_through=is_through)

    def _remember(self, name: str, drained: Drained, *, is_through: bool) -> Drained:
        if is_through and drained.left and self.asking.why_away:
            self._known[name] = drained
        return drained

    async def _tell(self, enricher: Enricher, name: str, drained: Drained) -> None:
        """Let people know what waits for a CRM that is away."""
        why = self.asking.why_away
        if why:
            await enricher.note_away(why)
        if not (why and drained.left):
            self.telling.end(name)
        elif self.telling.is_due(name):
            self.telling.tell(name, await enricher.withheld(), why)

    async def _serve_behind(self, enricher: Enricher, name: str, known: Drained) -> bool:
        """Enrich what came since, and find out meanwhile whether the CRM is back; whether it came to the end."""
        if not self.asking.may_be_back:
            return await self._go_on(enricher, name, known)
        finding_out = asyncio.ensure_future(self._find_out(enricher))
        is_through = True
        try:
            while is_through and not finding_out.done():
                is_through = await self._go_on(enricher, name, known)
                await asyncio.wait([finding_out], timeout=LOOK_EVERY)
        finally:
            await asyncio.wait([finding_out])
        finding_out.result()
        return is_through

    async def _find_out(self, enricher: Enricher) -> None:
        """Ask for the oldest lead; for the next if it went on without a question."""
        tried = Drained(look_again=self.clock.now())
        while self.asking.may_be_back and not tried.left and not self.should_stop():
            waiting = await enricher.read(1, tried.after)
            if not waiting:
                break
            _raise_faults(await self._serve_all(enricher, waiting, tried))
            tried.after = waiting[-1].id

    async def _go_on(self, enricher: Enricher, name: str, drained: Drained) -> bool:
        """Enrich all that was not looked at; whether it came to the end."""
        while not self.should_stop():
            waiting = await enricher.read(ENTRIES_A_STEP, drained.after)
            if not waiting:
                return True
            served = await self._serve_all(enricher, waiting, drained)
            _raise_faults(served)
            if any(isinstance(each, ToldToStop) for each in served):
                break
            if not all(served):
                self.observer.report(LeaseLost(stream=name))
                break
            drained.after = waiting[-1].id
        return False

    async def _serve_all(
        self, enricher: Enricher, entries: Sequence[EnrichEntry], drained: Drained
    ) -> list[bool | BaseException]:
        """Enrich all, each lead by itself, but with one question for the lists of all that can wait equally long."""
        waits = {entry.enrichment.patience for entry in entries}
        lists = {wait: asyncio.ensure_future(self._lists(entries, wait)) for wait in waits}
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
            if not drained.left.isdisjoint(ways):
                drained.left |= ways
                continue
            try:
                deliveries = await self._enriched(entry, lists)
            except Missing:
                drained.leave(entry, ways, self.clock.now())
                continue
            if not await enricher.commit([entry.id], deliveries):
                return False
            drained.entries += 1
        return True

    async def _enriched(self, entry: EnrichEntry, lists: Questions) -> list[Delivery]:
        """The deliveries with what is told of their lead. Raises `Missing` if the lead waits on."""
        push, wanted = entry.deliveries[0].push, entry.enrichment
        asked_by = tuple(delivery.id for delivery in entry.deliveries)
        events: Timeline = ()
        names: tuple[str, ...] | None = None
        no_events = no_names = ""
        if wanted.timeline:
            events, no_events = await self._told(entry, self._timeline(entry), ())
        if wanted.lists:
            names, no_names = await self._told(entry, self._names(entry, lists[wanted.patience]), ())
        if wanted.timeline:
            result = _result(no_events)
            self.observer.report(TimelineFetched(push=push, deliveries=asked_by, result=result, reason=no_events))
        if wanted.lists:
            result = _result(no_names)
            self.observer.report(ListsFetched(push=push, deliveries=asked_by, result=result, reason=no_names))
        return [
            replace(each, timeline=events, timeline_missing=no_events, lists=names, lists_missing=no_names)
            for each in entry.deliveries
        ]

    async def _told(self, entry: EnrichEntry, question: Awaitable[T], without: T) -> tuple[T, str]:
        """What the CRM tells, or what stands in for it and why. Raises `Missing` if the lead waits on."""
        try:
            return await question, ""
        except Missing as reason:
            if reason.is_passing and (entry.due is None or self.clock.now() < entry.due):
                raise
            return without, str(reason)

    def _latest_turn(self, entries: Sequence[EnrichEntry], wait: timedelta | None) -> datetime:
        """Until when turns are waited for; who waits longer comes again."""
        comes_again = wait is None or wait > TURN_WITHIN
        since = self.clock.now() if comes_again else min(entry.since for entry in entries)
        return since + TURN_WITHIN

    async def _timeline(self, entry: EnrichEntry) -> Timeline:
        found: list[Mapping[str, Json]] = []
        lead, latest = _crm_id(entry.deliveries[0]), self._latest_turn([entry], entry.enrichment.patience)
        for source in entry.enrichment.sources or (None,):
            found.extend(await self.asking.events(lead, source, latest))
        return newest_events(found, entry.enrichment, self.clock.now())

    async def _lists(self, entries: Sequence[EnrichEntry], wait: timedelta | None) -> Lists:
        """The lists of all leads that can wait so long and whose messages want them. Raises `Missing`."""
        asking = [entry for entry in entries if entry.enrichment.lists and entry.enrichment.patience == wait]
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


def _raise_faults(served: Sequence[bool | BaseException]) -> None:
    for fault in served:
        if isinstance(fault, BaseException) and not isinstance(fault, ToldToStop):
            raise fault


def _result(missing: str) -> str:
    return "missing" if missing else "fetched"
