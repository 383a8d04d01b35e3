"""Redis, asked about itself."""

from __future__ import annotations

from typing import Protocol

from hookrouter.domain.preflight import RedisFacts


class Inspection(Protocol):
    """Reads what Redis says of itself."""

    def facts(self) -> RedisFacts:
        """The facts at this moment; None for what the server does not tell this user. Raises `StoreAway`."""
