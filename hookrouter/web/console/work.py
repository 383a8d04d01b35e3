"""Work that takes many steps: each request does one, so that it goes on only while somebody looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

MOST_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How far some work is.

    Attributes:
        title: what is done, to what.
        path: where a form asks for the next step.
        back: the page of the list.
        given: what says which are meant, as it stands in the form.
        end: where the next step goes on; None when all is done.
        total: how many there were at most when it began.
        left: how many are left at most.
        counts: how many were done, gone, …, by words for people.
    """

    title: str
    path: str
    back: str
    given: Mapping[str, str]
    end: str | None
    total: int
    left: int
    counts: Mapping[str, int]

    @property
    def is_over(self) -> bool:
        """Whether all is done."""
        return self.end is None

    @property
    def looked_at(self) -> int:
        """How many were looked at so far."""
        return max(0, self.total - self.left)


def counted(given: MultiDict[str, str], more: Mapping[str, int]) -> dict[str, int]:
    """The counts of all steps: those that the form tells of, and those of this one."""
    return {word: _number(given.get(f"count.{word}", "")) + count for word, count in more.items()}


def total_of(given: MultiDict[str, str], now: int) -> int:
    """How many there were at the beginning: this is it, unless the form tells."""
    return max(_number(given.get("total", "")), now)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0
