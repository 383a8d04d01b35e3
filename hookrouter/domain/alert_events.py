"""The events that hookrouter reports of its alerts; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTold(Event):
    """People are told that something is wrong, still is, or is over: `news` is raised, still or cleared."""

    name: ClassVar[str] = "alert.told"
    level: ClassVar[str] = "warning"
    alert: str
    about: str
    news: str
    sinks: tuple[str, ...]
