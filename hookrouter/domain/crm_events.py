"""The facts hookrouter reports of writing to the CRM; what `events` says of facts holds here too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopBroken(Event):
    """A write to the CRM was not made: the same was written to the lead again and again, and changed back."""

    name: ClassVar[str] = "loop.broken"
    level: ClassVar[str] = "warning"
    delivery: str
    route: str
    sink: str
