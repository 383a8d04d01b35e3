"""Leads on their way to the rules, looked for in Redis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from hookrouter.domain.delivery import Occasion
from hookrouter.domain.ids import EntryId, Who, added_at
from hookrouter.domain.lead import Lead
from hookrouter.domain.on_the_way import Halt, OnTheWay
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.stream_looks import from_moment, oldest_entries
from hookrouter.store.streams import records_of
from hookrouter.wire.kept.records import Unreadable, read_hydrating, read_intake

MOST_LOOKED_AT = 50
"""Entries of each stream, of the newest and of those behind a moment: each may hold some dozens of leads."""
CLOCKS_DIFFER = timedelta(seconds=2)

Placed = Sequence[tuple[Occasion, Lead]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisOnTheWay:
    """Looks for a lead in what waits to be read back and to be routed, and takes nothing."""

    server: RedisServer
    keys: Keys
    layouts: Layouts

    def of_lead(self, who: Who, since: datetime | None = None) -> Sequence[OnTheWay]:
        """Where a lead waits: among the newest entries, and among those behind a moment if one is said."""
        found = {(each.push, each.place): each for halt in Halt for each in self._at(halt, who, since)}
        return list(found.values())

    def _at(self, halt: Halt, who: Who, since: datetime | None) -> Iterator[OnTheWay]:
        name, away = orjson.dumps(who[1]), ""
        for entry, record in self._entries(halt, who, since):
            if name not in record:
                continue
            for occasion, lead in _read(halt, record):
                if (occasion.source, lead.key) == who:
                    away = away or (self._crm_away() if halt is Halt.HYDRATE else "")
                    moment = added_at(entry)
                    yield OnTheWay(push=occasion.push, place=occasion.place, halt=halt, since=moment, crm_away=away)

    def _entries(self, halt: Halt, who: Who, since: datetime | None) -> Iterator[tuple[EntryId, bytes]]:
        for stream in self._streams(halt, who):
            yield from records_of(self.server.call("XREVRANGE", stream, "+", "-", "COUNT", MOST_LOOKED_AT))
            if since is not None:
                yield from oldest_entries(self.server, stream, from_moment(since - CLOCKS_DIFFER), MOST_LOOKED_AT)

    def _streams(self, halt: Halt, who: Who) -> list[str]:
        if halt is Halt.HYDRATE:
            return [self.keys.hydrate()]
        intake = self.layouts.read(self.server).layout.intake
        return [self.keys.intake(*place) for place in intake.places_of(who)]

    def _crm_away(self) -> str:
        reason = self.server.call("GET", self.keys.crm_away())
        return "" if reason is None else reason.decode("utf-8", "replace")


def _read(halt: Halt, record: bytes) -> Placed:
    with suppress(Unreadable):
        if halt is Halt.INTAKE:
            return list(zip(*read_intake(record), strict=True))
        occasions, leads, _, _ = read_hydrating(record)
        return list(zip(occasions, leads, strict=True))
    return []
