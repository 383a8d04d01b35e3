"""Deliveries that wait for their lead's history, over several streams."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import EntryId
from hookrouter.domain.withheld import Withheld
from hookrouter.ports.streams import EnrichEntry
from hookrouter.ports.surroundings import Observer
from hookrouter.store import streams
from hookrouter.store.hydrating import AWAY_FOR
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import Lease
from hookrouter.store.settling import put_in_outboxes
from hookrouter.wire.kept.enriching import read_enriching


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisEnricher:
    """One stream of what waits for its history; see `ports.streams.Enricher`."""

    lease: Lease
    keys: Keys
    layouts: Layouts
    observer: Observer

    async def read(self, count: int, after: EntryId | None) -> Sequence[EnrichEntry]:
        """The oldest entries behind `after`; what cannot be read is set aside."""
        return await streams.read_each(self.lease, self.keys, self.observer, after=after, count=count, make=_entry)

    async def commit(self, entries: Sequence[EntryId], deliveries: Sequence[Delivery]) -> bool:
        """Put the deliveries into their outboxes, in one step with the entries' removal."""
        removed = streams.remove(self.lease.stream, entries)
        return await self.layouts.write(
            self.lease, lambda layout: [*put_in_outboxes(self.keys, layout, deliveries), removed]
        )

    async def withheld(self) -> Withheld:
        """What waits."""
        return await streams.withheld(self.lease.server, self.lease.stream)

    async def note_away(self, reason: str) -> None:
        """Note for a while that the CRM is away."""
        await self.lease.server.call("SET", self.keys.crm_away(), reason, "EX", int(AWAY_FOR.total_seconds()))

    async def note_back(self) -> None:
        """Note that it is not."""
        await self.lease.server.call("DEL", self.keys.crm_away())

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit tells if it was lost."""
        return self.lease.kept()

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
        return await self.lease.release()


def _entry(entry: EntryId, record: bytes) -> EnrichEntry:
    enrichment, deliveries, since = read_enriching(record)
    return EnrichEntry(id=entry, enrichment=enrichment, deliveries=deliveries, since=since)
