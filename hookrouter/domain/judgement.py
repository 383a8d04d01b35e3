"""A judgement: what a condition found, and what its parts did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Needs(StrEnum):
    """Which of its parts a judgement needs to hold."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether a condition held, and why.

    Attributes:
        label: the condition in words, as in `leadScore gte 80`.
        found: what was found instead or accordingly, as in `was 12`; '' when the parts tell it.
        parts: what the condition is made of.
        needs: how the parts make it hold.
        is_named: whether the label is a name that the operator gave, which alone does not tell what is asked.
    """

    label: str
    held: bool
    found: str = ""
    parts: tuple[Judgement, ...] = ()
    needs: Needs = Needs.ALL
    is_named: bool = False

    @property
    def reason(self) -> str:
        """Why it did not hold, on one line: the first part that failed, or all alternatives."""
        if not self.parts:
            return f"{self.label} ({self.found})" if self.found else self.label
        match self.needs:
            case Needs.ALL:
                reason = next(part.reason for part in self.parts if not part.held)
                return f"{self.label}: {reason}" if self.is_named else reason
            case Needs.ANY:
                return "any of: " + "; ".join(part.reason for part in self.parts)
            case Needs.NONE:
                return f"none of: {next(part.label for part in self.parts if part.held)} (it held)"
