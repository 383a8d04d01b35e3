"""Redis, asked about itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hookrouter.domain.preflight import RedisFacts
from hookrouter.domain.rights import Lack


class Inspection(Protocol):
    """Reads what Redis says of itself."""

    def facts(self) -> RedisFacts:
        """The facts at this moment; None for what the server does not tell this user. Raises `StoreAway`."""

    def lacks(self) -> Sequence[Lack]:
        """The rights that our user lacks at this moment. Raises `StoreAway`."""
