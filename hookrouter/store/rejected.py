"""The rejected leads: kept, and looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hookrouter.domain.rejection import Rejection
from hookrouter.ports.desk import ALL_REJECTIONS, Page, Portion, WantedRejections
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.newest_first import Place, newest_first, place_of
from hookrouter.store.oldest_first import count_from, oldest_first
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
        """The newest of the rejections that are wanted behind a page's end, as far back as one look goes."""
        index, found, looked_at = self.keys.rejected_leads(), list[tuple[Place, Rejection]](), 0
        for places in newest_first(self.server, index, place_of(after), since=wanted.since, until=wanted.until):
            found += [(place, each) for place, each in self._read(places) if wanted.source in {None, each.source}]
            if len(found) > limit:
                return Page(found=[each for _, each in found[:limit]], end=str(found[limit - 1][0]))
            looked_at += len(places)
            if looked_at >= MOST_LOOKED_AT:
                back_to = datetime.fromtimestamp(places[-1].score, UTC)
                return Page(found=[each for _, each in found], end=str(places[-1]), looked_back_to=back_to)
        return Page(found=[each for _, each in found], end=None)

    def oldest(self, wanted: WantedRejections, *, limit: int, after: str | None = None) -> Portion[Rejection]:
        """The rejections that are wanted, the oldest first, of some thousand at most."""
        index, place = self.keys.rejected_leads(), place_of(after)
        found, looked_at = list[Rejection](), 0
        for places in oldest_first(self.server, index, place, since=wanted.since, until=wanted.until):
            for place, each in self._read(places):
                if wanted.source in {None, each.source}:
                    found.append(each)
                if len(found) == limit:
                    return self._portion(found, place, wanted)
            place, looked_at = places[-1], looked_at + len(places)
            if looked_at >= MOST_LOOKED_AT:
                return self._portion(found, place, wanted)
        return Portion(found=found, end=None, left=0)

    def _portion(self, found: Sequence[Rejection], place: Place, wanted: WantedRejections) -> Portion[Rejection]:
        index = self.keys.rejected_leads()
        left = count_from(self.server, index, place, since=wanted.since, until=wanted.until) - 1
        return Portion(found=found, end=str(place) if left > 0 else None, left=max(0, left))

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
