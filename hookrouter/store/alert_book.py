"""What alerts remember, and that each is sent once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hookrouter.domain.alert import AlertMemory
from hookrouter.domain.delivery import Delivery
from hookrouter.store.commands import flatten
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import put_in_outboxes
from hookrouter.wire.kept.alert_memory import read_alert_memory, write_alert_memory

REMEMBERED = 30 * 86_400
"""Seconds; after so long without a look it begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAlertBook:
    """What alerts remember, in Redis; see `ports.alerts.AlertBook`."""

    server: RedisServer
    keys: Keys

    def read(self) -> tuple[bytes, AlertMemory]:
        """What is remembered, also as it stands."""
        found: bytes | None = self.server.call("GET", self.keys.alerts())
        return found or b"", read_alert_memory(found)

    def write(self, was: bytes, memory: AlertMemory, deliveries: Sequence[Delivery]) -> bool:
        """Remember and put the deliveries into their outboxes, in one step."""
        commands = flatten(put_in_outboxes(self.keys, deliveries))
        arguments = [was, write_alert_memory(memory), REMEMBERED, *commands]
        return bool(self.server.run("exchange", [self.keys.alerts()], arguments))
