"""Assign: give waiting leads to people of their teams, one after the other, and let them go on to their sinks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookrouter.domain.assignment import Assigned, Board, Decided, Decision, Given, Wanted, decide
from hookrouter.domain.delivery import Delivery, Occasion, delivery_id
from hookrouter.domain.events import Event, LeaseLost
from hookrouter.domain.given_on import GivenBy, claimed, moved
from hookrouter.domain.handing import OWNER, Assigning, Enriching, Touched, case_of
from hookrouter.domain.ids import SinkName, TeamName, Who
from hookrouter.domain.lead import text_of
from hookrouter.domain.routing_events import LeadAssigned, LeadSilenced
from hookrouter.domain.silence import Listening, silenced
from hookrouter.domain.teams import Team, Teams
from hookrouter.ports.assigning import AssignedEntries, AssignEntry, Assigner, OpenChange, TeamMemory
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.surroundings import Observer

ENTRIES_A_STEP = 100
ENOUGH_FOR_A_STEP = 500
"""Deliveries, of some kilobytes each; a step that has this many ends early."""
EDITED_WITHIN = timedelta(minutes=2)
"""A mounted configuration reaches all machines of a cluster in about a minute; other teams wait no longer than this."""


@dataclass(slots=True, kw_only=True)
class _Step:
    """A batch of entries, decided one after another; each decision is known to the next."""

    board: Board
    known: dict[Who, GivenBy]
    silences: Sequence[Listening]
    led_to: AssignedEntries
    events: list[Event]

    @property
    def is_enough(self) -> bool:
        """Whether the step is large enough to be written."""
        return self.led_to.handed.sinks >= ENOUGH_FOR_A_STEP

    def remember(self, who: Who, asked: TeamName, given: Given) -> None:
        """Remember whom a lead was given to."""
        self.known[who] = {**self.known[who], asked: given}
        self.led_to.given.setdefault(who, {})[asked] = given

    def close(self, who: Who, given: Given) -> None:
        """Note that a lead is no longer open with the person it was given to."""
        team = TeamName(given.to.team)
        self.led_to.opened.append(OpenChange(who=who, team=team, owner=given.to.owner, since=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignLeads:
    """Drains what waits for somebody of a team; only one drain does at a time, so that turns are fair over all workers.

    Attributes:
        teams: the teams of the configuration.
        revisions: those of the configurations that have been in force in this process.
    """

    teams: Teams
    revisions: frozenset[str]
    wake: Wake
    observer: Observer
    should_stop: Callable[[], bool]

    async def drain(self, assigner: Assigner, name: str) -> bool:
        """Give out what waits, under a lease; False if some of it is left."""
        async with assigner.kept():
            while not self.should_stop():
                if not (waiting := await assigner.read(ENTRIES_A_STEP)):
                    return True
                step = await self._decide_all(assigner, waiting)
                if not step.led_to.entries:
                    return False
                if not await assigner.commit(step.led_to, step.board):
                    self.observer.report(LeaseLost(stream=name))
                    return False
                self._report(step)
        return False

    async def _decide_all(self, assigner: Assigner, waiting: Sequence[AssignEntry]) -> _Step:
        leads = list(dict.fromkeys(_who(entry.wanted) for entry in waiting))
        memory: TeamMemory = await assigner.memory(self._asked_by(waiting), leads)
        led_to = AssignedEntries(at=memory.now)
        step = _Step(board=memory.board, known=dict(memory.given), silences=memory.silences, led_to=led_to, events=[])
        for entry in waiting:
            match entry.wanted:
                case Touched() as touched:
                    self._see_to(touched, step)
                case Assigning() as assigning if self._is_ahead(assigning, memory.now):
                    break
                case Assigning() as assigning:
                    self._assign(assigning, step)
            led_to.entries.append(entry.id)
            if step.is_enough:
                break
            await asyncio.sleep(0)
        return step

    def _see_to(self, touched: Touched, step: _Step) -> None:
        """Note that a person has taken care of a lead, and may have claimed it or given it to somebody."""
        _touch(touched.who, step)
        known, at = step.known[touched.who], step.led_to.at
        by_crm = moved(self.teams, touched.moved_to, known, at)
        in_chat = claimed(self.teams, touched.owner, known, at)
        for asked, given in {**by_crm, **in_chat}.items():
            step.remember(touched.who, asked, given)

    def _is_ahead(self, assigning: Assigning, now: datetime) -> bool:
        """Whether the team that is asked comes from an edit that has not reached this process yet."""
        first = assigning.deliveries[0]
        is_unheard_of = assigning.team not in self.teams and first.revision not in self.revisions
        return is_unheard_of and now - first.received_at < EDITED_WITHIN

    def _asked_by(self, waiting: Sequence[AssignEntry]) -> Teams:
        """The teams that are asked for somebody, with those that stand in for them; of others nothing is read."""
        asked: dict[TeamName, Team] = {}
        names = [entry.wanted.team for entry in waiting if isinstance(entry.wanted, Assigning)]
        while names:
            team = self.teams.get(names.pop())
            if team is not None and team.name not in asked:
                asked[team.name] = team
                names += [] if team.otherwise is None else [team.otherwise]
        return asked

    def _assign(self, assigning: Assigning, step: _Step) -> None:
        first, at = assigning.deliveries[0], step.led_to.at
        earlier = step.known[first.who].get(assigning.team)
        decided = self._decide(assigning, step.board, earlier, at)
        if decided.is_new and earlier is not None and earlier.is_open:
            step.close(first.who, earlier)
        if decided.given is not None:
            step.remember(first.who, assigning.team, decided.given)
        if decided.is_new:
            team = TeamName(decided.assigned.team)
            step.led_to.teams[team] = None
            step.led_to.opened.append(OpenChange(who=first.who, team=team, owner=decided.assigned.owner, since=at))
        _hand_on(assigning, decided, step)
        _note(assigning, decided, step)

    def _decide(self, assigning: Assigning, board: Board, earlier: Given | None, at: datetime) -> Decided:
        try:
            return decide(self.teams, board, _wanted(assigning), earlier, at)
        except Exception as fault:  # noqa: BLE001 - one lead's defect must not hold up all teams for ever
            reason = f"it could not be decided ({type(fault).__name__})"
            return Decided(assigned=Assigned(owner="", team=assigning.team, reason=reason))

    def _report(self, step: _Step) -> None:
        if step.led_to.handed.deliveries:
            self.wake.ring(Stage.DELIVER)
        if step.led_to.handed.enriching:
            self.wake.ring(Stage.ENRICH)
        for event in step.events:
            self.observer.report(event)


def _who(wanted: Assigning | Touched) -> Who:
    return wanted.who if isinstance(wanted, Touched) else wanted.deliveries[0].who


def _touch(who: Who, step: _Step) -> None:
    """Note that whoever was given the lead has taken care of it, or somebody else has."""
    for asked, given in step.known[who].items():
        if given.is_open:
            step.close(who, given)
            step.board.note_open(TeamName(given.to.team), given.to.owner, -1)
            step.remember(who, asked, replace(given, is_open=False))


def _wanted(assigning: Assigning) -> Wanted:
    first = assigning.deliveries[0]
    return Wanted(
        team=assigning.team,
        push=first.push,
        place=assigning.place,
        owner=text_of(first.lead.get(OWNER)).strip(),
        excluded=assigning.excluded,
        step=first.step,
    )


def _hand_on(assigning: Assigning, decided: Decided, step: _Step) -> None:
    """Let the deliveries go on, or the one that replaces them when nobody may take the lead."""
    deliveries = assigning.deliveries
    if decided.to is not None:
        instead = _instead(assigning, decided.to)
        if (silence := silenced(step.silences, case_of(instead), step.led_to.at).get(decided.to)) is not None:
            _keep_back(assigning, instead.given_to(decided.assigned), silence, step)
            return
        deliveries = (instead,)
    known = tuple(delivery.given_to(decided.assigned) for delivery in deliveries)
    if assigning.enrichment is None:
        step.led_to.handed.deliveries += known
    else:
        step.led_to.handed.enriching.append(Enriching(enrichment=assigning.enrichment, deliveries=known))


def _keep_back(assigning: Assigning, delivery: Delivery, silence: str, step: _Step) -> None:
    """Note that a silence holds back what goes to the sink for leads that nobody may take."""
    step.led_to.handed.silenced.append((delivery, silence))
    step.events.append(
        LeadSilenced(
            push=delivery.push, source=delivery.source, place=assigning.place, routes=(delivery.route,), sinks=1
        )
    )


def _instead(assigning: Assigning, sink: SinkName) -> Delivery:
    """The delivery to the sink for leads that nobody may take, which may be one of the route's own sinks."""
    first = assigning.deliveries[0]
    occasion = Occasion(
        push=first.push, source=first.source, place=assigning.place, received_at=first.received_at, via=first.via
    )
    return replace(first, id=delivery_id(occasion, first.lead_key, first.route, sink, first.step), sink=sink)


def _note(assigning: Assigning, decided: Decided, step: _Step) -> None:
    first = assigning.deliveries[0]
    step.led_to.decisions.append(
        Decision(
            asked=assigning.team,
            assigned=decided.assigned,
            route=first.route,
            push=first.push,
            source=first.source,
            lead_key=first.lead_key,
            at=step.led_to.at,
            is_new=decided.is_new,
        )
    )
    result = "new" if decided.is_new else "kept" if decided.assigned.is_somebody else "nobody"
    step.events.append(
        LeadAssigned(
            push=first.push,
            source=first.source,
            place=assigning.place,
            route=first.route,
            team=assigning.team,
            result=result,
        )
    )
