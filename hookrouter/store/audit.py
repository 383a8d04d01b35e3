"""The audit log in Redis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.audit import Deed
from hookrouter.ports.desk import Page
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.stream_looks import before_moment, from_moment, place_of_entry
from hookrouter.store.streams import FIELD, records_of
from hookrouter.wire.kept.deeds import read_deed, write_deed
from hookrouter.wire.kept.records import Unreadable

MOST_DEEDS = 50_000
KEPT_FOR = timedelta(days=400)
"""A year, and until somebody looks back at it."""
AT_ONCE = 500
MOST_READ = 5_000
"""Deeds that one look goes through; the next goes on from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAuditLog:
    """The audit log in Redis; see `ports.audit.AuditLog`."""

    server: RedisServer
    keys: Keys

    def keep(self, deed: Deed) -> None:
        """Write a deed down, and forget the oldest."""
        oldest = int((deed.at - KEPT_FOR).timestamp() * 1000)
        self.server.transaction(
            [
                ("XADD", self.keys.audit(), "MAXLEN", "~", MOST_DEEDS, "*", FIELD, write_deed(deed)),
                ("XTRIM", self.keys.audit(), "MINID", "~", oldest),
            ]
        )

    def list(
        self,
        *,
        limit: int,
        after: str | None = None,
        act: str | None = None,
        by: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[Deed]:
        """The deeds that are wanted, the newest first, behind a page's end; of the newest some thousand at most."""
        found: list[Deed] = []
        after, oldest = place_of_entry(after), from_moment(since)
        for _ in range(0, MOST_READ, AT_ONCE):
            newest = f"({after}" if after else before_moment(until)
            portion = records_of(self.server.call("XREVRANGE", self.keys.audit(), newest, oldest, "COUNT", AT_ONCE))
            for entry, record in portion:
                deed = _deed(record)
                if deed is not None and act in {None, deed.act} and (by or "").lower() in deed.by.name.lower():
                    if len(found) == limit:
                        return Page(found=found, end=after)
                    found.append(deed)
                after = entry
            if len(portion) < AT_ONCE:
                return Page(found=found, end=None)
        return Page(found=found, end=after)


def _deed(record: bytes) -> Deed | None:
    try:
        return read_deed(record)
    except Unreadable:
        return None
