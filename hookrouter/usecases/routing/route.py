"""Route: compare each waiting lead with its snapshot, ask the routes, and hand it to its sinks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.canary import Canary, for_people, mark_of
from hookrouter.domain.case import Case
from hookrouter.domain.change import Change, LeadEvent, compare
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.events import DrainEnded, LeaseLost
from hookrouter.domain.figures import IN_UTC, Days, Tally
from hookrouter.domain.handing import Handed, hand_over, touched
from hookrouter.domain.ids import PushId
from hookrouter.domain.lead import Lead
from hookrouter.domain.lead_clock import begin_clocks, heed_push
from hookrouter.domain.once import NO_MARKS
from hookrouter.domain.own_writes import Recognised
from hookrouter.domain.pending import Pending
from hookrouter.domain.push import Via
from hookrouter.domain.rejection import unroutable
from hookrouter.domain.remembered import Snapshot, before
from hookrouter.domain.routing import Decision, RouteTable
from hookrouter.domain.routing_events import LeadUnroutable
from hookrouter.domain.silence import NOT_SILENCED, Silenced, silenced
from hookrouter.domain.speed import NOBODY_WAITS, Waiting, reactions_to, waiting_after
from hookrouter.ports.stages import Wake
from hookrouter.ports.streams import ComeBack, Intake, IntakeEntry
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.usecases.routing.harvest import Harvest
from hookrouter.usecases.routing.known import Known, look_up

ENTRIES_A_STEP = 16
"""Entries of up to 50 leads each; judged one after another, with deliveries in between, and written in one step."""
FOR_NOBODY = Decision(taken=[], open=[])


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLeads:
    """Drains partitions of the intake by the routes of one `revision` of the configuration.

    Attributes:
        knows_echoes: whether sinks of this configuration write to the CRM, so that a push may be an echo.
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
        """Route what waits in a leased partition until nothing does or another is to; returns how many entries.

        Judging runs on the event loop, one entry of a few milliseconds at a time. The lease is kept meanwhile, because
        where cores are scarce a step may take longer than a lease lives, and would be begun again for ever.
        """
        began = self.clock.monotonic()
        entries, at_once = 0, ENTRIES_A_STEP
        async with intake.kept():
            while not (self.should_stop() or is_over()):
                done = await self._step(intake, name, at_once)
                if done is None:
                    break
                entries += done
                # If a few entries are enough for a step, the others would be read in vain.
                at_once = min(ENTRIES_A_STEP, 2 * done + 1)
        if entries:
            seconds = self.clock.monotonic() - began
            self.observer.report(DrainEnded(stream=name, entries=entries, seconds=seconds))
        return entries

    async def _step(self, intake: Intake, name: str, at_once: int) -> int | None:
        """Route the oldest entries; returns how many are done, or None if none waits or the lease was lost."""
        waiting = await intake.read(at_once)
        if not waiting:
            return None
        known = await look_up(intake, waiting, self.table, knows_echoes=self.knows_echoes)
        harvest = Harvest(Tally(self.days.of(self.clock.now())))
        for entry in waiting:
            self._route_entry(entry, known, harvest)
            if harvest.is_enough:
                break
            await asyncio.sleep(0)
        if not await intake.commit(harvest.routed(keep_marks=self.table.longest_once or timedelta())):
            self.observer.report(LeaseLost(stream=name))
            return None
        for stage in harvest.stages:
            self.wake.ring(stage)
        for event in harvest.events:
            self.observer.report(event)
        self.observer.flush()  # these leads are done: nobody would count them again after a crash
        return len(harvest.entries)

    def _route_entry(self, entry: IntakeEntry, known: Known, harvest: Harvest) -> None:
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

    def _route(self, occasion: Occasion, lead: Lead, known: Known, harvest: Harvest) -> None:
        who = (occasion.source, lead.key)
        snapshot = known.snapshots[who]
        earlier = None if snapshot is None else snapshot.fields
        recognised = known.own.recognise(compare(lead, earlier, occasion.via, self.clock.now()), lead, occasion.source)
        change, mark = for_people(self.canary, occasion.source, recognised.change)
        case = Case(change=change, source=occasion.source, at=occasion.received_at)
        decision = FOR_NOBODY if mark else self.table.decide(case)
        quiet = silenced(known.silences, case, self.clock.now()) if known.silences else NOT_SILENCED
        marks = known.marks.get(who, NO_MARKS)
        handed = hand_over(occasion, change, decision.taken, self.revision, marks, silenced=quiet)
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
        known.learn(who, handed)
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
            harvest.note(occasion, change.event, handed)
        if occasion.via is Via.PUSH and (brought := mark_of(self.canary, occasion.source, recognised.change)):
            harvest.canaries[brought] = occasion.received_at

    def _heed(
        self,
        occasion: Occasion,
        recognised: Recognised,
        handed: Handed,
        known: Known,
        waiting: Waiting,
        *,
        quiet: Silenced,
    ) -> Waiting:
        """See whether a lead's push shows that somebody reacted, and wait for a reaction if somebody is told of it.

        Returns:
            Since when the lead waits now.
        """
        change, clocks = recognised.change, known.clocks.get((occasion.source, recognised.change.lead.key))
        if clocks is not None:
            handed.clocks += heed_push(change, recognised.own, clocks, self.table.follow_ups)
            handed.clocks += begin_clocks(occasion, change, handed.told, clocks, self.table.follow_ups, silenced=quiet)
        at = min(change.lead.updated_at or occasion.received_at, occasion.received_at)
        handed.reactions += reactions_to(change, waiting, at)
        return waiting_after(change, waiting, handed.told, handed.reactions, at)

    def _set_aside(self, occasion: Occasion, lead: Lead, kind: str, harvest: Harvest) -> None:
        harvest.rejected.append(unroutable(occasion, lead, kind, self.clock.now()))
        harvest.events.append(
            LeadUnroutable(push=occasion.push, source=occasion.source, place=occasion.place, kind=kind)
        )


def _seen(change: Change, before: Snapshot | None, push: PushId, waiting: Waiting) -> Snapshot:
    """The snapshot that a push leaves of a lead; a push that brought nothing new does not count as its last change."""
    stays = before if change.event is LeadEvent.UNCHANGED else None
    return Snapshot(fields=change.received, push=push if stays is None else stays.push, waiting=waiting)
