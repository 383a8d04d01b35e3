"""Whether a field says anything."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.lead import Json, is_empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists:
    """Holds when the field is there with something in it."""

    label: str = "exists"

    def holds(self, value: Json) -> bool:
        """Whether it is."""
        return not is_empty(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """Holds when the field is missing, null, or has nothing in it."""

    label: str = "empty"

    def holds(self, value: Json) -> bool:
        """Whether it is."""
        return is_empty(value)
