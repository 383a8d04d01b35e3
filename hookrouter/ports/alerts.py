"""What alerts remember, and that each is sent once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hookrouter.domain.alert import AlertMemory, Underway
from hookrouter.domain.delivery import Delivery


class AlertBook(Protocol):
    """What was wrong at the last look."""

    def read(self) -> tuple[bytes, AlertMemory]:
        """What is remembered, also as it stands; nothing where nobody looked yet."""

    def failed(self, underway: Sequence[Underway]) -> Sequence[Delivery | None]:
        """Each of these messages if an attempt at it failed, be it that it waits for the next or was given up."""

    def write(self, was: bytes, memory: AlertMemory, deliveries: Sequence[Delivery]) -> bool:
        """Remember and put the deliveries into their outboxes, in one step; False if another did meanwhile."""
