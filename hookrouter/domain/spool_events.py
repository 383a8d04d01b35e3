"""The events that hookrouter reports of the spool; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolFed(Event):
    """What was spooled while Redis was away, or not confirmed by its replicas, is in Redis now."""

    name: ClassVar[str] = "spool.fed"
    level: ClassVar[str] = "warning"
    pushes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolFileGivenUp(Event):
    """A file of the spool is damaged and stays as it is; another was begun, with the pushes that could be saved."""

    name: ClassVar[str] = "spool.damaged"
    level: ClassVar[str] = "error"
    file: str
    saved: int
