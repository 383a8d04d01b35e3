"""Several questions to one value, and the opposite of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hookrouter.domain.conditions.field import ValueTest
from hookrouter.domain.lead import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Holds when the test does not, so also for an empty value where the test is positive."""

    test: ValueTest
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", f"not {self.test.label}")

    def holds(self, value: Json) -> bool:
        """Whether the test fails."""
        return not self.test.holds(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """Holds when all the tests do."""

    tests: tuple[ValueTest, ...]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", _joined(self.tests, " and "))

    def holds(self, value: Json) -> bool:
        """Whether all hold."""
        return all(test.holds(value) for test in self.tests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """Holds when at least one of the tests does."""

    tests: tuple[ValueTest, ...]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", _joined(self.tests, " or "))

    def holds(self, value: Json) -> bool:
        """Whether one holds."""
        return any(test.holds(value) for test in self.tests)


def _joined(tests: Sequence[ValueTest], word: str) -> str:
    return "(" + word.join(test.label for test in tests) + ")"
