"""The events that hookrouter reports of people who were erased; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonForgotten(Event):
    """Somebody erased a person; `whole` is false when some of it may be left."""

    name: ClassVar[str] = "person.forgotten"
    level: ClassVar[str] = "warning"
    records: int
    places: tuple[str, ...]
    whole: bool
