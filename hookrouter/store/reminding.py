"""The clocks that are due, one drain for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from typing import Any

from hookrouter.domain.ids import RouteName
from hookrouter.domain.lead import Fields, Lead
from hookrouter.domain.lead_clock import ClockId
from hookrouter.domain.own_writes import names_of
from hookrouter.ports.clocks import DueClock, DueClocks, Settled, Settling
from hookrouter.store.claims import claim_of
from hookrouter.store.clocks import stop, wind
from hookrouter.store.commands import Argument, Command, flatten
from hookrouter.store.intake import put_in_assign
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Filled, Known, Layouts
from hookrouter.store.lease import Lease
from hookrouter.store.settling import put_in_outboxes
from hookrouter.store.silences import log_silenced
from hookrouter.store.standing import ROUTE, moment_of, pauses_of
from hookrouter.store.teams import given_of
from hookrouter.wire.kept.clocks import BEGAN, HAD, HANDLED, OWN, SAID, read_clock, write_steps
from hookrouter.wire.kept.moments import in_milliseconds
from hookrouter.wire.kept.records import TooNew, Unreadable
from hookrouter.wire.kept.remembered import read_snapshot
from hookrouter.wire.kept.silences import listening
from hookrouter.wire.kept.written import read_written

GUARDED = (BEGAN, OWN, HANDLED)
"""The fields that pushes write, who may do so while a clock is looked at."""
RESULTS = {1: Settling.DONE, 3: Settling.OVERTAKEN, 0: Settling.LOST}


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisDueBook:
    """The clocks in Redis; see `ports.clocks.DueBook`."""

    lease: Lease
    keys: Keys
    layouts: Layouts

    async def due(self, count: int) -> DueClocks:
        """Those that were due first."""
        server = self.lease.server
        time, pauses, silences = await server.call_all(
            [("TIME",), ("HGETALL", self.keys.pauses()), ("HVALS", self.keys.silences())]
        )
        now = moment_of(time)
        found = await server.call("ZRANGEBYSCORE", self.keys.clocks(), "-inf", in_milliseconds(now), "LIMIT", 0, count)
        names = [ClockId(name.decode()) for name in found]
        records = await server.call_all([("HGETALL", self.keys.clock(name)) for name in names])
        read = [_due_clock(name, record) for name, record in zip(names, records, strict=True)]
        paused = {
            RouteName(name.removeprefix(ROUTE))
            for name, pause in pauses_of(pauses).items()
            if name.startswith(ROUTE) and pause.holds(now)
        }
        clocks = await self._with_leads(read)
        return DueClocks(now=now, clocks=clocks, paused=frozenset(paused), silences=listening(silences))

    async def _with_leads(self, due: list[DueClock]) -> list[DueClock]:
        """The clocks with their leads as last seen, and what we wrote to these."""
        running = [(each, each.clock) for each in due if each.clock is not None]
        if not running:
            return due
        given = await self.lease.server.call_all([("HGETALL", self.keys.given(*clock.who)) for _, clock in running])
        have = {each.id: given_of(found) for (each, _), found in zip(running, given, strict=True)}
        claims = await self.lease.server.call("MGET", *(self.keys.claim(*clock.who) for _, clock in running))
        claimed = {each.id: claim_of(record) for (each, _), record in zip(running, claims, strict=True)}
        snapshots = await self.lease.server.call("MGET", *(self.keys.snapshot(*clock.who) for _, clock in running))
        wanted: list[tuple[ClockId, Command]] = []
        leads = {each.id: _fields_of(record) for (each, _), record in zip(running, snapshots, strict=True)}
        for each, clock in running:
            lead = Lead(key=clock.key, fields=leads[each.id] or clock.lead)
            wanted += [(each.id, ("HGETALL", self.keys.written(clock.who[0], name))) for name in names_of(lead)]
        written: dict[ClockId, list[Any]] = {}
        for (name, _), found in zip(
            wanted, await self.lease.server.call_all([command for _, command in wanted]), strict=True
        ):
            written.setdefault(name, []).extend(read_written(found))
        return [
            replace(
                each,
                lead=leads.get(each.id),
                written=tuple(written.get(each.id, ())),
                given=have.get(each.id, {}),
                claim=claimed.get(each.id),
            )
            for each in due
        ]

    async def settle(self, settled: Settled) -> Settling:
        """Write what comes of a clock, with what is said now, in one step."""
        due, clock = settled.due, settled.clock
        commands: list[Command] = [put_in_assign(self.keys, each) for each in settled.assigning]
        commands += log_silenced(self.keys, settled.silenced)
        if settled.until is None:
            commands += stop(self.keys, due.id)
        else:
            if clock is not None:
                steps = (
                    HANDLED,
                    write_steps(clock.handled),
                    SAID,
                    write_steps(clock.said),
                    HAD,
                    write_steps(clock.had),
                )
                commands.append(("HSET", self.keys.clock(due.id), *steps))
            commands += wind(self.keys, due.id, settled.until)
        guarded = [part for name in GUARDED for part in (name, dict(due.read).get(name, b""))]

        def fill(known: Known) -> Filled:
            told = put_in_outboxes(self.keys, known.layout, settled.deliveries)
            read: list[Argument] = [self.lease.token, known.text, len(GUARDED), *guarded]
            keys = [self.lease.key, self.layouts.key, self.keys.clock(due.id)]
            return keys, [*read, *flatten([*told, *commands])]

        return RESULTS[int(await self.layouts.run_by(self.lease.server, "clock", fill))]

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next settling tells if it was lost."""
        return self.lease.kept()

    async def release(self) -> bool:
        """Give the lease back; what is due next is the kick's to notice."""
        return await self.lease.release()


def _due_clock(name: ClockId, record: Mapping[bytes, bytes]) -> DueClock:
    read = tuple((field.decode(), value) for field, value in record.items())
    try:
        return DueClock(id=name, clock=read_clock(record), read=read)
    except TooNew:
        return DueClock(id=name, clock=None, is_newer=True, read=read)
    except Unreadable:
        return DueClock(id=name, clock=None, is_unreadable=True, read=read)


def _fields_of(record: bytes | None) -> Fields | None:
    if record is None:
        return None
    with suppress(Unreadable):
        return read_snapshot(record).fields
    return None
