"""Streams: entries are appended, read in order, and removed when their successors are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from hookrouter.domain.events import EntryNewer, EntryUnreadable
from hookrouter.domain.ids import EntryId, added_at
from hookrouter.domain.withheld import Withheld
from hookrouter.ports.surroundings import Observer
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease
from hookrouter.wire.kept.records import TooNew, Unreadable

Made = TypeVar("Made")

FIELD = "r"
"""The one field of an entry: its record."""

MOST_UNREADABLE = 10_000

Found = Sequence[tuple[bytes, object]]
"""One entry with its fields, if there is one."""


def append(stream: str, record: bytes) -> Command:
    """The command that adds an entry."""
    return ("XADD", stream, "*", FIELD, record)


def remove(stream: str, entries: Iterable[EntryId]) -> Command:
    """The command that removes entries; at least one."""
    return ("XDEL", stream, *entries)


def oldest(stream: str, after: EntryId | None, count: int) -> Command:
    """The command that reads the oldest entries behind `after`.

    There is no consumer group: only the holder of the stream's lease reads, and an entry that is still there is still
    to be done. So there is nothing to recover after a crash, nothing to re-create if Redis comes back empty, and a read
    writes nothing.
    """
    return ("XRANGE", stream, f"({after}" if after else "-", "+", "COUNT", count)


def oldest_id(stream: str) -> Command:
    """The command that finds the oldest entry."""
    return ("XRANGE", stream, "-", "+", "COUNT", 1)


def newest_id(stream: str) -> Command:
    """The command that finds the newest entry."""
    return ("XREVRANGE", stream, "+", "-", "COUNT", 1)


def entry_of(found: Found) -> EntryId | None:
    """The entry in the answer to `oldest_id` or `newest_id`."""
    return EntryId(found[0][0].decode()) if found else None


def oldest_added_at(found: Found) -> datetime | None:
    """When the oldest entry was added, by the answer to `oldest_id`."""
    entry = entry_of(found)
    return None if entry is None else added_at(entry)


async def read(
    server: AsyncRedisServer, stream: str, after: EntryId | None, count: int
) -> Sequence[tuple[EntryId, bytes]]:
    """The oldest entries behind `after`, each with its record."""
    return records_of(await server.call(*oldest(stream, after, count)))


def records_of(found: Sequence[tuple[bytes, Mapping[bytes, bytes]]]) -> Sequence[tuple[EntryId, bytes]]:
    """The entries and records in the answer to `oldest`."""
    return [(EntryId(entry.decode()), fields.get(FIELD.encode(), b"")) for entry, fields in found]


async def read_each(
    lease: Lease,
    keys: Keys,
    observer: Observer,
    *,
    after: EntryId | None,
    count: int,
    make: Callable[[EntryId, bytes], Made],
) -> list[Made]:
    """What `make` makes of the oldest entries behind `after`, at least one if there is any.

    An entry for which it raises `Unreadable` is reported, and set aside or left together with all that is behind it.
    """
    made: list[Made] = []
    while not made and (found := await read(lease.server, lease.stream, after, count)):
        for entry, record in found:
            try:
                made.append(make(entry, record))
            except Unreadable as fault:
                if not await is_passed(lease, keys, observer, Met(lease.stream, entry, record, fault)):
                    return made
        after = found[-1][0]
    return made


async def withheld(server: AsyncRedisServer, stream: str) -> Withheld:
    """How many entries of a stream wait, and since when."""
    return Withheld(
        waiting=await server.call("XLEN", stream), since=oldest_added_at(await server.call(*oldest_id(stream)))
    )


@dataclass(frozen=True, slots=True)
class Met:
    """An entry that this version cannot read, and why not."""

    stream: str
    entry: EntryId
    record: bytes
    fault: Unreadable


async def is_passed(lease: Lease, keys: Keys, observer: Observer, met: Met) -> bool:
    """Whether to go on with what is behind an entry that cannot be read.

    What no version wrote is set aside, where no retention touches it. What a later version wrote stays, with all that
    is behind it, for a process of that version: if it were skipped, what comes after it would overtake it.
    """
    if isinstance(met.fault, TooNew):
        if lease.left.leave(lease.stream, met.entry):
            observer.report(EntryNewer(stream=met.stream, entry=met.entry, reason=str(met.fault)))
        return False
    kept = ("XADD", keys.unreadable(), "MAXLEN", "~", MOST_UNREADABLE, "*", FIELD, met.record)
    await lease.write([kept, remove(met.stream, [met.entry])])
    observer.report(EntryUnreadable(stream=met.stream, entry=met.entry))
    return True
