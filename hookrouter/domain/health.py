"""How healthy each part is, and the whole by its worst part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How well something does; the words of `application/health+json`."""

    PASS = "pass"  # noqa: S105 - the word of the draft, no password
    WARN = "warn"
    FAIL = "fail"


_BADNESS = {Status.PASS: 0, Status.WARN: 1, Status.FAIL: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: what was measured of it, in which unit, and what to do when it is not well.

    Attributes:
        streams: over how many it is spread; None where it is not split.
    """

    name: str
    status: Status
    value: float | str | None = None
    unit: str = ""
    advice: str = ""
    streams: int | None = None


def worst(parts: Sequence[Part]) -> Status:
    """The status of the whole."""
    return max((part.status for part in parts), key=badness, default=Status.PASS)


def badness(status: Status) -> int:
    """By which statuses are ordered: the worse the more."""
    return _BADNESS[status]
