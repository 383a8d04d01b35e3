"""Up to when reports were sent, and that each is sent once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hookrouter.domain.delivery import Delivery
from hookrouter.store.commands import flatten
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Filled, Known, Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import put_in_outboxes

REMEMBERED = 366 * 86_400
"""Seconds; who is away for longer begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisReported:
    """Up to when reports were sent; see `ports.report.Reported`."""

    server: RedisServer
    keys: Keys
    layouts: Layouts

    def last(self) -> str:
        """The last moment that was noted."""
        found: bytes | None = self.server.call("GET", self.keys.reported())
        return (found or b"").decode()

    def send(self, was: str, now: str, deliveries: Sequence[Delivery]) -> bool:
        """Note a moment and put the deliveries into their outboxes, in one step."""

        def fill(known: Known) -> Filled:
            commands = flatten(put_in_outboxes(self.keys, known.layout, deliveries))
            return [self.keys.reported(), self.layouts.key], [was, now, REMEMBERED, known.text, *commands]

        return bool(self.layouts.run(self.server, "exchange", fill))
