"""The pauses as operators set and lift them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.ids import SinkName
from hookrouter.domain.pause import Pause
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import ROUTE, keep_pause, pauses_of

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisPauses:
    """The pauses in Redis; see `usecases.pauses.Pauses`."""

    server: RedisServer
    keys: Keys

    def all(self) -> Mapping[str, Pause]:
        """Those that were not lifted; some may be over."""
        return pauses_of(self.server.call("HGETALL", self.keys.pauses()))

    def keep(self, name: str, pause: Pause) -> None:
        """Pause a sink or a route."""
        self.server.call(*keep_pause(self.keys, name, pause))

    def lift(self, name: str) -> bool:
        """End a pause; False if there is none."""
        return bool(self.server.call("HDEL", self.keys.pauses(), name))


def let_go_held(server: RedisServer, keys: Keys, sinks: Sequence[SinkName], now: datetime) -> None:
    """Have the deliveries attempted whose route is paused no more.

    They are looked for here and not only where a pause is lifted: a drain may hold one that did not know of it yet.
    """
    found, *held = server.call_all([("HGETALL", keys.pauses()), *(("HGETALL", keys.held(sink)) for sink in sinks)])
    paused = {name.removeprefix(ROUTE) for name, pause in pauses_of(found).items() if pause.holds(now)}
    for sink, routes in zip(sinks, held, strict=True):
        free = [delivery for delivery, route in routes.items() if route.decode() not in paused]
        for start in range(0, len(free), AT_ONCE):
            some = free[start : start + AT_ONCE]
            due = [part for delivery in some for part in (0, delivery)]
            server.transaction([("ZADD", keys.retries(sink), "XX", *due), ("HDEL", keys.held(sink), *some)])
