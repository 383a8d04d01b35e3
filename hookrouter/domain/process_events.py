"""The facts hookrouter reports of its own processes; what `events` says of values holds here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigAdopted(Event):
    """An edited configuration is in force in a process; `after_restart` names what of it is not before a restart."""

    name: ClassVar[str] = "config.adopted"
    role: str
    revision: str
    after_restart: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigRefused(Event):
    """An edited configuration cannot be used: the one of `revision` stays in force; `text` tells the first fault."""

    name: ClassVar[str] = "config.refused"
    level: ClassVar[str] = "error"
    role: str
    revision: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterEnded(Event):
    """A worker's router ended unasked, and the worker ends with it, to be started again."""

    name: ClassVar[str] = "router.ended"
    level: ClassVar[str] = "error"
    reason: str
