"""What a lead left behind in Redis; see `ports.lead_trail.LeadTrail`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from hookrouter.domain.assignment import Decision
from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.ids import DeliveryId, EntryId, LeadKey, PushId, RouteName, SinkName, Who, added_at
from hookrouter.domain.layout import enriching_place
from hookrouter.domain.lead_clock import LeadClock, clock_id
from hookrouter.domain.logged_attempt import LoggedAttempt, Whereabouts
from hookrouter.domain.pending import Pending
from hookrouter.domain.told_delivery import not_over
from hookrouter.ports.lead_trail import Trace
from hookrouter.ports.outbox import Standing
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import shards_of
from hookrouter.store.standing import questions_of, standing_of
from hookrouter.store.stream_looks import from_moment, oldest_entries
from hookrouter.store.whereabouts import WhereaboutsLook
from hookrouter.wire.kept.assigning import read_decision
from hookrouter.wire.kept.clocks import read_clock
from hookrouter.wire.kept.logged_attempt import read_attempt
from hookrouter.wire.kept.pending import read_pending
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.kept.set_aside import read_dead_letter

Made = TypeVar("Made")

MOST_WAITING = 1000
"""Entries of each stream that are looked at: what a push led to stands close behind its moment."""
CLOCKS_DIFFER = timedelta(seconds=2)
"""A push has its moment from a receiver's clock, an entry from Redis'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisLeadTrail:
    """The trails of leads in Redis."""

    server: RedisServer
    keys: Keys
    layouts: Layouts

    def logged(
        self,
        pushes: Collection[PushId],
        lead: LeadKey,
        *,
        since: datetime,
        most: int,
        enough: Collection[DeliveryId] = (),
    ) -> Trace:
        """Attempts of the lead's deliveries by some pushes."""
        names = [push.encode() for push in pushes]
        found: list[LoggedAttempt] = []
        looked_at, last = 0, None
        for entry, record in self._entries(self.keys.attempts(), since, most):
            looked_at, last = looked_at + 1, entry
            if not any(name in record for name in names):
                continue
            attempt = _made(read_attempt, entry, record)
            if attempt is not None and attempt.push in pushes and attempt.lead_key == lead:
                found.append(attempt)
                if enough and not not_over(enough, found):
                    return Trace(logged=found, reached=None)
        return Trace(logged=found, reached=added_at(last) if last is not None and looked_at == most else None)

    def decisions(self, push: PushId, lead: LeadKey, *, since: datetime) -> Sequence[Decision]:
        """To whom the lead was given by a push, and why."""
        entries = self._entries(self.keys.decisions(), since, MOST_WAITING)
        read = (_made(_without_place(read_decision), *each) for each in entries if push.encode() in each[1])
        return [each for each in read if each is not None and (each.push, each.lead_key) == (push, lead)]

    def pending(self, push: PushId, who: Who, *, since: datetime) -> Sequence[Pending]:
        """What waits for the CRM to tell of the lead before it is decided."""
        stream = self.keys.pending(enriching_place(who))
        entries = self._entries(stream, since, MOST_WAITING)
        read = (_made(_without_place(read_pending), *each) for each in entries if push.encode() in each[1])
        return [
            each for each in read if each is not None and (each.occasion.push, each.change.lead.key) == (push, who[1])
        ]

    def find(
        self, deliveries: Collection[DeliveryId], sinks: Collection[SinkName], *, since: datetime
    ) -> Mapping[str, Whereabouts]:
        """Where deliveries to these sinks are."""
        look = WhereaboutsLook(
            server=self.server,
            keys=self.keys,
            layouts=self.layouts,
            sinks=sinks,
            since=since - CLOCKS_DIFFER,
            most=MOST_WAITING,
        )
        return look.find(deliveries) if deliveries else {}

    def letters(self, deliveries: Collection[DeliveryId]) -> Mapping[str, DeadLetter]:
        """Those of the deliveries that are dead."""
        if not deliveries:
            return {}
        records = self.server.call("MGET", *map(self.keys.dead_letter, deliveries))
        letters: dict[str, DeadLetter] = {}
        for name, record in zip(deliveries, records, strict=True):
            with suppress(Unreadable):
                if record is not None:
                    letters[name] = read_dead_letter(record)
        return letters

    def clocks(self, who: Who, routes: Collection[RouteName]) -> Sequence[LeadClock]:
        """The clocks of the lead that run."""
        clocks: list[LeadClock] = []
        for fields in self.server.call_all([("HGETALL", self.keys.clock(clock_id(who, route))) for route in routes]):
            with suppress(Unreadable):
                clock = read_clock(fields)
                if clock is not None:
                    clocks.append(clock)
        return clocks

    def standing(self, sinks: Sequence[SinkName]) -> Mapping[SinkName, Standing]:
        """How these sinks stand."""
        layout = self.layouts.read(self.server).layout
        asked = [questions_of(*shards_of(self.keys, layout, sink)) for sink in sinks]
        answers = iter(self.server.call_all([question for questions in asked for question in questions]))
        return {
            sink: standing_of(sink, [next(answers) for _ in questions])
            for sink, questions in zip(sinks, asked, strict=True)
        }

    def _entries(self, stream: str, since: datetime, most: int) -> Iterator[tuple[EntryId, bytes]]:
        return oldest_entries(self.server, stream, from_moment(since - CLOCKS_DIFFER), most)


def _made(read: Callable[[EntryId, bytes], Made], entry: EntryId, record: bytes) -> Made | None:
    with suppress(Unreadable):
        return read(entry, record)
    return None


def _without_place(read: Callable[[bytes], Made]) -> Callable[[EntryId, bytes], Made]:
    return lambda _, record: read(record)
