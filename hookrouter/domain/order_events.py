"""The events that hookrouter reports of people's orders; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseBegan(Event):
    """A sink or a route was paused; `what` is `sink:NAME` or `route:NAME`, `until` '' when nobody said."""

    name: ClassVar[str] = "pause.began"
    level: ClassVar[str] = "warning"
    what: str
    by: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseEnded(Event):
    """A sink or a route goes on: somebody resumed it, or its pause is over."""

    name: ClassVar[str] = "pause.ended"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceBegan(Event):
    """Sinks are not told of some leads."""

    name: ClassVar[str] = "silence.began"
    level: ClassVar[str] = "warning"
    silence: str
    sinks: tuple[str, ...]
    by: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceEnded(Event):
    """A silence is over, or somebody ended it."""

    name: ClassVar[str] = "silence.ended"
    silence: str
