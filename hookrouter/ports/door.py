"""What guards the operators' door remembers."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from hookrouter.domain.session import Session


class Sessions(Protocol):
    """The sessions, by the digest of their ids: who reads them here can open nothing with it."""

    def begin(self, family: str, life: timedelta) -> None:
        """Let ids of a family be good."""

    def keep(self, digest: str, session: Session, life: timedelta) -> None:
        """Keep what an id stands for."""

    def find(self, digest: str) -> Session | None:
        """What an id stands for, while its family is good."""

    def end(self, family: str) -> None:
        """Let no id of a family be good any more, whoever has it, nor any that one of them is replaced by."""


class WrongTokens(Protocol):
    """How often wrong tokens came lately."""

    def of(self, address: str) -> int:
        """By how many a caller's address is known."""

    def note(self, address: str) -> tuple[int, int]:
        """One more from an address; how many came from it, and from all addresses."""
