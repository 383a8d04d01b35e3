"""What must have happened to a push before its sender is told that it is safe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Durability(StrEnum):
    """What must have happened before a push is answered with 2xx."""

    MEMORY = "memory"
    EVERYSEC = "everysec"
    FSYNC = "fsync"
    REPLICATED = "replicated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the operator asks of Redis.

    Attributes:
        replicas: how many must have a push before it is answered; 0 when none must.
        vouched: what the operator says a server does that does not let its settings be read.
    """

    durability: Durability = Durability.FSYNC
    replicas: int = 0
    vouched: Durability | None = None
