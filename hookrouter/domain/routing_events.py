"""The facts hookrouter reports of routes that send nothing; what `events` says of facts holds here too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadShadowed(Event):
    """A lead took routes with `shadow: true`; `sinks` counts the deliveries that they would have led to."""

    name: ClassVar[str] = "lead.shadowed"
    level: ClassVar[str] = "debug"
    push: str
    source: str
    place: int
    routes: tuple[str, ...]
    sinks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRepeated(Event):
    """A lead took routes that told of it less than their `once` ago; `sinks` counts the deliveries not made again."""

    name: ClassVar[str] = "lead.repeated"
    level: ClassVar[str] = "debug"
    push: str
    source: str
    place: int
    routes: tuple[str, ...]
    sinks: int
