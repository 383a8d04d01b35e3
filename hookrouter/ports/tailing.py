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
    """What has happened since the last look, the oldest of each kind first."""

    pushes: Sequence[ListedPush] = ()
    attempts: Sequence[LoggedAttempt] = ()


class Tail(Protocol):
    """Follows the log of attempts and the index of pushes; every call raises `StoreAway` while Redis is away."""

    def begin(self) -> EntryId:
        """Where the log of attempts ends now; pushes that are in their index by now are not news."""

    def came_back(self) -> None:
        """Note that Redis was away."""

    def attempts(self, after: EntryId) -> tuple[EntryId, Sequence[LoggedAttempt]]:
        """The new end of the log, and what it has behind a place; waits a second if that is nothing."""

    def pushes(self) -> Sequence[ListedPush]:
        """The pushes that were not returned yet, oldest first."""
