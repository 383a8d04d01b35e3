"""The playground: what would become of leads that somebody gives, or of stored ones, by the rules of now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

import orjson

from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.errors import NotFound
from hookrouter.domain.ids import LeadKey, PushId, SourceName, Who
from hookrouter.domain.lead import ID_FIELDS, Fields, Json, text_of
from hookrouter.domain.once import NO_MARKS
from hookrouter.domain.push import Batch, RejectedLead
from hookrouter.ports.surroundings import Clock
from hookrouter.usecases.explaining.explain import Explain, Explanation
from hookrouter.usecases.explaining.recall import Recall, Recalled
from hookrouter.usecases.explaining.turns import KnownTurns
from hookrouter.wire.pushes.push import PushReader

MOST_EXPLAINED = 20
"""Leads in one question: each is judged by every route, with reasons, which takes milliseconds."""

Event = Mapping[str, Json]


def go_on() -> None:
    """Rest for no moment: nobody else waits in this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was explained, and which leads would be rejected.

    Attributes:
        recalled: of stored leads, each as it was found, beside its explanation; none of given ones.
        left: how many leads were not explained, for they were too many.
    """

    explanations: Sequence[Explanation]
    rejected: Sequence[RejectedLead] = ()
    recalled: Sequence[Recalled] = ()
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Leads that somebody gives, in any shape that a push may have.

    Attributes:
        previous: the same leads as last seen; None for ones never seen before.
        timeline: their history; None when nobody knows it.
        at: the moment of the push; None is now.
        source: None is the first.
    """

    leads: Json
    previous: Json = None
    timeline: Sequence[Event] | None = None
    at: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Playground:
    """Explains without sending or storing anything.

    Attributes:
        turns: whose turn it is in teams at that moment.
        rest: gives others their turn before each lead: one with hundreds of fields takes milliseconds.
    """

    explain: Explain
    recall: Callable[[], Recall]
    turns: Callable[[Who], KnownTurns]
    reader: PushReader
    clock: Clock
    sources: Sequence[SourceName] = field(default_factory=tuple)
    rest: Callable[[], None] = go_on

    def given(self, given: Given) -> Told:
        """Judge leads in their order: one that comes twice is compared with its first coming.

        Raises:
            NotFound: there is no such source.
            PushRefused: they cannot be read.
        """
        source, at = self.source(given.source), given.at or self.clock.now()
        batch = self._read(given.leads, at)
        previous = None if given.previous is None else self._read(given.previous, at)
        explanations = self.judged(batch, previous, source=source, at=at, timeline=given.timeline)
        told = list(islice(explanations, MOST_EXPLAINED))
        left = len(batch.accepted) - len(told)
        return Told(explanations=told, rejected=batch.rejected[:MOST_EXPLAINED], left=left)

    def judged(
        self,
        batch: Batch,
        previous: Batch | None = None,
        *,
        source: SourceName,
        at: datetime,
        timeline: Sequence[Event] | None = None,
    ) -> Iterator[Explanation]:
        """Judge the leads of a batch as if it came at a moment, in their order: what comes first is known by the next.

        `previous` are the same leads as last seen, `timeline` their history if anybody knows it.
        """
        known: dict[LeadKey, Fields] = {}
        if previous is not None:
            known = {lead.key: lead.fields for _, lead in previous.accepted}
        turns = KnownTurns()
        for place, lead in batch.accepted:
            self.rest()
            snapshot = known.get(lead.key)
            occasion = Occasion(push=PushId("p_explained"), source=source, place=place, received_at=at)
            yield self.explain.lead(lead, snapshot, occasion, self._history(lead.key, timeline, at), turns=turns)
            change = compare(lead, snapshot, now=at)
            if change.event is not LeadEvent.STALE:
                known[lead.key] = change.received

    def stored(self, push: str | None, lead: str | None, *, source: str | None, at: datetime | None) -> Told:
        """Judge the leads of a stored push, or the last change of a stored lead, as they were when they came.

        Raises:
            NotFound: nothing is stored of it.
            HookrouterError: the push was refused when it came.
        """
        chosen = None if source is None else self.source(source)
        found = self.recall().push(push, lead) if push else self.recall().last(lead or "", chosen)
        recalled = found[:MOST_EXPLAINED]
        return Told(
            explanations=[self.again(each, at) for each in recalled],
            recalled=recalled,
            left=len(found) - len(recalled),
        )

    def again(
        self, recalled: Recalled, at: datetime | None = None, timeline: Sequence[Event] | None = None
    ) -> Explanation:
        """Judge one stored lead, as it was when it came, or as if it came at another moment."""
        self.rest()
        occasion = replace(recalled.occasion, received_at=at or recalled.occasion.received_at)
        who = (occasion.source, recalled.lead.key)
        uses_once = self.explain.table.longest_once is not None
        marks = self.recall().memory.marks(*who) if uses_once else NO_MARKS
        events = self._history(recalled.lead.key, timeline, recalled.occasion.received_at)
        return self.explain.lead(
            recalled.lead, recalled.snapshot, occasion, events, marks, own=recalled.own, turns=self.turns(who)
        )

    def _read(self, leads: Json, at: datetime) -> Batch:
        return self.reader.read(orjson.dumps(leads), {}, at)

    def source(self, name: str | None) -> SourceName:
        """The source of this name; the first when none is said.

        Raises:
            NotFound: there is no such source.
        """
        chosen = self.sources[0] if name is None else SourceName(name)
        if chosen not in self.sources:
            raise NotFound(f"there is no source {chosen}; the configuration has {', '.join(sorted(self.sources))}")
        return chosen

    def _history(self, lead: LeadKey, events: Sequence[Event] | None, at: datetime) -> Sequence[Event] | None:
        """The events of one lead, with their times as the routes read them; one that names no lead is of all."""
        if events is None:
            return None
        of_lead = [event for event in events if _whose(event) in {"", lead}]
        return self.reader.times.of_events(of_lead, at)


def _whose(event: Event) -> str:
    names = (text_of(event.get(name)) for name in ID_FIELDS if name != "id")
    return next((name for name in names if name), "")
