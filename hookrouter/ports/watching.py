"""What watching over the CRM's pushes needs: what came, what is remembered, and the canary's lead in the CRM."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.push_path import Hindrance
from hookrouter.domain.subscription import Subscription
from hookrouter.domain.watched import Arrivals, Watched


class Footfall(Protocol):
    """Notes who comes to the hooks."""

    def note(self, source: SourceName, token: str, at: datetime, *, is_canary: bool) -> None:
        """Note a push, and the token that it came with."""

    def note_turned_away(self, source: SourceName, reason: str, at: datetime) -> None:
        """Note that a caller of a known source was refused."""


class WatchMemory(Protocol):
    """What all processes together remember between two looks."""

    async def read(self, source: SourceName) -> Watched: ...
    async def write(self, source: SourceName, watched: Watched, due: datetime) -> None:
        """Remember all of it, and when to look again."""

    async def subscription(self, source: SourceName) -> Subscription: ...
    async def note_subscription(self, source: SourceName, subscription: Subscription) -> None: ...
    async def arrivals(self, source: SourceName, now: datetime) -> Arrivals: ...

    async def came_back(self, mark: str) -> datetime | None:
        """When the push with a canary's mark came; None if it has not."""

    async def hindrance(self, source: SourceName, mark: str, since: datetime) -> Hindrance | None:
        """What may have kept that push from reaching us."""

    async def receivers(self) -> int:
        """How many receivers are alive; without one, nothing can come."""


class Look(Protocol):
    """A look at whether the CRM still pushes."""

    async def run_if_free(self) -> None:
        """Look once, unless another process does."""


class Cage(Protocol):
    """The canary's lead, in the CRM."""

    async def write(self, lead: LeadKey, field: str, value: str) -> str:
        """Change a field of it; returns why the CRM did not, or ''. Raises `CrmAway` or `CrmRefused`."""

    async def has(self, lead: LeadKey, field: str, value: str) -> bool:
        """Whether the field has this value. Raises `CrmAway` or `CrmRefused`."""
