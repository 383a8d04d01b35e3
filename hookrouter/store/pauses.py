"""The pauses as operators set and lift them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookrouter.domain.pause import Pause
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import keep_pause, pauses_of


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
