"""What alerts remember, and that each is sent once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hookrouter.domain.alert import AlertMemory, Underway
from hookrouter.domain.delivery import Delivery
from hookrouter.store.commands import flatten
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Filled, Known, Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import put_in_outboxes
from hookrouter.wire.kept.alert_memory import read_alert_memory, write_alert_memory
from hookrouter.wire.kept.records import Unreadable, read_delivery
from hookrouter.wire.kept.set_aside import read_dead_letter

REMEMBERED = 30 * 86_400
"""Seconds; after so long without a look it begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAlertBook:
    """What alerts remember, in Redis; see `ports.alerts.AlertBook`."""

    server: RedisServer
    keys: Keys
    layouts: Layouts

    def read(self) -> tuple[bytes, AlertMemory]:
        """What is remembered, also as it stands."""
        found: bytes | None = self.server.call("GET", self.keys.alerts())
        return found or b"", read_alert_memory(found)

    def failed(self, underway: Sequence[Underway]) -> Sequence[Delivery | None]:
        """Each of these messages if an attempt at it failed, be it that it waits for the next or was given up."""
        found = self.server.call_all(
            [
                question
                for each in underway
                for question in (
                    ("HGET", self.keys.retry_records(each.sink), each.delivery),
                    ("GET", self.keys.dead_letter(each.delivery)),
                )
            ]
        )
        return [_read(waits, letter) for waits, letter in zip(found[::2], found[1::2], strict=True)]

    def write(self, was: bytes, memory: AlertMemory, deliveries: Sequence[Delivery]) -> bool:
        """Remember and put the deliveries into their outboxes, in one step."""

        def fill(known: Known) -> Filled:
            commands = flatten(put_in_outboxes(self.keys, known.layout, deliveries))
            arguments = [was, write_alert_memory(memory), REMEMBERED, known.text, *commands]
            return [self.keys.alerts(), self.layouts.key], arguments

        return bool(self.layouts.run(self.server, "exchange", fill))


def _read(waits: bytes | None, letter: bytes | None) -> Delivery | None:
    try:
        if waits is not None:
            return read_delivery(waits)
        return None if letter is None else read_dead_letter(letter).delivery
    except Unreadable:
        return None
