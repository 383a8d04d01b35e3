"""Conditions made of conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hookrouter.domain.case import Case
from hookrouter.domain.condition import Condition
from hookrouter.domain.judgement import Judgement, Needs


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Holds when every part does."""

    parts: tuple[Condition, ...]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", " and ".join(part.label for part in self.parts))

    def holds(self, case: Case) -> bool:
        """Whether all do."""
        return all(part.holds(case) for part in self.parts)

    def judge(self, case: Case) -> Judgement:
        """What each part found."""
        return _judged(self, Needs.ALL, case)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Holds when at least one part does."""

    parts: tuple[Condition, ...]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", _listed("any of", self.parts))

    def holds(self, case: Case) -> bool:
        """Whether one does."""
        return any(part.holds(case) for part in self.parts)

    def judge(self, case: Case) -> Judgement:
        """What each part found."""
        return _judged(self, Needs.ANY, case)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneOf:
    """Holds when no part does."""

    parts: tuple[Condition, ...]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", _listed("none of", self.parts))

    def holds(self, case: Case) -> bool:
        """Whether none does."""
        return not any(part.holds(case) for part in self.parts)

    def judge(self, case: Case) -> Judgement:
        """What each part found."""
        return _judged(self, Needs.NONE, case)


def _judged(condition: AllOf | AnyOf | NoneOf, needs: Needs, case: Case) -> Judgement:
    parts = tuple(part.judge(case) for part in condition.parts)
    return Judgement(label=condition.label, held=condition.holds(case), parts=parts, needs=needs)


def _listed(word: str, parts: Sequence[Condition]) -> str:
    return f"{word}: " + "; ".join(part.label for part in parts)
