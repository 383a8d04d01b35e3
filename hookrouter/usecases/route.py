"""Route: compare each waiting lead with its snapshot, ask the routes, and hand it to its sinks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookrouter.domain.canary import Canary, for_people, mark_of
from hookrouter.domain.case import Case
from hookrouter.domain.change import Change, LeadEvent, compare
from hookrouter.domain.clock_events import LeadAnswered
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.events import DrainEnded, LeaseLost
from hookrouter.domain.figures import IN_UTC, Days, Tally
from hookrouter.domain.handing import Handed, hand_over, told_besides, touched
from hookrouter.domain.ids import EntryId, PushId, Who
from hookrouter.domain.lead import Lead
from hookrouter.domain.lead_clock import KnownClocks, begin_clocks, heed_push
from hookrouter.domain.once import NO_MARKS, Marks
from hookrouter.domain.own_writes import OwnWrites, Recognised, names_of
from hookrouter.domain.pending import Pending
from hookrouter.domain.push import Via
from hookrouter.domain.rejection import Rejection, unroutable
from hookrouter.domain.remembered import Before, Snapshot, before
from hookrouter.domain.routing import Decision, RouteTable
from hookrouter.domain.routing_events import LeadJudged, LeadRouted, LeadUnroutable
from hookrouter.domain.silence import NOT_SILENCED, Listening, Silenced, silenced
from hookrouter.domain.speed import NOBODY_WAITS, Waiting, reactions_to, waiting_after
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.streams import ComeBack, Intake, IntakeEntry, RoutedEntries
from hookrouter.ports.surroundings import Clock, Observer

ENTRIES_A_STEP = 16
"""Entries of up to 50 leads each; judged one after the other, with deliveries in between, and written in one step."""
ENOUGH_FOR_A_STEP = 1000
"""Deliveries, of some kilobytes each: with so many the step ends before its time. Where hundreds of routes take every
lead, it would else grow beyond what Redis takes within its time, and be tried again for ever."""
FOR_NOBODY = Decision(taken=[], open=[])


@dataclass(slots=True)
class _Harvest:
    """What a step's leads led to so far."""

    tally: Tally
    entries: list[EntryId] = field(default_factory=list)
    begun: tuple[EntryId, int] | None = None
    snapshots: dict[Who, Snapshot] = field(default_factory=dict)
    before: dict[PushId, dict[int, Before]] = field(default_factory=dict)
    handed: Handed = field(default_factory=Handed)
    pending: list[Pending] = field(default_factory=list)
    come_back: list[ComeBack] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    canaries: dict[str, datetime] = field(default_factory=dict)
    events: list[LeadJudged | LeadAnswered | LeadUnroutable] = field(default_factory=list)

    @property
    def is_enough(self) -> bool:
        """Whether it is large enough to be written."""
        handed = self.handed
        return handed.sinks + len(handed.shadows) + len(handed.repeats) + len(handed.silenced) >= ENOUGH_FOR_A_STEP


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a step's leads; it learns as they are routed one after the other."""

    snapshots: dict[Who, Snapshot | None]
    marks: dict[Who, Marks]
    own: OwnWrites
    silences: Sequence[Listening]
    clocks: dict[Who, KnownClocks]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLeads:
    """Drains partitions of the intake by the routes of one `revision` of the configuration.

    Attributes:
        knows_echoes: whether sinks of this configuration write to the CRM, so that a push may be the echo of it.
    """

    table: RouteTable
    wake: Wake
    clock: Clock
    observer: Observer
    should_stop: Callable[[], bool]
    revision: str = ""
    knows_echoes: bool = False
    canary: Canary | None = None
    days: Days = IN_UTC

    async def drain(self, intake: Intake, name: str, is_over: Callable[[], bool] = lambda: False) -> int:
        """Route what waits in a leased partition until none does, or another is to; how many entries were routed.

        The judging runs on the event loop, an entry of a few milliseconds at a time. The lease is kept meanwhile: where
        cores are scarce a step may take longer than a lease lives, and would be begun again for ever.
        """
        began = self.clock.monotonic()
        entries, at_once = 0, ENTRIES_A_STEP
        async with intake.kept():
            while (
                not (self.should_stop() or is_over()) and (done := await self._step(intake, name, at_once)) is not None
            ):
                entries += done
                at_once = min(
                    ENTRIES_A_STEP, 2 * done + 1
                )  # where one is more than enough, the others are read in vain
        if entries:
            seconds = self.clock.monotonic() - began
            self.observer.report(DrainEnded(stream=name, entries=entries, seconds=seconds))
        return entries

    async def _step(self, intake: Intake, name: str, at_once: int) -> int | None:
        """Route the oldest entries; how many of them are through, None when none waits or the lease was lost."""
        waiting = await intake.read(at_once)
        if not waiting:
            return None
        named = {
            (occasion.source, lead.key): None
            for entry in waiting
            for occasion, lead in zip(entry.occasions, entry.leads, strict=True)
        }
        known = dict(zip(named, await intake.snapshots(list(named)), strict=True))
        marks: dict[Who, Marks] = {}
        if self.table.longest_once is not None:
            marks = dict(zip(named, await intake.marks(list(named)), strict=True))
        clocks: dict[Who, KnownClocks] = {}
        if self.table.follow_ups:
            clocks = dict(zip(named, await intake.clocks(list(named), self.table.follow_ups), strict=True))
        own = await self._own_writes(intake, waiting)
        all_known = _Known(known, marks, own, await intake.silences(), clocks)
        harvest = _Harvest(Tally(self.days.of(self.clock.now())))
        for entry in waiting:
            self._route_entry(entry, all_known, harvest)
            if harvest.is_enough:
                break
            await asyncio.sleep(0)
        if not await intake.commit(self._routed(harvest)):
            self.observer.report(LeaseLost(stream=name))
            return None
        self._report(harvest)
        return len(harvest.entries)

    async def _own_writes(self, intake: Intake, waiting: Sequence[IntakeEntry]) -> OwnWrites:
        """What we wrote of late to the leads that wait, under all their names."""
        if not self.knows_echoes:
            return OwnWrites({})
        names = list(
            dict.fromkeys(
                (occasion.source, name)
                for entry in waiting
                for occasion, lead in zip(entry.occasions, entry.leads, strict=True)
                for name in names_of(lead)
            )
        )
        found = zip(names, await intake.written(names), strict=True)
        return OwnWrites({who: list(written) for who, written in found if written})

    def _route_entry(self, entry: IntakeEntry, known: _Known, harvest: _Harvest) -> None:
        """Route an entry's leads, until the harvest is large enough."""
        for count, (occasion, lead) in enumerate(zip(entry.occasions, entry.leads, strict=True)):
            if harvest.is_enough:
                harvest.begun = (entry.id, entry.routed + count)
                return
            try:
                self._route(occasion, lead, known, harvest)
            except Exception as fault:  # noqa: BLE001 - one lead's defect must not hold up its partition for ever
                self._set_aside(occasion, lead, type(fault).__name__, harvest)
        harvest.entries.append(entry.id)

    def _route(self, occasion: Occasion, lead: Lead, known: _Known, harvest: _Harvest) -> None:
        who = (occasion.source, lead.key)
        snapshot, marks = known.snapshots[who], known.marks
        earlier = None if snapshot is None else snapshot.fields
        recognised = known.own.recognise(compare(lead, earlier, occasion.via, self.clock.now()), lead, occasion.source)
        change, mark = for_people(self.canary, occasion.source, recognised.change)
        case = Case(change=change, source=occasion.source, at=occasion.received_at)
        decision = FOR_NOBODY if mark else self.table.decide(case)
        quiet = silenced(known.silences, case, self.clock.now()) if known.silences else NOT_SILENCED
        handed = hand_over(occasion, change, decision.taken, self.revision, marks.get(who, NO_MARKS), silenced=quiet)
        waiting = NOBODY_WAITS if snapshot is None else snapshot.waiting
        if not mark:
            waiting = self._heed(occasion, recognised, handed, known, waiting, quiet=quiet)
        if self.table.assigns and not mark:
            handed.assigning[:0] = touched(occasion, change)
        was = before(lead.fields, snapshot, recognised.own)
        # Nothing may fail from here on: a lead is harvested whole or not at all.
        harvest.before.setdefault(occasion.push, {})[occasion.place] = was
        harvest.handed.add(handed)
        for name, spent in known.own.spend(lead, occasion.source, recognised.spent):
            harvest.come_back.append(ComeBack(source=occasion.source, name=name, marks=spent))
        if handed.clocks:
            known.clocks[who] = known.clocks[who].after(handed.clocks)
        if handed.marks:
            marks[who] = {**marks[who], **handed.marks[who]}
        if decision.open:
            names = tuple(route.name for route in decision.open)
            harvest.pending.append(
                Pending(occasion=occasion, change=change, routes=names, is_routed=bool(handed.routes))
            )
        if change.event is not LeadEvent.STALE:
            known.snapshots[who] = harvest.snapshots[who] = _seen(change, snapshot, occasion.push, waiting)
        if not mark:
            harvest.tally.came_in(change.event, occasion.via)
            harvest.tally.was_handed(handed, change.event)
            harvest.events += [_routed(occasion, change.event, handed), *_told_of(occasion, handed)]
        if occasion.via is Via.PUSH and (brought := mark_of(self.canary, occasion.source, recognised.change)):
            harvest.canaries[brought] = occasion.received_at

    def _heed(
        self,
        occasion: Occasion,
        recognised: Recognised,
        handed: Handed,
        known: _Known,
        waiting: Waiting,
        *,
        quiet: Silenced,
    ) -> Waiting:
        """See whether somebody reacts to a lead by its push, and wait for that where somebody is told of it.

        Returns:
            Since when it waits now.
        """
        change, clocks = recognised.change, known.clocks.get((occasion.source, recognised.change.lead.key))
        if clocks is not None:
            handed.clocks += heed_push(change, recognised.own, clocks, self.table.follow_ups)
            handed.clocks += begin_clocks(occasion, change, handed.told, clocks, self.table.follow_ups, silenced=quiet)
        at = min(change.lead.updated_at or occasion.received_at, occasion.received_at)
        handed.reactions += reactions_to(change, waiting, at)
        return waiting_after(change, waiting, handed.told, handed.reactions, at)

    def _set_aside(self, occasion: Occasion, lead: Lead, kind: str, harvest: _Harvest) -> None:
        harvest.rejected.append(unroutable(occasion, lead, kind, self.clock.now()))
        harvest.events.append(
            LeadUnroutable(push=occasion.push, source=occasion.source, place=occasion.place, kind=kind)
        )

    def _report(self, harvest: _Harvest) -> None:
        if harvest.handed.deliveries:
            self.wake.ring(Stage.DELIVER)
        if harvest.handed.assigning:
            self.wake.ring(Stage.ASSIGN)
        if harvest.handed.enriching or harvest.pending:
            self.wake.ring(Stage.ENRICH)
        for event in harvest.events:
            self.observer.report(event)
        self.observer.flush()  # they are over: who dies now would never count them

    def _routed(self, harvest: _Harvest) -> RoutedEntries:
        return RoutedEntries(
            entries=harvest.entries,
            begun=harvest.begun,
            snapshots=harvest.snapshots,
            before=harvest.before,
            handed=harvest.handed,
            pending=harvest.pending,
            rejected=harvest.rejected,
            come_back=harvest.come_back,
            canaries=harvest.canaries,
            tally=harvest.tally,
            keep_marks=self.table.longest_once or timedelta(),
        )


def _seen(change: Change, before: Snapshot | None, push: PushId, waiting: Waiting) -> Snapshot:
    """The lead as it was seen by a push, which changed it unless it brought nothing new."""
    stays = before if change.event is LeadEvent.UNCHANGED else None
    return Snapshot(fields=change.received, push=push if stays is None else stays.push, waiting=waiting)


def _told_of(occasion: Occasion, handed: Handed) -> list[LeadJudged | LeadAnswered]:
    """What is reported of a lead besides the routes that it took."""
    answered = [
        LeadAnswered(
            push=occasion.push,
            source=occasion.source,
            place=occasion.place,
            route=each.route,
            seconds=each.took.total_seconds(),
        )
        for each in handed.reactions
    ]
    return [*told_besides(occasion, handed), *answered]


def _routed(occasion: Occasion, happened: LeadEvent, handed: Handed) -> LeadRouted:
    names = handed.names
    return LeadRouted(
        push=occasion.push,
        source=occasion.source,
        place=occasion.place,
        happened=happened,
        routes=tuple(handed.routes),
        sinks=len(names),
        deliveries=names,
    )
