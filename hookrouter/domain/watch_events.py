"""The events that hookrouter reports when it watches whether the CRM pushes; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryReturned(Event):
    """The push of a change that hookrouter made itself came in, and was not routed; `seconds` after the change."""

    name: ClassVar[str] = "canary.returned"
    source: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryLost(Event):
    """The push of such a change did not come in; `result` is broken, refused, unechoed or unwritten."""

    name: ClassVar[str] = "canary.lost"
    level: ClassVar[str] = "warning"
    source: str
    result: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushesSilent(Event):
    """No push came for improbably long; `canary` tells what the canary said of it, `off` when there is none."""

    name: ClassVar[str] = "pushes.silent"
    level: ClassVar[str] = "warning"
    source: str
    since: str
    expected: float
    """Minutes with pushes that there usually are in such a time."""
    canary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSubscribed(Event):
    """The CRM was asked to push to a source's hook; `why` is start or silence, `result` subscribed or failed."""

    name: ClassVar[str] = "source.subscribed"
    level: ClassVar[str] = "warning"
    source: str
    why: str
    result: str
    reason: str
