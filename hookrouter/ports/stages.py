"""The stages, and the doorbell that wakes them."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Stage(StrEnum):
    """What a wake-up may ask for."""

    HYDRATE = "hydrate"
    ROUTE = "route"
    ASSIGN = "assign"
    ENRICH = "enrich"
    DELIVER = "deliver"
    REMIND = "remind"
    RECONCILE = "reconcile"
    WATCH = "watch"
    CLAIM = "claim"


class Wake(Protocol):
    """The doorbell; losing a ring delays work by at most one kick."""

    def ring(self, stage: Stage) -> None: ...
