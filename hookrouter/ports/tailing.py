"""What comes in and goes out, as it happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hookrouter.domain.ids import EntryId
from hookrouter.domain.logged_attempt import LoggedAttempt
from hookrouter.domain.push import ListedPush


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What happened since the last look, each kind the oldest first."""

    pushes: Sequence[ListedPush] = ()
    attempts: Sequence[LoggedAttempt] = ()


class Tail(Protocol):
    """The log of attempts and the index of pushes, followed; every call raises `StoreAway` while Redis is away."""

    def begin(self) -> EntryId:
        """Where the log of attempts ends now; what is in the index of pushes is no news from now on."""

    def came_back(self) -> None:
        """Know that Redis was away."""

    def attempts(self, after: EntryId) -> tuple[EntryId, Sequence[LoggedAttempt]]:
        """What the log has behind a place, and its new end; waits for a second if that is nothing."""

    def pushes(self) -> Sequence[ListedPush]:
        """The pushes that were not told yet, the oldest first."""
