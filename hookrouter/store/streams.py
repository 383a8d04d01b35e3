"""Streams: entries are appended, read in order, and removed when their successors are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hookrouter.domain.ids import EntryId
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease

FIELD = "r"
"""The one field of an entry: its record."""

MOST_UNREADABLE = 10_000


def append(stream: str, record: bytes) -> Command:
    """The command that adds an entry."""
    return ("XADD", stream, "*", FIELD, record)


def remove(stream: str, entries: Iterable[EntryId]) -> Command:
    """The command that removes entries; at least one."""
    return ("XDEL", stream, *entries)


async def read(
    server: AsyncRedisServer, stream: str, after: EntryId | None, count: int
) -> Sequence[tuple[EntryId, bytes]]:
    """The oldest entries behind `after`.

    There is no consumer group: only the holder of the stream's lease reads, and an entry that is still there
    is an entry that is still to be done. So there is nothing to recover after a crash, nothing to re-create
    when Redis comes back empty, and a read writes nothing.
    """
    start = f"({after}" if after else "-"
    found = await server.call("XRANGE", stream, start, "+", "COUNT", count)
    return [(EntryId(entry.decode()), fields.get(FIELD.encode(), b"")) for entry, fields in found]


async def set_aside(lease: Lease, keys: Keys, entry: EntryId, record: bytes) -> None:
    """Move a record that this version cannot read out of the way, to where no retention touches it."""
    kept = ("XADD", keys.unreadable(), "MAXLEN", "~", MOST_UNREADABLE, "*", FIELD, record)
    await lease.write([kept, remove(lease.stream, [entry])])
