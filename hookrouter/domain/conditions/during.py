"""A condition on the moment: whether a time of the week is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hookrouter.domain.calendar import FARTHEST, OpenTime
from hookrouter.domain.case import Case
from hookrouter.domain.judgement import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class During:
    """Holds while a time is open, or while it is not.

    Attributes:
        name: what the time is called, or its days and hours in words.
        outside: it holds while the time is not open.
    """

    time: OpenTime
    name: str
    outside: bool = False
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", f"{'not ' if self.outside else ''}during {self.name}")

    def holds(self, case: Case) -> bool:
        """Whether it is open when the lead is pushed."""
        return self.is_open(case.at)

    def judge(self, case: Case) -> Judgement:
        """What the clock on the wall showed there."""
        return Judgement(label=self.label, held=self.is_open(case.at), found=f"was {self.on_the_wall(case.at)}")

    def is_open(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.time.is_open(at) is not self.outside

    def opens(self, at: datetime) -> datetime | None:
        """The first moment, from this one on, at which it holds; None when it never does again."""
        return self.time.closes(at) if self.outside else self.time.opens(at)

    def closes(self, at: datetime, days: int = FARTHEST) -> datetime | None:
        """The first moment, from this one on, at which it does not hold; None when there is none in so many days."""
        return self.time.opens(at, days) if self.outside else self.time.closes(at, days)

    def on_the_wall(self, at: datetime) -> str:
        """A moment as the clock of the time's zone shows it: `Sat 2026-11-21 13:05 America/New_York`."""
        local = at.astimezone(self.time.timezone)
        return f"{DAYS[local.weekday()]} {local:%Y-%m-%d %H:%M} {self.time.timezone.key}"

    def held_until(self, at: datetime) -> str:
        """When it holds again, in words."""
        opens = self.opens(at)
        return "for ever: it never opens again" if opens is None else f"until {self.on_the_wall(opens)}"


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
