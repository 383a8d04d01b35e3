"""Where sinks remember by which message they tell of a lead."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from hookrouter.domain.living_message import LeadPlace, LivingMessage


class LivingMessages(Protocol):
    """The messages that are kept up to date with a lead; every method may raise `StoreAway`."""

    async def recall(self, place: LeadPlace) -> LivingMessage | None:
        """The lead's message, if one is still remembered."""

    async def note(self, place: LeadPlace, message: LivingMessage, keep: timedelta) -> None:
        """Remember a message for this long from now on."""
