"""Clicks that wait for what they lead to, in one stream, and whose leads are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass

from hookrouter.domain.claim import Claim
from hookrouter.domain.ids import EntryId, Who
from hookrouter.ports.claims import ClaimEntry, SettledClaims
from hookrouter.ports.surroundings import Observer
from hookrouter.store import streams
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.commands import Command
from hookrouter.store.intake import put_in_assign
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease
from hookrouter.wire.kept.claims import read_claim, read_work, write_work
from hookrouter.wire.kept.records import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisClaimMemory:
    """Whose leads are; see `ports.claims.ClaimMemory`."""

    server: AsyncRedisServer
    keys: Keys

    async def of(self, who: Who) -> Claim | None:
        """By whom a lead is claimed."""
        return claim_of(await self.server.call("GET", self.keys.claim(*who)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisClaims:
    """The clicks that wait; see `ports.claims.Claims`."""

    lease: Lease
    keys: Keys
    observer: Observer

    async def read(self, count: int, after: EntryId | None) -> Sequence[ClaimEntry]:
        """The oldest entries behind `after`; what cannot be read is set aside."""
        return await streams.read_each(
            self.lease,
            self.keys,
            self.observer,
            after=after,
            count=count,
            make=lambda entry, record: ClaimEntry(id=entry, work=read_work(record)),
        )

    async def made(self, leads: Sequence[Who]) -> Sequence[Claim | None]:
        """By whom each lead is claimed."""
        keys = [self.keys.claim(*who) for who in leads]
        return [claim_of(record) for record in await self.lease.server.call("MGET", *keys)]

    async def commit(self, settled: SettledClaims) -> bool:
        """Write what became of entries, in one step with their removal."""
        commands: list[Command] = [streams.append(self.lease.stream, write_work(work)) for work in settled.again]
        commands += [("DEL", self.keys.claim(*who)) for who in settled.given_back]
        commands += [put_in_assign(self.keys, touched) for touched in settled.seen_to]
        return await self.lease.write([*commands, streams.remove(self.lease.stream, settled.entries)])

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit tells if it was lost."""
        return self.lease.kept()

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
        return await self.lease.release()


def claim_of(record: bytes | None) -> Claim | None:
    """The claim in a record; one that cannot be read counts as none."""
    with suppress(Unreadable):
        return None if record is None else read_claim(record)
    return None
