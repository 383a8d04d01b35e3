"""One lead's whole story: push after push, what it changed, what the routes said, what was sent, and what came of it.

It goes along the chain of pushes that changed the lead, each of which names the one before it. Nothing is searched
for: a delivery's name can be computed, and what was logged of it stands behind the moment of its push.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from hookrouter.domain.change import Change, compare
from hookrouter.domain.delivery import delivery_id
from hookrouter.domain.errors import HookrouterError, NotFound, PushRefused
from hookrouter.domain.follow_up import FollowUp
from hookrouter.domain.followed_up import followed_up
from hookrouter.domain.given_on import GivenBy
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import DeliveryId, PushId, RouteName, SinkName, SourceName, Who
from hookrouter.domain.logged_attempt import LoggedAttempt, Story, Whereabouts
from hookrouter.domain.once import NO_MARKS
from hookrouter.domain.own_writes import without_own
from hookrouter.domain.rejection import Rejection, rejection_id
from hookrouter.domain.silence import Silence
from hookrouter.domain.told_delivery import ToldDelivery, not_over
from hookrouter.ports.lead_trail import LeadTrail, Trace
from hookrouter.ports.surroundings import Clock
from hookrouter.usecases.explaining.chapters import Chapter, LeadStory
from hookrouter.usecases.explaining.explain import Explain, ExplainedDelivery, Explanation
from hookrouter.usecases.explaining.recall import Recall, Recalled
from hookrouter.usecases.explaining.turns import KnownTurns

CHAPTERS = 5
"""Pushes that are told of at once: nobody reads more, and each takes some milliseconds."""
CLOSE_BEHIND = 2000
"""Entries of the log behind a moment in which most of what it led to stands."""
FAR_BEHIND = 18_000
"""So many more are looked through for a delivery that was not over by then, some 2 µs each."""

Planned = dict[DeliveryId, tuple[RouteName, SinkName, str]]
"""The deliveries that the rules of now would have made, each with its step."""


class SetAside(Protocol):
    """The leads that could not be routed."""

    def find(self, rejection: str) -> Rejection | None:
        """One, by its name."""


class Silences(Protocol):
    """The silences, also those that were over not long ago."""

    def all(self) -> Sequence[tuple[Silence, int]]:
        """Each with how many deliveries it kept back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellLeadStory:
    """Tells the stories of leads; nothing is sent or stored.

    Attributes:
        turns: whose turn it is in teams, and who has a lead.
        given: whom a lead was given to.
        follow_ups: of the routes that have steps.
        revision: of the configuration whose rules are the rules of now.
    """

    recall: Recall
    explain: Explain
    trail: LeadTrail
    set_aside: SetAside
    silences: Silences
    turns: Callable[[Who], KnownTurns]
    given: Callable[[Who], GivenBy]
    follow_ups: Mapping[RouteName, FollowUp]
    revision: str
    clock: Clock
    hours: Hours = ALWAYS

    def tell(self, who: str, *, source: SourceName | None = None) -> Sequence[LeadStory]:
        """A lead's story from its last change back, by its id or address; one for each source that knows it.

        Raises:
            NotFound: nothing is stored of it.
        """
        try:
            found = self.recall.last(who, source)
        except NotFound:
            raise NotFound(
                f"nothing is stored of a lead {who}: no push of it was routed within retention.snapshots; one that "
                "was refused or rejected is not a lead yet"
            ) from None
        return [self._story(each, self._all_of_its_push(each)) for each in found]

    def tell_from(self, push: str, who: str) -> LeadStory:
        """The lead's story from a push back.

        Raises:
            NotFound: there is no such push, or no such lead in it.
            HookrouterError: the push was refused when it came.
        """
        found = self.recall.push(push, who)[::-1]
        return self._story(found[0], found)

    def tell_of(self, push: str, place: int) -> LeadStory:
        """The story of the lead at a place of a push, from its last change back.

        Raises:
            NotFound: there is no such push, or no such lead in it.
            HookrouterError: the push was refused when it came.
        """
        found = [each for each in self.recall.push(push) if each.occasion.place == place]
        if not found:
            raise NotFound(f"there is no lead number {place + 1} in {push}, or it was rejected")
        [lead] = found
        try:
            return self.tell(lead.lead.key, source=lead.occasion.source)[0]
        except NotFound:
            return self.tell_from(push, lead.lead.key)

    def _story(self, first: Recalled, found: Sequence[Recalled]) -> LeadStory:
        who = (first.occasion.source, first.lead.key)
        silences = {silence.id: silence for silence, _ in self.silences.all()}
        chapters: list[Chapter] = []
        further = self._append(chapters, found, silences)
        told = {first.occasion.push}
        while further and further not in told and len(chapters) < CHAPTERS:
            told.add(further)
            further = self._append(chapters, self._earlier(further, who), silences)
        last = self.recall.memory.last(*who)
        return LeadStory(
            who=who,
            fields={} if last is None else last.fields,
            last_push=None if last is None else last.push or None,
            chapters=tuple(chapters),
            further=further if further and further not in told else None,
            clocks=tuple(followed_up(each, self.follow_ups) for each in self.trail.clocks(who, self.follow_ups)),
            given=self.given(who),
            revision=self.revision,
        )

    def _all_of_its_push(self, last: Recalled) -> Sequence[Recalled]:
        """A lead's last change, and those before it by the same push."""
        occasion = last.occasion
        if last.earlier != occasion.push:
            return [last]
        return self._earlier(occasion.push, (occasion.source, last.lead.key)) or [last]

    def _append(
        self, chapters: list[Chapter], found: Sequence[Recalled], silences: Mapping[str, Silence]
    ) -> PushId | None:
        """Tell of a push's leads, the last one first; the push by which the story goes on."""
        chapters += [self._chapter(each, silences) for each in found]
        return found[-1].earlier or None if found else None

    def _earlier(self, push: PushId, who: Who) -> Sequence[Recalled]:
        try:
            return [each for each in self.recall.push(push) if each.lead.key == who[1]][::-1]
        except (NotFound, PushRefused, HookrouterError):
            return []  # its retention is over, or it was taken under other bounds

    def _chapter(self, recalled: Recalled, silences: Mapping[str, Silence]) -> Chapter:
        occasion, lead = recalled.occasion, recalled.lead
        who, at = (occasion.source, lead.key), occasion.received_at
        uses_once = self.explain.table.longest_once is not None
        marks = self.recall.memory.marks(*who) if uses_once else NO_MARKS
        explanation = self.explain.lead(
            lead, recalled.snapshot, occasion, marks=marks, own=recalled.own, turns=self.turns(who)
        )
        planned = _planned(recalled, explanation, self.clock.now())
        trace, told = self._deliveries(recalled, explanation, planned, silences)
        return Chapter(
            recalled=recalled,
            change=_change(recalled),
            explanation=explanation,
            deliveries=told,
            decisions=tuple(self.trail.decisions(occasion.push, lead.key, since=at)),
            pending=tuple(route for each in self.trail.pending(occasion.push, who, since=at) for route in each.routes),
            rejection=self.set_aside.find(rejection_id(occasion.push, occasion.place)),
            looked_up_to=trace.reached,
        )

    def _deliveries(
        self,
        recalled: Recalled,
        explanation: Explanation,
        planned: Planned,
        silences: Mapping[str, Silence],
    ) -> tuple[Trace, tuple[ToldDelivery, ...]]:
        trace = self._trace(recalled, explanation)
        at = recalled.occasion.received_at
        names: Planned = {**planned, **_logged_names(trace.logged, planned)}
        missing = not_over(names, trace.logged)
        sinks = {names[name][1] for name in missing}
        found = self.trail.find(missing, sinks, since=at)
        lost = [name for name in missing if name not in found]
        if lost and trace.reached is not None:
            trace = self._look_further(recalled, trace)
            names.update(_logged_names(trace.logged, names))
        found = {name: self._with_moment(each) for name, each in found.items()}
        letters = self.trail.letters(missing)
        rendered = {(each.route, each.sink): each for each in explanation.deliveries}
        told: list[ToldDelivery] = []
        for name, (route, sink, step) in names.items():
            logged = [each for each in trace.logged if each.delivery == name]
            if not logged and name not in found and step:
                continue  # a reminder that was never due, for somebody reacted, or whose clock began anew
            would_be = None if step else rendered.get((route, sink))
            one = ToldDelivery(
                id=name,
                sink=sink,
                route=route,
                step=step,
                story=Story(logged=logged, found=found.get(name)),
                letter=letters.get(name),
                silence=next((silences[why] for why in _reasons(logged) if why in silences), None),
            )
            told.append(one if would_be is None else _with_content(one, would_be))
        return trace, tuple(told)

    def _with_moment(self, found: Whereabouts) -> Whereabouts:
        """With when it goes on, if it is held until its route's time opens."""
        if not found.is_shut_out:
            return found
        return replace(found, until=self.hours.goes_on(found.delivery.route, found.pause, self.clock.now()))

    def _trace(self, recalled: Recalled, explanation: Explanation) -> Trace:
        """What the log holds close behind each moment at which something was due."""
        now, begins = self.clock.now(), recalled.occasion.received_at
        moments = [begins]
        for route in explanation.routes:
            moments += [step.due for step in route.follow_up if step.due is not None and step.due <= now]
            if route.held_until is not None and route.held_until <= now:
                moments.append(route.held_until)
        logged: dict[LoggedAttempt, None] = {}
        first: Trace | None = None
        for moment in sorted(set(moments)):
            trace = self.trail.logged(recalled.occasion.push, recalled.lead.key, since=moment, most=CLOSE_BEHIND)
            first = first or trace
            logged.update(dict.fromkeys(trace.logged))
            if trace.reached is None:
                break
        return Trace(logged=list(logged), reached=None if first is None else first.reached)

    def _look_further(self, recalled: Recalled, trace: Trace) -> Trace:
        if trace.reached is None:
            return trace
        more = self.trail.logged(recalled.occasion.push, recalled.lead.key, since=trace.reached, most=FAR_BEHIND)
        return Trace(logged=list(dict.fromkeys((*trace.logged, *more.logged))), reached=more.reached)


def _change(recalled: Recalled) -> Change:
    """What the push changed, without what was our own writing."""
    occasion = recalled.occasion
    change = compare(recalled.lead, recalled.snapshot, occasion.via, occasion.received_at)
    return without_own(change, recalled.own)


def _planned(recalled: Recalled, explanation: Explanation, now: datetime) -> Planned:
    """The deliveries that the rules of now make of a lead, and the reminders that were due by now."""
    planned: Planned = {}

    def plan(route: RouteName, sink: SinkName, step: str = "") -> None:
        name = delivery_id(recalled.occasion, recalled.lead.key, route, sink, step)
        planned[name] = (route, sink, step)

    for each in explanation.deliveries:
        plan(each.route, each.sink)
    for route in explanation.routes:
        for step in route.follow_up:
            if step.due is not None and step.due <= now:
                for sink in step.to:
                    plan(route.route, sink, step.step)
    return planned


def _logged_names(logged: Sequence[LoggedAttempt], known: Collection[DeliveryId]) -> Planned:
    """Those that the log tells of besides."""
    return {each.delivery: (each.route, each.sink, "") for each in logged if each.delivery not in known}


def _reasons(logged: Sequence[LoggedAttempt]) -> Sequence[str]:
    return [each.came_to.reason for each in logged]


def _with_content(told: ToldDelivery, would_be: ExplainedDelivery) -> ToldDelivery:
    return replace(told, content=would_be.content, fault=would_be.fault, gathered=would_be.gathered)
