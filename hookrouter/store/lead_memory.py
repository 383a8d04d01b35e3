"""How leads were last seen, and how they were before the pushes that are kept, looked at."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from hookrouter.domain.ids import LeadKey, PushId, SourceName
from hookrouter.domain.once import Marks
from hookrouter.domain.remembered import Before, Snapshot
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.marks import read_marks
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.kept.remembered import read_before, read_snapshot

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisLeadMemory:
    """What Redis remembers of leads; see `ports.desk.LeadMemory`."""

    server: RedisServer
    keys: Keys

    def last(self, source: SourceName, lead: LeadKey) -> Snapshot | None:
        """A lead as last seen; one that cannot be read counts as none."""
        record = self.server.call("GET", self.keys.snapshot(source, lead))
        with suppress(Unreadable):
            return None if record is None else read_snapshot(record)
        return None

    def marks(self, source: SourceName, lead: LeadKey) -> Marks:
        """What routes with `once` remember of a lead."""
        return read_marks(self.server.call("HGETALL", self.keys.marks(source, lead)))

    def before(self, push: PushId, leads: int) -> Mapping[int, Before]:
        """How the leads of a push were before it; what cannot be read is left out."""
        known: dict[int, Before] = {}
        for start in range(0, leads, AT_ONCE):
            keys = [self.keys.before(push, place) for place in range(start, min(start + AT_ONCE, leads))]
            for record in self.server.call("MGET", *keys):
                with suppress(Unreadable):
                    known |= {} if record is None else read_before(record)
        return known
