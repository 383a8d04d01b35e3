"""Reconcile: bring what changed in the CRM and no push brought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.crm_events import ChangesReconciled
from hookrouter.domain.errors import CrmAway, CrmRefused
from hookrouter.domain.events import NeighbourFailed
from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.lead import Lead
from hookrouter.domain.own_writes import OwnWrites, names_of
from hookrouter.domain.pieces import pieces
from hookrouter.domain.push import Via
from hookrouter.domain.reconciling import LEFT_TO_ITS_PUSH, Finding, Judged, Kind, ReconcileTally, Span
from hookrouter.domain.remembered import Snapshot
from hookrouter.ports.reconciling import Bring, ChangedLeads, Page, ReconcileMemory
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.ports.turns import ToldToStop
from hookrouter.wire.pushes.brought import brought
from hookrouter.wire.pushes.lead_schema import read_batch

WINDOW = timedelta(hours=6)
"""What is accounted for at a time: after an interruption no more is read again. Twice as much where little changed."""
FEW = 1000
AGAIN_AFTER = timedelta(minutes=1)
"""When a run that the CRM cut short is tried again."""
AT_ONCE = 100
"""Leads that are judged and brought together; others share the event loop and Redis."""

Tell = Callable[[ReconcileTally], None]


def _tell_nobody(_tally: ReconcileTally) -> None:
    pass


@dataclass(slots=True)
class _Run:
    """One run under way.

    Attributes:
        tally: what it found.
        noted: what of that no former run has counted; this measures the pushes.
        noted_from: up to when former runs have counted.
        begun: when pushes were first measured, where what is older is to count for nothing.
        seen: the leads of the window in hand, which the CRM may name more than once.
    """

    source: SourceName
    tally: ReconcileTally
    noted: ReconcileTally
    settled: datetime
    measured_from: datetime
    noted_from: datetime
    begun: datetime | None
    noted_begun: datetime | None
    moves_mark: bool
    is_dry: bool
    tell: Tell
    found_any: bool = False
    seen: set[LeadKey] = field(default_factory=set)

    def is_new(self, each: Judged, kind: Kind) -> bool:
        """Whether it is yet to be counted: who asks for the same days again makes the pushes no better, nor worse."""
        return not each.changed_before(self.noted_begun) and (
            each.finding is Finding.MISSED or each.changed_after(self.noted_from, kind)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Reconciles a source.

    Attributes:
        changes: what changed.
        overlap: how far each run looks back behind the former, for what the CRM shows late.
        every: the time between two runs.
    """

    changes: ChangedLeads
    memory: ReconcileMemory
    bring: Bring
    clock: Clock
    observer: Observer
    every: timedelta
    overlap: timedelta
    bounds: Bounds = USUAL

    async def is_due(self, source: SourceName) -> bool:
        """Whether it is time for another run."""
        return await self.memory.is_due(source, self.clock.now())

    async def run(
        self, source: SourceName, *, since: datetime | None = None, is_dry: bool = False, tell: Tell | None = None
    ) -> ReconcileTally:
        """Account for all that changed since a moment, or since the last run.

        Safe to repeat, to interrupt, and while pushes come in: what a push brought and comes again changes nothing.

        Args:
            source: whose pushes are held against the CRM.
            since: instead of the mark that the last run left.
            is_dry: find, and bring nothing.
            tell: hears how far it is.

        Raises:
            CrmAway: it does not answer; the next run goes on where this one ended.
            CrmRefused: it refuses.
        """
        run = await self._begin(source, since, is_dry=is_dry, tell=tell or _tell_nobody)
        try:
            rest = Span(run.tally.since, run.settled) if run.tally.since < run.settled else None
            length = WINDOW
            while rest is not None:
                window, rest = rest.split(length)
                await self._account_for(window, run)
                length = WINDOW if len(run.seen) > FEW else 2 * length
            contradicted = not run.found_any and await self.memory.has_pushed(source, run.measured_from, run.settled)
            run.tally = replace(run.tally, is_whole=True, is_contradicted=contradicted)
        except ToldToStop:
            pass
        except (CrmAway, CrmRefused) as fault:
            await self._end(run, str(fault))
            raise
        await self._end(run)
        return run.tally

    async def _begin(self, source: SourceName, since: datetime | None, *, is_dry: bool, tell: Tell) -> _Run:
        waiting = await self.memory.oldest_waiting()
        now = self.clock.now()
        settled = ((now if waiting is None else min(now, waiting)) - LEFT_TO_ITS_PUSH).replace(microsecond=0)
        mark = await self.memory.mark(source)
        begun = await self._begun(source, mark, is_dry=is_dry) if since is None else None
        start = since or (mark or settled) - self.overlap
        measured_from = since or mark or settled - self.overlap
        self.changes.calls = 0
        tally = ReconcileTally(since=min(start, settled).replace(microsecond=0), until=start)
        tell(tally)
        # A run that begins behind the mark accounts for nothing between them.
        moves_mark = mark is None or start <= mark
        return _Run(
            source=source,
            tally=tally,
            noted=tally,
            settled=settled,
            measured_from=measured_from,
            noted_from=max(measured_from, mark or measured_from),
            begun=begun,
            noted_begun=begun or await self.memory.begun(source),
            moves_mark=moves_mark,
            is_dry=is_dry,
            tell=tell,
        )

    async def _begun(self, source: SourceName, mark: datetime | None, *, is_dry: bool) -> datetime | None:
        """When it first looked: what changed before was not yet to be pushed here, so that no push missed it."""
        if mark is not None:
            return await self.memory.begun(source)
        now = self.clock.now()
        if not is_dry:
            await self.memory.begin(source, now)
        return now

    async def _account_for(self, window: Span, run: _Run) -> None:
        run.seen.clear()
        for kind in Kind:
            async for page in self.changes.pages(kind, window):
                for some in pieces(page, AT_ONCE):
                    await self._judge(some, kind, run)
                run.tally = replace(run.tally, calls=self.changes.calls)
                run.tell(run.tally)
        run.tally = replace(run.tally, until=window.end)
        if run.moves_mark and not run.is_dry:
            await self.memory.advance(run.source, window.end)

    async def _judge(self, page: Page, kind: Kind, run: _Run) -> None:
        batch = read_batch(list(page), self.bounds)
        leads = [lead for _, lead in batch.accepted if lead.key not in run.seen]
        run.seen.update(lead.key for lead in leads)
        run.found_any = run.found_any or bool(page)
        known = await self.memory.snapshots(run.source, [lead.key for lead in leads])
        judged = [Judged.of(lead, was, run.settled) for lead, was in zip(leads, known, strict=True)]
        missed = [each.copy for each in judged if each.finding is Finding.MISSED]
        own = await self._own(run, missed, dict(zip([lead.key for lead in leads], known, strict=True)))
        if missed and not run.is_dry:
            await self._bring(missed, run)
        # What the former run has looked at already would count as known now, also where no push had brought it.
        counted = [
            each
            for each in judged
            if not each.changed_before(run.begun)
            and each.copy.key not in own
            and (each.finding is Finding.MISSED or each.changed_after(run.measured_from, kind))
        ]
        run.tally = run.tally.plus(counted, unreadable=len(batch.rejected), lags=await self._lags(counted))
        anew = [each for each in counted if run.is_new(each, kind)]
        run.noted = run.noted.plus(anew, lags=await self._lags(anew))

    async def _own(self, run: _Run, missed: Sequence[Lead], known: Mapping[LeadKey, Snapshot | None]) -> set[LeadKey]:
        """Those that miss nothing but what we wrote ourselves: the CRM need not push what its API changes."""
        names = list(dict.fromkeys((run.source, name) for lead in missed for name in names_of(lead)))
        written = zip(names, await self.memory.written(names), strict=True)
        own = OwnWrites({who: list(each) for who, each in written if each})
        before = {key: None if was is None else was.fields for key, was in known.items()}
        changes = [(lead, compare(lead, before[lead.key], now=run.settled)) for lead in missed]
        recognised = [own.recognise(change, lead, run.source).change for lead, change in changes]
        return {change.lead.key for change in recognised if change.event is LeadEvent.ECHO}

    async def _bring(self, missed: Sequence[Lead], run: _Run) -> None:
        now, name = self.clock.now(), self.clock.new_id("r")
        await self.bring.bring(*brought(name, run.source, now, missed, Via.RECONCILE))

    async def _lags(self, judged: Sequence[Judged]) -> list[float]:
        """How long the pushes that brought what is known took to come."""
        brought = [each for each in judged if each.was_pushed]
        arrived = await self.memory.arrivals(sorted({each.push for each in brought}))
        return [each.lag(arrived[each.push]) for each in brought if each.push in arrived]

    async def _end(self, run: _Run, fault: str = "") -> None:
        tally, now = run.tally, self.clock.now()
        if fault:
            self.observer.report(NeighbourFailed(neighbour="crm", reason=fault))
        if run.is_dry:
            return
        noted = replace(run.noted, is_whole=tally.is_whole, is_contradicted=tally.is_contradicted, calls=tally.calls)
        await self.memory.note_run(run.source, noted, now, now + (self.every if tally.is_whole else AGAIN_AFTER))
        self.observer.report(
            ChangesReconciled(
                source=run.source,
                since=tally.since.isoformat(),
                until=tally.until.isoformat(),
                known=tally.known,
                missed=tally.missed,
                calls=tally.calls,
                whole=tally.is_whole,
            )
        )
