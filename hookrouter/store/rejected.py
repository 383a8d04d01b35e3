"""The rejected leads: kept, and looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.rejection import Rejection
from hookrouter.ports.desk import ALL_REJECTIONS, Page, Portion, WantedRejections
from hookrouter.store.commands import Command
from hookrouter.store.index_look import IndexLook
from hookrouter.store.keys import Keys
from hookrouter.store.newest_first import Place
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.kept.set_aside import read_rejection, write_rejection

MOST_LOOKED_AT = 1_000
"""Rejections that one look goes through; each holds a lead."""

APART = 1e-6
"""Seconds by which leads of one push stand apart, in its order: by their names the tenth would stand before the second.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisRejected:
    """The rejected leads in Redis; see `ports.desk.RejectedLeads`."""

    server: RedisServer
    keys: Keys

    def list(
        self, wanted: WantedRejections = ALL_REJECTIONS, *, limit: int, after: str | None = None
    ) -> Page[Rejection]:
        """The rejections that are wanted, the newest first, behind a page's end, as far back as one look goes."""
        return self._look(wanted).newest(limit, after)

    def oldest(self, wanted: WantedRejections, *, limit: int, after: str | None = None) -> Portion[Rejection]:
        """The rejections that are wanted, the oldest first, of some thousand at most."""
        return self._look(wanted).oldest(limit, after)

    def _look(self, wanted: WantedRejections) -> IndexLook[Rejection]:
        return IndexLook(
            server=self.server,
            index=self.keys.rejected_leads(),
            most=MOST_LOOKED_AT,
            read=self._read,
            is_wanted=lambda rejection: wanted.source in {None, rejection.source},
            since=wanted.since,
            until=wanted.until,
        )

    def _read(self, places: Sequence[Place]) -> Sequence[tuple[Place, Rejection]]:
        records = self.server.call("MGET", *(self.keys.rejected_lead(place.member) for place in places))
        read = [(place, _rejection(place.member, record)) for place, record in zip(places, records, strict=True)]
        return [(place, rejection) for place, rejection in read if rejection is not None]

    def find(self, rejection: str) -> Rejection | None:
        """A rejection by its name, unless it is gone or of a format that this version cannot read."""
        return _rejection(rejection, self.server.call("GET", self.keys.rejected_lead(rejection)))

    def remove(self, rejection: str) -> bool:
        """Forget a rejection; False if it is gone."""
        removed, _ = self.server.transaction(
            [("DEL", self.keys.rejected_lead(rejection)), ("ZREM", self.keys.rejected_leads(), rejection)]
        )
        return bool(removed)


def keep_rejection(keys: Keys, rejection: Rejection, life: timedelta) -> list[Command]:
    """The commands that keep a rejection for a while."""
    seconds = max(1, int(life.total_seconds()))
    return [
        ("SET", keys.rejected_lead(rejection.id), write_rejection(rejection), "EX", seconds),
        ("ZADD", keys.rejected_leads(), rejection.at.timestamp() + rejection.place * APART, rejection.id),
    ]


def _rejection(name: str, record: bytes | None) -> Rejection | None:
    if record is None:
        return None
    try:
        return read_rejection(name, record)
    except Unreadable:
        return None
