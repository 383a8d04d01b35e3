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
from hookrouter.domain.errors import HookrouterError, NotFound
from hookrouter.domain.follow_up import FollowUp
from hookrouter.domain.followed_up import followed_up
from hookrouter.domain.given_on import GivenBy
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import DeliveryId, PushId, RouteName, SinkName, SourceName, Who
from hookrouter.domain.logged_attempt import LoggedAttempt, State, Story, Whereabouts
from hookrouter.domain.on_the_way import OnTheWay
from hookrouter.domain.once import NO_MARKS
from hookrouter.domain.own_writes import without_own
from hookrouter.domain.rejection import Rejection, rejection_id
from hookrouter.domain.remembered import NOBODY
from hookrouter.domain.silence import Silence
from hookrouter.domain.told_delivery import ToldDelivery, not_over, what_holds_up
from hookrouter.ports.lead_trail import LeadTrail, Trace
from hookrouter.ports.surroundings import Clock
from hookrouter.usecases.explaining.chapters import Chapter, LeadStory
from hookrouter.usecases.explaining.drafts import Draft, planned_deliveries
from hookrouter.usecases.explaining.explain import Explain, ExplainedDelivery
from hookrouter.usecases.explaining.recall import Recall, Recalled
from hookrouter.usecases.explaining.turns import KnownTurns

CHAPTERS = 5
"""Pushes that are told of at once: nobody reads more, and each takes some milliseconds."""
CLOSE_BEHIND = 1000
"""Entries of the log behind a moment in which most of what it led to stands."""
FAR_BEHIND = 8000
"""So many more are looked through, once for a story, for what was not over by then; each takes some 2 to 7 µs."""


LookOnTheWay = Callable[[Who, datetime | None], Sequence[OnTheWay]]


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
        on_the_way: where a lead waits before it is judged: among what was put there last, and behind a moment.
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
    on_the_way: LookOnTheWay
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
            return [self._of_not_routed(who, source)]
        return [self._story(each, self._all_of_its_push(each)) for each in found]

    def tell_from(self, push: str, who: str) -> LeadStory:
        """The lead's story from a push back.

        Raises:
            NotFound: there is no such push, or no such lead in it.
            HookrouterError: the push was refused when it came.
        """
        found = self.recall.push(push, who)[::-1]
        return self._story(found[0], found)

    def tell_of(self, push: str, place: int, *, begin: str = "") -> LeadStory:
        """The story of the lead at a place of a push, from its last change back, or from the push `begin`.

        Raises:
            NotFound: there is no such push, or no such lead in it.
            HookrouterError: the push was refused when it came.
        """
        leads = self.recall.push(push)
        lead = next((each for each in leads if each.occasion.place == place), None)
        if lead is None:
            raise NotFound(f"there is no lead number {place + 1} in {push}, or it was rejected")
        source, key = lead.occasion.source, lead.lead.key
        if begin:
            return self.tell_from(begin, key)
        last = self.recall.memory.last(source, key)
        if last is None or last.push in {push, NOBODY}:  # a push of thousands is read once, for that takes its time
            found = [each for each in leads if each.lead.key == key][::-1]
            return self._story(found[0], found)
        return self.tell(key, source=source)[0]

    def _story(self, first: Recalled, found: Sequence[Recalled]) -> LeadStory:
        who = (first.occasion.source, first.lead.key)
        recalled, further = self._chain(first, found, who)
        drafts = [self._draft(each) for each in recalled]
        self._look_further(drafts, who)
        silences = {silence.id: silence for silence, _ in self.silences.all()}
        last = self.recall.memory.last(*who)
        return LeadStory(
            who=who,
            fields={} if last is None else last.fields,
            last_push=None if last is None else last.push or None,
            chapters=tuple(self._chapter(each, silences) for each in drafts),
            further=further,
            clocks=tuple(followed_up(each, self.follow_ups) for each in self.trail.clocks(who, self.follow_ups)),
            given=self.given(who),
            revision=self.revision,
            on_the_way=tuple(self.on_the_way(who, first.occasion.received_at if first.doubt else None)),
        )

    def _of_not_routed(self, who: str, source: SourceName | None) -> LeadStory:
        """What is known of a lead that no rule has judged yet: its push, and where it waits."""
        found = self.recall.not_routed(who, source)[::-1]
        return self._story(found[0], found)

    def _chain(self, first: Recalled, found: Sequence[Recalled], who: Who) -> tuple[Sequence[Recalled], PushId | None]:
        """The changes that are told of at once, the last one first, and the push by which the story goes on."""
        chain, told = [*found], {first.occasion.push}
        further = chain[-1].earlier
        while further and further not in told and len(chain) < CHAPTERS:
            told.add(further)
            earlier = self._earlier(further, who)
            chain += earlier
            further = earlier[-1].earlier if earlier else NOBODY
        return chain, further if further and further not in told else None

    def _all_of_its_push(self, last: Recalled) -> Sequence[Recalled]:
        """A lead's last change, and those before it by the same push."""
        occasion = last.occasion
        if last.earlier != occasion.push:
            return [last]
        return self._earlier(occasion.push, (occasion.source, last.lead.key)) or [last]

    def _earlier(self, push: PushId, who: Who) -> Sequence[Recalled]:
        try:
            return [each for each in self.recall.push(push) if each.lead.key == who[1]][::-1]
        except HookrouterError:
            return []  # its retention is over, or it was taken under other bounds

    def _draft(self, recalled: Recalled) -> Draft:
        """What the rules say of a change, and what stands of it close behind its push."""
        occasion, lead = recalled.occasion, recalled.lead
        who = (occasion.source, lead.key)
        uses_once = self.explain.table.longest_once is not None
        marks = self.recall.memory.marks(*who) if uses_once else NO_MARKS
        explanation = self.explain.lead(
            lead, recalled.snapshot, occasion, marks=marks, own=recalled.own, turns=self.turns(who)
        )
        names = planned_deliveries(recalled, explanation, self.clock.now())
        draft = Draft(recalled=recalled, explanation=explanation, names=names)
        draft.add(self._trace(draft))
        missing = not_over(draft.names, draft.logged)
        sinks = {draft.names[name][1] for name in missing}
        draft.found = dict(self.trail.find(missing, sinks, since=occasion.received_at))
        return draft

    def _trace(self, draft: Draft) -> Trace:
        """What the log holds close behind each moment at which something was due."""
        occasion, now = draft.recalled.occasion, self.clock.now()
        moments = [occasion.received_at]
        for route in draft.explanation.routes:
            moments += [step.due for step in route.follow_up if step.due is not None and step.due <= now]
            if route.held_until is not None and route.held_until <= now:
                moments.append(route.held_until)
        enough = list(draft.names) if len(moments) == 1 else []
        traces: list[Trace] = []
        for moment in sorted(set(moments)):
            traces.append(self._close_behind(draft, moment, enough))
            if traces[-1].reached is None:
                break
        return Trace(logged=[each for trace in traces for each in trace.logged], reached=traces[0].reached)

    def _close_behind(self, draft: Draft, moment: datetime, enough: Sequence[DeliveryId]) -> Trace:
        push, lead = [draft.recalled.occasion.push], draft.recalled.lead.key
        trace = self.trail.logged(push, lead, since=moment, most=CLOSE_BEHIND, enough=enough)
        if enough and any(each.revision != self.revision for each in trace.logged):
            return self.trail.logged(push, lead, since=moment, most=CLOSE_BEHIND)  # rules that are no more made others
        return trace

    def _look_further(self, drafts: Sequence[Draft], who: Who) -> None:
        """Look once for all of whose end nobody knows, from where the first of them was lost sight of."""
        lost = {draft.recalled.occasion.push: draft.reached for draft in drafts if draft.is_lost_sight_of}
        since = min((reached for reached in lost.values() if reached is not None), default=None)
        if since is None:
            return
        trace = self.trail.logged(lost, who[1], since=since, most=FAR_BEHIND)
        for draft in drafts:
            push = draft.recalled.occasion.push
            if push in lost:
                draft.add(replace(trace, logged=[each for each in trace.logged if each.push == push]))

    def _chapter(self, draft: Draft, silences: Mapping[str, Silence]) -> Chapter:
        occasion, lead = draft.recalled.occasion, draft.recalled.lead
        who, at = (occasion.source, lead.key), occasion.received_at
        return Chapter(
            recalled=draft.recalled,
            change=_change(draft.recalled),
            explanation=draft.explanation,
            deliveries=self._deliveries(draft, silences),
            decisions=tuple(self.trail.decisions(occasion.push, lead.key, since=at)),
            pending=tuple(route for each in self.trail.pending(occasion.push, who, since=at) for route in each.routes),
            rejection=self.set_aside.find(rejection_id(occasion.push, occasion.place)),
            looked_up_to=draft.reached if draft.is_lost_sight_of else None,
        )

    def _deliveries(self, draft: Draft, silences: Mapping[str, Silence]) -> tuple[ToldDelivery, ...]:
        letters = self.trail.letters(not_over(draft.names, draft.logged))
        rendered = {(each.route, each.sink): each for each in draft.explanation.deliveries}
        standing = self._held_up({sink for name, (_, sink, _) in draft.names.items() if name in draft.found})
        told: list[ToldDelivery] = []
        for name, (route, sink, step) in draft.names.items():
            logged = [each for each in draft.logged if each.delivery == name]
            found = draft.found.get(name)
            if step and not logged and found is None:
                continue  # a reminder that was never due, for somebody reacted, or whose clock began anew
            one = ToldDelivery(
                id=name,
                sink=sink,
                route=route,
                step=step,
                story=Story(logged=logged, found=None if found is None else self._with_moment(found)),
                letter=letters.get(name),
                silence=next((silences[why] for why in _reasons(logged) if why in silences), None),
                held_up=standing[sink] if found is not None and found.state is not State.DEAD else "",
            )
            would_be = None if step else rendered.get((route, sink))
            told.append(one if would_be is None else _with_content(one, would_be))
        return tuple(told)

    def _held_up(self, sinks: Collection[SinkName]) -> Mapping[SinkName, str]:
        """What keeps these sinks from being told of anything; '' of one that nothing does."""
        standing = self.trail.standing(sorted(sinks))
        return {sink: what_holds_up(each.circuit, each.pause, each.now) for sink, each in standing.items()}

    def _with_moment(self, found: Whereabouts) -> Whereabouts:
        """With when it goes on, if it is held until its route's time opens."""
        if not found.is_shut_out:
            return found
        return replace(found, until=self.hours.goes_on(found.delivery.route, found.pause, self.clock.now()))


def _change(recalled: Recalled) -> Change:
    """What the push changed, without what was our own writing."""
    occasion = recalled.occasion
    change = compare(recalled.lead, recalled.snapshot, occasion.via, occasion.received_at)
    return without_own(change, recalled.own)


def _reasons(logged: Sequence[LoggedAttempt]) -> Sequence[str]:
    return [each.came_to.reason for each in logged]


def _with_content(told: ToldDelivery, would_be: ExplainedDelivery) -> ToldDelivery:
    return replace(told, content=would_be.content, fault=would_be.fault, gathered=would_be.gathered)
