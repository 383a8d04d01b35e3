"""Redis, asked about itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hookrouter.domain.preflight import RedisFacts
from hookrouter.domain.rights import Lack


class Inspection(Protocol):
    """Reads what Redis says of itself."""

    def facts(self) -> RedisFacts:
        """The facts now; None for what the server does not tell this user. Raises `StoreAway`."""

    def lacks(self, *, to_take_alone: bool = False) -> Sequence[Lack]:
        """The rights our user lacks now; with `to_take_alone`, only those needed to take a push. Raises `StoreAway`."""
