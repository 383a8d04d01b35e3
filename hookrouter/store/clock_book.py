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
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.clocks import read_clock
from hookrouter.wire.kept.records import Unreadable

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisClockBook:
    """The clocks in Redis; see `ports.desk.ClockBook`."""

    server: RedisServer
    keys: Keys

    def list(self, *, route: RouteName | None = None, lead: str | None = None, limit: int = AT_ONCE) -> Page[LeadClock]:
        """The clocks that run, those that are due first at the front."""
        found: list[LeadClock] = []
        for clock in self._all():
            if (route is None or clock.route == route) and (lead is None or _is(clock, lead)):
                if len(found) == limit:
                    return Page(found=found, end=clock.id)
                found.append(clock)
        return Page(found=found, end=None)

    def forget(self, lead: LeadKey, source: SourceName | None = None) -> int:
        """End all clocks of a lead, of one source or of any; how many there were."""
        names = [clock.id for clock in self._all() if clock.key == lead and source in (None, clock.who[0])]
        if names:
            self.server.call_all([command for name in names for command in stop(self.keys, name)])
        return len(names)

    def _all(self) -> Iterator[LeadClock]:
        start = 0
        while names := self._names(start):
            for fields in self.server.call_all([("HGETALL", self.keys.clock(name)) for name in names]):
                with suppress(Unreadable):
                    clock = read_clock(fields)
                    if clock is not None:
                        yield clock
            start += len(names)

    def _names(self, start: int) -> Sequence[ClockId]:
        found = self.server.call("ZRANGE", self.keys.clocks(), start, start + AT_ONCE - 1)
        return [ClockId(name.decode()) for name in found]


def _is(clock: LeadClock, lead: str) -> bool:
    return clock.key in (lead, f"email:{lead.lower()}")
