"""The events that hookrouter reports of its own processes; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStarted(Event):
    """A process of hookrouter is up."""

    name: ClassVar[str] = "process.started"
    role: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStopped(Event):
    """A process of hookrouter ends in order."""

    name: ClassVar[str] = "process.stopped"
    role: str


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
class TracesMissing(Event):
    """Traces are asked for and cannot be made; `text` tells why."""

    name: ClassVar[str] = "traces.missing"
    level: ClassVar[str] = "warning"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapesRefused(Event):
    """Nobody can listen where a process was to answer scrapes of its metrics; `text` is the system's word."""

    name: ClassVar[str] = "scrapes.refused"
    level: ClassVar[str] = "error"
    port: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterEnded(Event):
    """A worker's router ended unasked, and the worker ends with it, to be started again."""

    name: ClassVar[str] = "router.ended"
    level: ClassVar[str] = "error"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailed(Event):
    """A request ended in an error of ours; `kind` is the exception's class."""

    name: ClassVar[str] = "request.failed"
    level: ClassVar[str] = "error"
    path: str
    kind: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRefused(Event):
    """Somebody came with a wrong token of an operator; `count` is how many came lately from everywhere."""

    name: ClassVar[str] = "operator.refused"
    level: ClassVar[str] = "warning"
    door: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailed(Event):
    """What a receiver does beside answering failed in an error of ours, and is tried again."""

    name: ClassVar[str] = "task.failed"
    level: ClassVar[str] = "error"
    task: str
    kind: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountersMoved(Event):
    """A process counts in its memory, for the disk has no room, or on the disk again; `to` is memory or disk."""

    name: ClassVar[str] = "counters.moved"
    level: ClassVar[str] = "warning"
    to: str
