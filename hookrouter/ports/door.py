"""What guards the operators' door remembers."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from hookrouter.domain.session import Session


class Sessions(Protocol):
    """The sessions, by the digest of their ids, so that nobody can open anything with what is stored here."""

    def begin(self, family: str, life: timedelta) -> None:
        """Let the ids of a family be valid from now on."""

    def keep(self, digest: str, session: Session, life: timedelta) -> None:
        """Keep what an id stands for."""

    def find(self, digest: str) -> Session | None:
        """What an id stands for, as long as its family is valid."""

    def end(self, family: str) -> None:
        """Let no id of a family be valid any more, whoever has it, nor any that replaces one of them."""


class WrongTokens(Protocol):
    """How many wrong tokens came lately."""

    def of(self, address: str) -> int:
        """How many came from a caller's address."""

    def note(self, address: str) -> tuple[int, int]:
        """Count one more from an address; returns how many came from it, and from all addresses."""
