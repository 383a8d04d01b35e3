"""Conditions made of conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hookrouter.domain.change import Change
from hookrouter.domain.routing import Condition


class Named(Condition, Protocol):
    """A condition that can say itself in words; `label` is its text without how the lead was."""

    @property
    def label(self) -> str:
        """The condition in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Holds when every part does."""

    parts: tuple[Named, ...]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", " and ".join(part.label for part in self.parts))

    def failure(self, change: Change) -> str | None:
        """The first part's that fails."""
        for part in self.parts:
            failed = part.failure(change)
            if failed is not None:
                return failed
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Holds when at least one part does."""

    parts: tuple[Named, ...]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", _listed("any of", self.parts))

    def failure(self, change: Change) -> str | None:
        """Those of all parts, for all failed."""
        failures: list[str] = []
        for part in self.parts:
            failed = part.failure(change)
            if failed is None:
                return None
            failures.append(failed)
        return "any of: " + "; ".join(failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneOf:
    """Holds when no part does."""

    parts: tuple[Named, ...]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", _listed("none of", self.parts))

    def failure(self, change: Change) -> str | None:
        """The first part that held."""
        for part in self.parts:
            if part.failure(change) is None:
                return f"none of: {part.label} (it held)"
        return None


def _listed(word: str, parts: Sequence[Named]) -> str:
    return f"{word}: " + "; ".join(part.label for part in parts)
