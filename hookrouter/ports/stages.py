"""The stages, and the doorbell that wakes them."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Stage(StrEnum):
    """The stages that a wake-up may ask for."""

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
    """The doorbell; a lost ring delays work until the next kick and no longer."""

    def ring(self, stage: Stage) -> None: ...
