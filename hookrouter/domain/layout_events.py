"""The events that hookrouter reports of how leads are spread over streams; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadBegan(Event):
    """Something is spread over another number of streams from now on: the intake, or a sink's outbox."""

    name: ClassVar[str] = "spread.began"
    what: str
    streams: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadHeld(Event):
    """Something is to be spread anew, and waits for processes of an earlier version, which know no layout, to go."""

    name: ClassVar[str] = "spread.held"
    level: ClassVar[str] = "warning"
    whom: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadDisputed(Event):
    """Another scheduler decides over how many streams things are spread, and this one is configured otherwise."""

    name: ClassVar[str] = "spread.disputed"
    level: ClassVar[str] = "warning"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadReopened(Event):
    """A process of an earlier version added to the streams of an outbox that is split: it is moved to those of now."""

    name: ClassVar[str] = "spread.reopened"
    level: ClassVar[str] = "warning"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadEnded(Event):
    """Nothing waits any more in the streams that something was spread over before."""

    name: ClassVar[str] = "spread.ended"
    what: str
    streams: int
