"""Leads some of whose routes their history must tell, over several streams."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.ids import EntryId, RouteName, Who
from hookrouter.domain.lead_clock import KnownClocks
from hookrouter.domain.once import Marks
from hookrouter.domain.silence import Listening
from hookrouter.domain.withheld import Withheld
from hookrouter.ports.streams import DecidedEntry, PendingEntry
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.store import streams
from hookrouter.store.clocks import known_clocks
from hookrouter.store.commands import Command
from hookrouter.store.figures import add_figures
from hookrouter.store.hydrating import AWAY_FOR
from hookrouter.store.intake import hand_on, keep_marks
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import Lease
from hookrouter.store.rejected import keep_rejection
from hookrouter.wire.kept.marks import read_marks
from hookrouter.wire.kept.pending import read_pending
from hookrouter.wire.kept.silences import listening


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisPendings:
    """One stream of what is pending; see `ports.streams.Pendings`."""

    lease: Lease
    keys: Keys
    layouts: Layouts
    keep_rejected: timedelta
    clock: Clock
    observer: Observer

    async def read(self, count: int, after: EntryId | None) -> Sequence[PendingEntry]:
        """The oldest entries behind `after`; what cannot be read is set aside."""
        return await streams.read_each(
            self.lease,
            self.keys,
            self.observer,
            after=after,
            count=count,
            make=lambda entry, record: PendingEntry(id=entry, pending=read_pending(record)),
        )

    async def marks(self, lead: Who) -> Marks:
        """What routes with `once` remember of a lead."""
        return read_marks(await self.lease.server.call("HGETALL", self.keys.marks(*lead)))

    async def silences(self) -> Sequence[Listening]:
        """What sinks are not to be told of."""
        return listening(await self.lease.server.call("HVALS", self.keys.silences()))

    async def clocks(self, leads: Sequence[Who], routes: Collection[RouteName]) -> Sequence[KnownClocks]:
        """The clocks of each lead by these routes."""
        return await known_clocks(self.lease.server, self.keys, leads, routes)

    async def commit(self, decided: DecidedEntry) -> bool:
        """Write what a decision led to, in one step with the entry's removal."""
        now = self.clock.now()
        commands: list[Command] = keep_marks(self.keys, decided.handed.marks, decided.keep_marks)
        commands += add_figures(self.keys, decided.tally)
        for rejection in decided.rejected:
            commands += keep_rejection(self.keys, rejection, self.keep_rejected)
        if decided.was_told:
            commands.append(("DEL", self.keys.crm_away()))
        commands.append(streams.remove(self.lease.stream, [decided.entry]))
        return await self.layouts.write(
            self.lease, lambda layout: [*hand_on(self.keys, layout, decided.handed, now), *commands]
        )

    async def withheld(self) -> Withheld:
        """What waits."""
        return await streams.withheld(self.lease.server, self.lease.stream)

    async def note_away(self, reason: str) -> None:
        """Note for a while that the CRM is away."""
        await self.lease.server.call("SET", self.keys.crm_away(), reason, "EX", int(AWAY_FOR.total_seconds()))

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit tells if it was lost."""
        return self.lease.kept()

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
        return await self.lease.release()
