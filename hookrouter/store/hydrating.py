"""Leads that wait for the CRM's copies of them, in one stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.delivery import Occasion
from hookrouter.domain.ids import EntryId, PushId, SourceName
from hookrouter.domain.layout import Place, Spread
from hookrouter.domain.lead import Lead
from hookrouter.domain.pieces import pieces
from hookrouter.ports.streams import HydratedEntries, HydrateEntry
from hookrouter.ports.surroundings import Observer
from hookrouter.store import streams
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import Lease
from hookrouter.store.pushes import LARGEST_ENTRY, LEADS_AN_ENTRY
from hookrouter.store.rejected import keep_rejection
from hookrouter.wire.kept import records

READ_AT_ONCE = 16
LARGEST_GATHERING = 8 * 1024 * 1024
"""Bytes of records that are gathered; the CRM's copies of their leads come on top."""
AWAY_FOR = timedelta(minutes=5)
"""How long the CRM counts as away after it was last noted: several times the longest pause between two askings."""

Placed = tuple[Occasion, Lead]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisHydrator:
    """What waits for the CRM's copies; see `ports.streams.Hydrator`."""

    lease: Lease
    keys: Keys
    layouts: Layouts
    keep_rejected: timedelta
    observer: Observer

    async def gather(self, leads: int) -> Sequence[HydrateEntry]:
        """The oldest entries that hold so many leads at most, but one at least; what cannot be read is set aside."""
        gathered: list[HydrateEntry] = []
        count = size = 0
        after: EntryId | None = None
        while found := await streams.read(self.lease.server, self.lease.stream, after, READ_AT_ONCE):
            for after, record in found:
                try:
                    entry = _entry(after, record)
                except records.Unreadable as fault:
                    met = streams.Met(self.lease.stream, after, record, fault)
                    if await streams.is_passed(self.lease, self.keys, self.observer, met):
                        continue
                    return gathered
                count, size = count + len(entry.leads), size + len(record)
                if gathered and (count > leads or size > LARGEST_GATHERING):
                    return gathered
                gathered.append(entry)
        return gathered

    async def commit(self, hydrated: HydratedEntries) -> bool:
        """Write what the entries led to, in one step with their removal."""
        commands: list[Command] = []
        for rejection in hydrated.rejected:
            commands += keep_rejection(self.keys, rejection, self.keep_rejected)
        commands += [streams.append(self.lease.stream, _record(entry)) for entry in hydrated.again]
        commands.append(("DEL", self.keys.crm_away()))
        commands.append(streams.remove(self.lease.stream, hydrated.entries))
        return await self.layouts.write(
            self.lease, lambda layout: [*self._put_in_intake(layout.intake, hydrated.leads), *commands]
        )

    async def note_away(self, reason: str) -> None:
        """Note for a while that the CRM is away."""
        life = int(AWAY_FOR.total_seconds())
        await self.lease.server.call("SET", self.keys.crm_away(), reason, "EX", life)

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit tells if it was lost."""
        return self.lease.kept()

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
        return await self.lease.release()

    def _put_in_intake(self, intake: Spread, leads: Sequence[Placed]) -> Iterator[Command]:
        """The commands that hand leads to the streams of who they are now, those of one push together."""
        together: dict[tuple[PushId, SourceName, datetime, Place], list[tuple[int, Lead]]] = {}
        for occasion, lead in leads:
            stream = intake.place_of((occasion.source, lead.key))
            group = (occasion.push, occasion.source, occasion.received_at, stream)
            together.setdefault(group, []).append((occasion.place, lead))
        for (push, source, received_at, stream), placed in together.items():
            for some in pieces(placed, LEADS_AN_ENTRY):
                for record in _records(push, source, received_at, some):
                    yield streams.append(self.keys.intake(*stream), record)


def _records(
    push: PushId, source: SourceName, received_at: datetime, placed: Sequence[tuple[int, Lead]]
) -> Iterator[bytes]:
    """Records of no great size: the copies of leads may be much larger than what was pushed of them."""
    record = records.write_intake(push, source, received_at, placed)
    if len(record) <= LARGEST_ENTRY or len(placed) == 1:
        yield record
        return
    middle = len(placed) // 2
    yield from _records(push, source, received_at, placed[:middle])
    yield from _records(push, source, received_at, placed[middle:])


def _entry(entry: EntryId, record: bytes) -> HydrateEntry:
    occasions, leads, prove, asked = records.read_hydrating(record)
    return HydrateEntry(id=entry, occasions=occasions, leads=leads, prove=prove, asked=asked)


def _record(entry: HydrateEntry) -> bytes:
    first = entry.occasions[0]
    placed = [(occasion.place, lead) for occasion, lead in zip(entry.occasions, entry.leads, strict=True)]
    return records.write_hydrating(
        first.push, first.source, first.received_at, placed, prove=entry.prove, asked=entry.asked
    )
