"""What guards the operators' door remembers."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from hookrouter.domain.session import Session


class Sessions(Protocol):
    """The sessions, by the digest of their ids: who reads them here can open nothing with it."""

    def keep(self, digest: str, session: Session, life: timedelta) -> None: ...

    def find(self, digest: str) -> Session | None: ...

    def end(self, digest: str) -> None: ...


class WrongTokens(Protocol):
    """How often wrong tokens came of late."""

    def of(self, address: str) -> int:
        """By how many a caller's address is known."""

    def note(self, address: str) -> int:
        """One more from an address; how many came from all addresses."""
