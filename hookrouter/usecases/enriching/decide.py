"""Decide: tell the routes of a lead that its history must tell, however long the CRM is away."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hookrouter.domain.case import Case
from hookrouter.domain.errors import CrmAway, CrmQuotaSpent, CrmRefused
from hookrouter.domain.events import LeaseLost, NeighbourFailed, TimelineFetched
from hookrouter.domain.figures import IN_UTC, Days, Tally
from hookrouter.domain.handing import hand_over, told_besides
from hookrouter.domain.hydration import has_id
from hookrouter.domain.ids import Who
from hookrouter.domain.lead_clock import KnownClocks, begin_clocks
from hookrouter.domain.once import NO_MARKS, Marks
from hookrouter.domain.pending import Pending
from hookrouter.domain.quota import SPENT
from hookrouter.domain.rejection import unroutable
from hookrouter.domain.routing import RouteTable
from hookrouter.domain.routing_events import LeadDecided, LeadJudged, LeadUnroutable
from hookrouter.domain.silence import Listening, silenced
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.streams import DecidedEntry, PendingEntry, Pendings
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.ports.turns import ToldToStop
from hookrouter.usecases.enriching.histories import Events, Histories
from hookrouter.usecases.enriching.known import Telling
from hookrouter.wire.crm.errors import ABOUT_A_LEADS_HISTORY

ENTRIES_A_STEP = 32
FAILURES_IN_A_ROW = 3
"""After this many failures the CRM counts as away; a single lead whose history it cannot tell must not stop others."""
SHORTEST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)
"""How long the CRM is left alone when it is away; twice as long each time."""

Told = Sequence[LeadJudged | LeadUnroutable]


@dataclass(slots=True)
class Patience:
    """Whether to ask the CRM, by how it has answered lately."""

    clock: Clock
    failures: int = 0
    pause: timedelta = SHORTEST_PAUSE
    until: float = 0.0
    why: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the CRM is to be left alone now."""
        return self.clock.monotonic() < self.until

    def note_answer(self) -> None:
        """Note that it answered."""
        self.failures, self.pause = 0, SHORTEST_PAUSE

    def note_failure(self, why: str) -> None:
        """Note that it did not answer once more."""
        self.failures, self.why = self.failures + 1, why
        if self.failures >= FAILURES_IN_A_ROW and not self.is_over:
            self.until = self.clock.monotonic() + self.pause.total_seconds()
            self.pause = min(2 * self.pause, LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a lead besides its history; `clocks` is None where no route follows up."""

    marks: Marks
    silences: Sequence[Listening]
    clocks: KnownClocks | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidePending:
    """Drains what is pending, by the routes of one `revision`; `histories` is None when no CRM is configured.

    A route that is gone by now takes no lead, and one that was changed is judged as it is now: the operator does not
    want the former rule any more.
    """

    table: RouteTable
    revision: str
    histories: Histories | None
    wake: Wake
    clock: Clock
    observer: Observer
    should_stop: Callable[[], bool]
    telling: Telling
    days: Days = IN_UTC
    patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        """Begin with all patience."""
        object.__setattr__(self, "patience", Patience(self.clock))

    async def drain(self, pendings: Pendings, name: str) -> bool:
        """Decide what waits in a leased partition; False when some of it has to wait, until the kick comes again."""
        if self.patience.is_over:
            return False
        async with pendings.kept():
            left: set[Who] = set()
            try:
                is_through = await self._drain(pendings, name, left)
            except ToldToStop:
                return False
            if not left:
                self.telling.end(name)
            elif self.telling.is_due(name):
                self.telling.tell(name, await pendings.withheld(), self.patience.why)
            return is_through

    async def _drain(self, pendings: Pendings, name: str, left: set[Who]) -> bool:
        after = None
        while not self.should_stop() and not self.patience.is_over:
            waiting = await pendings.read(ENTRIES_A_STEP, after)
            if not waiting:
                return not left
            after = waiting[-1].id
            serving = [self._serve(pendings, who, entries, left) for who, entries in _by_lead(waiting, left)]
            served = await asyncio.gather(*serving, return_exceptions=True)
            for fault in served:
                if isinstance(fault, BaseException):
                    raise fault
            if not all(served):
                self.observer.report(LeaseLost(stream=name))
                return False
        return False

    async def _serve(self, pendings: Pendings, who: Who, entries: Sequence[PendingEntry], left: set[Who]) -> bool:
        """Decide one lead's entries in their order, or leave it with those behind; False if the lease was lost."""
        for entry in entries:
            try:
                events = await self._history(entry.pending)
            except (CrmAway, CrmRefused) as fault:
                why = SPENT if isinstance(fault, CrmQuotaSpent) else str(fault)
                self.patience.note_failure(why)
                self.observer.report(NeighbourFailed(neighbour="crm", reason=str(fault)))
                await pendings.note_away(why)
                left.add(who)
                return True
            marks = NO_MARKS if self.table.longest_once is None else await pendings.marks(who)
            [clocks] = await pendings.clocks([who], self.table.follow_ups) if self.table.follow_ups else [None]
            decided, told = self._decide(entry, events, _Known(marks, await pendings.silences(), clocks))
            if not await pendings.commit(decided):
                return False
            self._report(decided, told)
        return True

    async def _history(self, pending: Pending) -> Events | None:
        """What the lead did, as far as the routes ask; None if that cannot be known."""
        asked = [route.match_timeline for route in self.table.named(pending.routes) if route.match_timeline is not None]
        lead = pending.change.lead.key
        if not asked:
            return ()
        if self.histories is None or not has_id(lead):
            self._report_missing(pending, "the lead has no id")
            return None
        sources = {source: None for each in asked for source in each.sources} if all(e.sources for e in asked) else ()
        if self.patience.is_over:
            raise CrmAway("the CRM does not answer; it is asked again later")
        try:
            events = await self.histories.of(lead, tuple(sources), pending.occasion.received_at)
        except CrmRefused as fault:
            if fault.code not in ABOUT_A_LEADS_HISTORY:
                raise
            self.patience.note_answer()
            self._report_missing(pending, f"the CRM refused it (code {fault.code})")
            return None
        self.patience.note_answer()
        self.observer.report(TimelineFetched(push=pending.occasion.push, deliveries=(), result="fetched", reason=""))
        return events

    def _report_missing(self, pending: Pending, reason: str) -> None:
        push = pending.occasion.push
        self.observer.report(TimelineFetched(push=push, deliveries=(), result="missing", reason=reason))

    def _decide(self, entry: PendingEntry, events: Events | None, known: _Known) -> tuple[DecidedEntry, Told]:
        try:
            return self._judge(entry, events, known)
        except Exception as fault:  # noqa: BLE001 - one lead's defect must not hold up its partition for ever
            occasion, kind = entry.pending.occasion, type(fault).__name__
            rejection = unroutable(occasion, entry.pending.change.lead, kind, self.clock.now())
            event = LeadUnroutable(push=occasion.push, source=occasion.source, place=occasion.place, kind=kind)
            return DecidedEntry(entry=entry.id, rejected=[rejection]), (event,)

    def _judge(self, entry: PendingEntry, events: Events | None, known: _Known) -> tuple[DecidedEntry, Told]:
        occasion, change = entry.pending.occasion, entry.pending.change
        case = Case(change=change, source=occasion.source, at=occasion.received_at, timeline=events)
        taken = self.table.settle(entry.pending.routes, case)
        quiet = silenced(known.silences, case, self.clock.now())
        handed = hand_over(occasion, change, taken, self.revision, known.marks, silenced=quiet)
        if known.clocks is not None:
            handed.clocks += begin_clocks(
                occasion, change, handed.told, known.clocks, self.table.follow_ups, silenced=quiet
            )
        tally = Tally(self.days.of(self.clock.now()))
        tally.was_handed(handed, change.event, is_routed=entry.pending.is_routed)
        decided = DecidedEntry(
            entry=entry.id,
            handed=handed,
            tally=tally,
            was_told=events is not None,
            keep_marks=self.table.longest_once or timedelta(),
        )
        event = LeadDecided(
            push=occasion.push,
            source=occasion.source,
            place=occasion.place,
            routes=tuple(handed.routes),
            sinks=handed.sinks,
            deliveries=handed.names,
        )
        return decided, (event, *told_besides(occasion, handed))

    def _report(self, decided: DecidedEntry, told: Told) -> None:
        if decided.handed.deliveries:
            self.wake.ring(Stage.DELIVER)
        if decided.handed.assigning:
            self.wake.ring(Stage.ASSIGN)
        if decided.handed.enriching:
            self.wake.ring(Stage.ENRICH)
        for event in told:
            self.observer.report(event)
        self.observer.flush()  # this lead is decided: nobody would count it again after a crash


def _by_lead(entries: Sequence[PendingEntry], left: set[Who]) -> list[tuple[Who, list[PendingEntry]]]:
    """The entries of each lead in their order, without leads that wait already."""
    lanes: dict[Who, list[PendingEntry]] = defaultdict(list)
    for entry in entries:
        who = (entry.pending.occasion.source, entry.pending.change.lead.key)
        if who not in left:
            lanes[who].append(entry)
    return list(lanes.items())
