"""A condition that the configuration names, so that several routes may ask it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookrouter.domain.case import Case
from hookrouter.domain.judgement import Judgement

if TYPE_CHECKING:  # routes know their index, which sees through names
    from hookrouter.domain.condition import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Holds when every part does; it is spoken of by its name.

    Attributes:
        size: how many named conditions it takes to judge it, itself included.
        levels: how many of them stand within each other.
    """

    name: str
    parts: tuple[Condition, ...]
    size: int = 1
    levels: int = 1
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", self.name)

    def holds(self, case: Case) -> bool:
        """Whether all do."""
        for part in self.parts:  # noqa: SIM110 - a generator would double the time of every match
            if not part.holds(case):
                return False
        return True

    def judge(self, case: Case) -> Judgement:
        """What each part found."""
        parts = tuple(part.judge(case) for part in self.parts)
        return Judgement(label=self.label, held=self.holds(case), parts=parts, is_named=True)
