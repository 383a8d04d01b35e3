"""The rejected leads: kept, and looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.rejection import Rejection
from hookrouter.ports.desk import Page
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.newest_first import Place, newest_first, place_of
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.kept.set_aside import read_rejection, write_rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisRejected:
    """The rejected leads in Redis; see `ports.desk.RejectedLeads`."""

    server: RedisServer
    keys: Keys

    def list(self, *, limit: int, after: str | None = None) -> Page[Rejection]:
        """The newest rejections behind a page's end."""
        found: list[tuple[Place, Rejection]] = []
        for places in newest_first(self.server, self.keys.rejected_leads(), place_of(after)):
            records = self.server.call("MGET", *(self.keys.rejected_lead(place.member) for place in places))
            read = [(place, _rejection(place.member, record)) for place, record in zip(places, records, strict=True)]
            found += [(place, rejection) for place, rejection in read if rejection is not None]
            if len(found) > limit:
                break
        page = found[:limit]
        end = str(page[-1][0]) if page and len(found) > limit else None
        return Page(found=[rejection for _, rejection in page], end=end)

    def find(self, rejection: str) -> Rejection | None:
        """A rejection by its name, unless it is gone or of a format that this version cannot read."""
        return _rejection(rejection, self.server.call("GET", self.keys.rejected_lead(rejection)))

    def remove(self, rejection: str) -> None:
        """Forget a rejection."""
        self.server.transaction(
            [("DEL", self.keys.rejected_lead(rejection)), ("ZREM", self.keys.rejected_leads(), rejection)]
        )


def keep_rejection(keys: Keys, rejection: Rejection, life: timedelta) -> list[Command]:
    """The commands that keep a rejection for a while."""
    seconds = max(1, int(life.total_seconds()))
    return [
        ("SET", keys.rejected_lead(rejection.id), write_rejection(rejection), "EX", seconds),
        ("ZADD", keys.rejected_leads(), rejection.at.timestamp(), rejection.id),
    ]


def _rejection(name: str, record: bytes | None) -> Rejection | None:
    if record is None:
        return None
    try:
        return read_rejection(name, record)
    except Unreadable:
        return None
