"""The events that hookrouter reports of Redis itself; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisFound(Event):
    """Redis was looked at; `found` is what it does with a write before it answers, beside what was `asked`."""

    name: ClassVar[str] = "redis.found"
    product: str
    version: str
    asked: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisDoubtful(Event):
    """Something about Redis is not as it should be; `text` says what is lost by it and what to do."""

    name: ClassVar[str] = "redis.doubtful"
    level: ClassVar[str] = "warning"
    finding: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisUnfit(Event):
    """A Redis that came after the start is none that a process would have started with."""

    name: ClassVar[str] = "redis.unfit"
    level: ClassVar[str] = "error"
    finding: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRefused(Event):
    """A job in the queue was none of ours, and was thrown away unread; `reason` is a fixed text."""

    name: ClassVar[str] = "job.refused"
    level: ClassVar[str] = "error"
    reason: str
