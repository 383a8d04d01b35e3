"""Streams looked at, in either direction, a portion at a time: nothing is taken from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from math import ceil

from hookrouter.domain.ids import EntryId
from hookrouter.store.server import RedisServer
from hookrouter.store.streams import records_of

AT_ONCE = 500
"""Entries that are read in one call: more keep Redis, and whoever else waits in this process, for milliseconds."""
_ENTRY = re.compile(r"[1-9]\d{0,18}-\d{1,19}", re.ASCII)
"""What Redis takes as the place of an entry; none is at 0, nor so far on that it would not."""


def newest_entries(server: RedisServer, stream: str, newest: str, oldest: str) -> Iterator[tuple[EntryId, bytes]]:
    """The entries of a span, the newest first."""
    while True:
        entries = records_of(server.call("XREVRANGE", stream, newest, oldest, "COUNT", AT_ONCE))
        yield from entries
        if len(entries) < AT_ONCE:
            return
        newest = f"({entries[-1][0]}"


def oldest_entries(server: RedisServer, stream: str, oldest: str, most: int) -> Iterator[tuple[EntryId, bytes]]:
    """At most so many entries from a place on, the oldest first."""
    while most > 0:
        entries = records_of(server.call("XRANGE", stream, oldest, "+", "COUNT", min(AT_ONCE, most)))
        yield from entries
        if len(entries) < min(AT_ONCE, most):
            return
        most -= len(entries)
        oldest = f"({entries[-1][0]}"


def from_moment(moment: datetime | None) -> str:
    """The first place of what was added from a moment on."""
    return "-" if moment is None else str(max(0, ceil(moment.timestamp() * 1000)))


def before_moment(moment: datetime | None) -> str:
    """The last place of what was added before a moment."""
    return "+" if moment is None else f"({max(1, ceil(moment.timestamp() * 1000))}-0"


def place_of_entry(text: str | None) -> EntryId | None:
    """The place of an entry in a text; None for none, and for what is no place."""
    return EntryId(text) if text is not None and _ENTRY.fullmatch(text) else None
