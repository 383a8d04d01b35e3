"""What alerts remember, and that each is sent once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hookrouter.domain.alert import AlertMemory, Underway
from hookrouter.domain.delivery import Delivery


class AlertBook(Protocol):
    """What was wrong at the last look."""

    def read(self) -> tuple[bytes, AlertMemory]:
        """What is remembered, preceded by it as stored; nothing if nobody has looked yet."""

    def failed(self, underway: Sequence[Underway]) -> Sequence[Delivery | None]:
        """The delivery of each message if an attempt at it failed, whether it waits for the next or was given up."""

    def write(self, was: bytes, memory: AlertMemory, deliveries: Sequence[Delivery]) -> bool:
        """Remember, and put the deliveries into their outboxes, in one step; False if another process did meanwhile."""
