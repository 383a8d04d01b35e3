"""Where sinks remember by which message they tell of a lead."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from hookrouter.domain.living_message import LeadPlace, LivingMessage


class LivingMessages(Protocol):
    """The messages that go on telling of a lead; every method may raise `StoreAway`."""

    async def recall(self, place: LeadPlace) -> LivingMessage | None:
        """The lead's message, if there is one that is remembered still."""

    async def note(self, place: LeadPlace, message: LivingMessage, keep: timedelta) -> None:
        """Remember a message for so long from now on."""
