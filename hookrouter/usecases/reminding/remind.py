"""Remind: look at the leads whose follow-up step is due, and remind people of those that nobody has reacted to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from hookrouter.domain.assignment import WHOEVER_IS_NEXT, Assigned, as_described_now
from hookrouter.domain.clock_events import ClockEnded, ClockFailed, ReminderDue
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import EntryNewer, EntryUnreadable, Event, LeaseLost
from hookrouter.domain.follow_up import FollowUpStep
from hookrouter.domain.handing import Assigning
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Lead
from hookrouter.domain.lead_clock import LeadClock
from hookrouter.domain.own_writes import recognise
from hookrouter.domain.reminding import LOOK_AGAIN, Due, Reminder, look_at
from hookrouter.domain.routing import RouteTable
from hookrouter.domain.silence import Silenced, silenced
from hookrouter.domain.teams import Teams
from hookrouter.ports.clocks import DueBook, DueClock, DueClocks, Settled, Settling
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.surroundings import Observer
from hookrouter.ports.turns import ToldToStop
from hookrouter.usecases.reminding.latest import LatestLeads
from hookrouter.wire.messages.template import RenderingFailed, template_context

CLOCKS_A_STEP = 200
"""As many leads as one call of the CRM reads back with ease; it takes 500."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind:
    """Drains the clocks that are due, by the routes of one `revision` of the configuration.

    Attributes:
        latest: tells how the leads are now.
        lead_link: gives the address of a lead in the CRM by its id, or None.
        teams: tell how the people who have the leads are reached now, and who of them has left.
    """

    table: RouteTable
    revision: str
    latest: LatestLeads
    lead_link: Callable[[str], str | None]
    wake: Wake
    observer: Observer
    should_stop: Callable[[], bool]
    teams: Teams = field(default_factory=dict)

    async def drain(self, book: DueBook, name: str) -> bool:
        """Look at what is due, under a lease; False if some of it is left."""
        async with book.kept():
            try:
                while not self.should_stop():
                    due = await book.due(CLOCKS_A_STEP)
                    if not due.clocks:
                        return True
                    if not await self._serve(book, due):
                        self.observer.report(LeaseLost(stream=name))
                        return False
            except ToldToStop:
                pass
        return False

    async def _serve(self, book: DueBook, due: DueClocks) -> bool:
        """Look at each clock; False if the lease was lost."""
        copies = await self.latest.of(each.clock for each in due.clocks if each.clock is not None)
        for each in due.clocks:
            settled, events = self._look_safely(each, due, copies)
            how = await book.settle(settled)
            if how is Settling.LOST:
                return False
            if how is Settling.DONE:  # if a push overtook it, the next look tells whether it is still due
                for event in events:
                    self.observer.report(event)
                if settled.deliveries:
                    self.wake.ring(Stage.DELIVER)
                if settled.assigning:
                    self.wake.ring(Stage.ASSIGN)
        return True

    def _look_safely(
        self, due: DueClock, all_due: DueClocks, copies: Mapping[LeadKey, Lead]
    ) -> tuple[Settled, list[Event]]:
        try:
            return self._look(due, all_due, copies)
        except Exception as fault:
            clock = due.clock
            if clock is None:
                raise
            return Settled(due=due), [_failed(clock, type(fault).__name__)]

    def _look(self, due: DueClock, all_due: DueClocks, copies: Mapping[LeadKey, Lead]) -> tuple[Settled, list[Event]]:
        clock, now = due.clock, all_due.now
        if due.is_newer:
            newer = EntryNewer(stream="clocks", entry=due.id, reason="a clock of a later version")
            return Settled(due=due, until=now + LOOK_AGAIN), [newer]
        if clock is None:
            lost = [EntryUnreadable(stream="clocks", entry=due.id)] if due.is_unreadable else []
            return Settled(due=due), [*lost]
        if clock.route in all_due.paused:
            return Settled(due=due, clock=clock, until=now + LOOK_AGAIN), []
        lead = self.latest.newest(clock, due.lead, copies)
        own = recognise(clock.case(lead, now).change, Lead(key=clock.key, fields=lead), due.written).own
        follow_up = self.table.follow_ups.get(clock.route)
        claimed_at = None if due.claim is None else due.claim.at
        seen = clock.with_own(own, lead)
        found = look_at(seen, follow_up, lead, now, self.revision, claimed_at=claimed_at)
        quiet = silenced(all_due.silences, clock.case(lead, now), now)
        settled = Settled(due=due, clock=found.clock, until=found.until)
        given = None if follow_up is None or follow_up.team is None else due.given.get(follow_up.team)
        for reminder in found.reminders:
            settled = self._add(settled, reminder, None if given is None else given.to, quiet)
        return settled, _told(clock, found)

    def _add(self, settled: Settled, reminder: Reminder, has_it: Assigned | None, quiet: Silenced) -> Settled:
        """What becomes of a clock, with one more reminder added; `has_it` is whoever the lead was given to.

        The lead is not given to somebody else if a silence would keep that from them: it would change hands without a
        word. What is due together with a step that does give it to another person is told to that person, too.
        """
        step, made = reminder.step, [each for each in reminder.deliveries if each.sink not in quiet]
        kept_back = [(each, quiet[each.sink]) for each in reminder.deliveries if each.sink in quiet]
        settled = replace(settled, silenced=[*settled.silenced, *kept_back])
        if all(each.sink in step.writers for each in made):
            return settled
        team = settled.assigning[-1].team if settled.assigning else reminder.team
        if team is None:
            told = None if has_it is None else as_described_now(self.teams, has_it)
            worded = [self._worded(replace(each, assigned=told), step) for each in made]
            return replace(settled, deliveries=[*settled.deliveries, *worded])
        had = reminder.had if has_it is None else tuple(sorted({*reminder.had, has_it.owner}))
        worded = [replace(self._worded(replace(each, assigned=WHOEVER_IS_NEXT), step), assigned=None) for each in made]
        assigning = Assigning(team=team, place=reminder.place, deliveries=tuple(worded), excluded=had)
        goes_on = None if settled.clock is None else replace(settled.clock, had=had)
        return replace(settled, clock=goes_on, assigning=[*settled.assigning, assigning])

    def _worded(self, delivery: Delivery, step: FollowUpStep) -> Delivery:
        """The delivery with its step's text; if that text cannot be filled, the usual one is used."""
        if step.say is None:
            return delivery
        try:
            return replace(delivery, say=step.say.render(template_context(delivery, self.lead_link)).strip())
        except RenderingFailed:
            return delivery


def _failed(clock: LeadClock, kind: str) -> ClockFailed:
    occasion = clock.occasion
    return ClockFailed(push=occasion.push, source=occasion.source, place=occasion.place, route=clock.route, kind=kind)


def _told(clock: LeadClock, found: Due) -> list[Event]:
    occasion = clock.occasion
    events: list[Event] = [
        ReminderDue(
            push=occasion.push,
            source=occasion.source,
            place=occasion.place,
            route=clock.route,
            step=reminder.step.name,
            sinks=len(reminder.deliveries),
            deliveries=tuple(delivery.id for delivery in reminder.deliveries),
        )
        for reminder in found.reminders
    ]
    if found.end is not None:
        events.append(
            ClockEnded(
                push=occasion.push,
                source=occasion.source,
                place=occasion.place,
                route=clock.route,
                why=found.end.value,
            )
        )
    return events
