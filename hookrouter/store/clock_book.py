"""The clocks that run, as operators look them up and leads are forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from hookrouter.domain.ids import LeadKey, RouteName, SourceName
from hookrouter.domain.lead_clock import ClockId, LeadClock
from hookrouter.ports.desk import Page
from hookrouter.store.clocks import stop
from hookrouter.store.keys import Keys
from hookrouter.store.newest_first import Place, place_of
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.clocks import read_clock
from hookrouter.wire.kept.records import Unreadable

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisClockBook:
    """The clocks in Redis; see `ports.desk.ClockBook`."""

    server: RedisServer
    keys: Keys

    def list(
        self,
        *,
        route: RouteName | None = None,
        lead: str | None = None,
        limit: int = AT_ONCE,
        after: str | None = None,
    ) -> Page[LeadClock]:
        """The clocks that run, those that are due first at the front."""
        found: list[LeadClock] = []
        for place, clock in self._behind(place_of(after)):
            if (route is None or clock.route == route) and (lead is None or _is(clock, lead)):
                if len(found) == limit:
                    return Page(found=found, end=after)
                found.append(clock)
            after = str(place)
        return Page(found=found, end=None)

    def forget(self, lead: LeadKey, source: SourceName | None = None) -> int:
        """End all clocks of a lead, of one source or of any; how many there were."""
        names = [clock.id for _, clock in self._behind(None) if clock.key == lead and source in (None, clock.who[0])]
        if names:
            self.server.call_all([command for name in names for command in stop(self.keys, name)])
        return len(names)

    def _behind(self, after: Place | None) -> Iterator[tuple[Place, LeadClock]]:
        """The clocks behind a place, with theirs; by place and not by rank, for clocks come, go and are put off."""
        skip = 0
        while True:
            earliest = "-inf" if after is None else repr(after.score)
            question = ("ZRANGEBYSCORE", self.keys.clocks(), earliest, "+inf", "WITHSCORES", "LIMIT", skip, AT_ONCE)
            found = self.server.call(*question)
            places = [Place(float(score), name.decode()) for name, score in zip(found[::2], found[1::2], strict=True)]
            fresh = [place for place in places if after is None or place > after]
            yield from self._read(fresh)
            if len(places) < AT_ONCE:
                return
            skip = 0 if fresh else skip + AT_ONCE
            after = fresh[-1] if fresh else after

    def _read(self, places: Sequence[Place]) -> Iterator[tuple[Place, LeadClock]]:
        records = [("HGETALL", self.keys.clock(ClockId(place.member))) for place in places]
        for place, fields in zip(places, self.server.call_all(records) if records else [], strict=True):
            with suppress(Unreadable):
                clock = read_clock(fields)
                if clock is not None:
                    yield place, clock


def _is(clock: LeadClock, lead: str) -> bool:
    return clock.key in (lead, f"email:{lead.lower()}")
