"""The intake: leads that wait to be routed, over several streams."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.handing import Assigning, Enriching, Handed, Touched
from hookrouter.domain.ids import EntryId, LeadKey, RouteName, SourceName, Who
from hookrouter.domain.layout import Layout, Place, enriching_place
from hookrouter.domain.lead_clock import KnownClocks
from hookrouter.domain.logged_attempt import Result
from hookrouter.domain.once import Marks
from hookrouter.domain.own_writes import Written
from hookrouter.domain.pending import Pending
from hookrouter.domain.remembered import Snapshot
from hookrouter.domain.silence import Listening
from hookrouter.ports.streams import IntakeEntry, RoutedEntries
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.store import streams
from hookrouter.store.clocks import known_clocks, write_news
from hookrouter.store.commands import Command
from hookrouter.store.figures import add_figures
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import Lease
from hookrouter.store.rejected import keep_rejection
from hookrouter.store.settling import log_end, put_in_outboxes
from hookrouter.store.silences import log_silenced
from hookrouter.store.speed import count_reactions
from hookrouter.store.watching import note_return
from hookrouter.wire.kept import records
from hookrouter.wire.kept.assigning import write_assigning
from hookrouter.wire.kept.enriching import write_enriching
from hookrouter.wire.kept.marks import read_marks, write_mark
from hookrouter.wire.kept.pending import write_pending
from hookrouter.wire.kept.remembered import read_snapshot, write_before, write_snapshot
from hookrouter.wire.kept.silences import listening
from hookrouter.wire.kept.written import read_written

LATE = timedelta(days=1)
"""How long a push may have waited when it is routed: until then the marks of those before it are kept for it."""
BEGUN_LIFE = 86_400
"""Seconds. Whoever takes up the rest of an entry later routes its first leads anew, and finds them unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisIntake:
    """One stream of the intake; see `ports.streams.Intake`."""

    lease: Lease
    keys: Keys
    layouts: Layouts
    place: Place
    keep_snapshots: timedelta
    keep_pushes: timedelta
    keep_rejected: timedelta
    clock: Clock
    observer: Observer

    async def read(self, count: int) -> Sequence[IntakeEntry]:
        """The oldest entries; what cannot be read is set aside."""
        entries: list[IntakeEntry] = []
        found, begun = await self.lease.server.call_all(
            [streams.oldest(self.lease.stream, None, count), ("GET", self.keys.begun(*self.place))]
        )
        for entry, record in streams.records_of(found):
            try:
                occasions, leads = records.read_intake(record)
            except records.Unreadable as fault:
                met = streams.Met(self.lease.stream, entry, record, fault)
                if not await streams.is_passed(self.lease, self.keys, self.observer, met):
                    break
            else:
                routed = _routed_of(entry, begun)
                whole = IntakeEntry(id=entry, occasions=occasions[routed:], leads=leads[routed:], routed=routed)
                entries.append(whole)
        return entries

    async def snapshots(self, leads: Sequence[tuple[SourceName, LeadKey]]) -> Sequence[Snapshot | None]:
        """The last snapshot of each lead; one that cannot be read counts as none."""
        if not leads:
            return []
        found = await self.lease.server.call("MGET", *(self.keys.snapshot(source, lead) for source, lead in leads))
        return [_read_snapshot(record) for record in found]

    async def marks(self, leads: Sequence[Who]) -> Sequence[Marks]:
        """What routes with `once` remember of each lead."""
        if not leads:
            return []
        asked: list[Command] = [("HGETALL", self.keys.marks(source, lead)) for source, lead in leads]
        return [read_marks(found) for found in await self.lease.server.call_all(asked)]

    async def silences(self) -> Sequence[Listening]:
        """What sinks are not to be told of."""
        return listening(await self.lease.server.call("HVALS", self.keys.silences()))

    async def clocks(self, leads: Sequence[Who], routes: Collection[RouteName]) -> Sequence[KnownClocks]:
        """The clocks of each lead by these routes."""
        return await known_clocks(self.lease.server, self.keys, leads, routes)

    async def written(self, names: Sequence[Who]) -> Sequence[Sequence[Written]]:
        """What we wrote lately to the leads of these names."""
        asked: list[Command] = [("HGETALL", self.keys.written(source, name)) for source, name in names]
        return [read_written(found) for found in await self.lease.server.call_all(asked)]

    async def commit(self, routed: RoutedEntries) -> bool:
        """Write what the entries led to, in one step with their removal."""
        life = max(1, int(self.keep_snapshots.total_seconds()))
        now = self.clock.now()
        commands: list[Command] = [
            ("SET", self.keys.snapshot(source, lead), write_snapshot(snapshot), "EX", life)
            for (source, lead), snapshot in routed.snapshots.items()
        ]
        kept = max(1, int(self.keep_pushes.total_seconds()))
        commands += [
            ("SET", self.keys.before(push, min(leads)), write_before(leads), "EX", kept)
            for push, leads in routed.before.items()
        ]
        commands += keep_marks(self.keys, routed.handed.marks, routed.keep_marks)
        commands += [("HDEL", self.keys.written(each.source, each.name), *each.marks) for each in routed.come_back]
        commands += [put_in_pending(self.keys, each) for each in routed.pending]
        for rejection in routed.rejected:
            commands += keep_rejection(self.keys, rejection, self.keep_rejected)
        commands += add_figures(self.keys, routed.tally)
        commands += [note_return(self.keys, mark, at) for mark, at in routed.canaries.items()]
        if routed.begun is not None:
            entry, count = routed.begun
            commands.append(("SET", self.keys.begun(*self.place), f"{entry}:{count}", "EX", BEGUN_LIFE))
        if routed.entries:
            commands.append(streams.remove(self.lease.stream, routed.entries))
        return await self.layouts.write(
            self.lease, lambda layout: [*hand_on(self.keys, layout, routed.handed, now), *commands]
        )

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit tells if it was lost."""
        return self.lease.kept()

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
        return await self.lease.release()


def hand_on(keys: Keys, layout: Layout, handed: Handed, now: datetime) -> list[Command]:
    """The commands that hand leads on to what they led to."""
    commands = put_in_outboxes(keys, layout, handed.deliveries)
    commands += [put_in_enrich(keys, each, now) for each in handed.enriching]
    commands += write_news(keys, handed.clocks)
    commands += count_reactions(keys, handed.reactions, now)
    commands += [put_in_assign(keys, each) for each in handed.assigning]
    commands += [log_end(keys, delivery, Result.SHADOW, "") for delivery in handed.shadows]
    commands += [log_end(keys, delivery, Result.REPEATED, push) for delivery, push in handed.repeats]
    return commands + log_silenced(keys, handed.silenced)


def keep_marks(keys: Keys, marks: Mapping[Who, Marks], count_for: timedelta) -> list[Command]:
    """The commands that have routes remember leads, for longer than that counts."""
    commands: list[Command] = []
    life = int((count_for + LATE).total_seconds())
    for (source, lead), named in marks.items():
        key = keys.marks(source, lead)
        written = [part for name, mark in named.items() for part in (name, write_mark(mark))]
        commands += [("HSET", key, *written), ("EXPIRE", key, life)]
    return commands


def put_in_enrich(keys: Keys, enriching: Enriching, since: datetime) -> Command:
    """The command that has deliveries wait for their lead's history."""
    record = write_enriching(enriching.enrichment, enriching.deliveries, since)
    return streams.append(keys.enrich(enriching_place(enriching.deliveries[0].who)), record)


def put_in_pending(keys: Keys, pending: Pending) -> Command:
    """The command that has a lead wait to be decided by its history."""
    place = enriching_place((pending.occasion.source, pending.change.lead.key))
    return streams.append(keys.pending(place), write_pending(pending))


def put_in_assign(keys: Keys, wanted: Assigning | Touched) -> Command:
    """The command that has deliveries wait for somebody of a team, or lets teams know of a lead that was seen to."""
    return streams.append(keys.assign(), write_assigning(wanted))


def _read_snapshot(record: bytes | None) -> Snapshot | None:
    if record is None:
        return None
    try:
        return read_snapshot(record)
    except records.Unreadable:
        return None


def _routed_of(entry: EntryId, begun: bytes | None) -> int:
    """How many leads of an entry were routed."""
    name, _, count = (begun or b"").decode().rpartition(":")
    return int(count) if name == entry else 0
