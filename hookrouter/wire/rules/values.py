"""The plain values within `match`, each of the kind its operator needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol, TypeVar

import re2

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.conditions.named import Named
from hookrouter.domain.lead import Json, Scalar, crm_time, number_of, plain_time, text_of
from hookrouter.domain.routing import USUAL_EVENTS
from hookrouter.wire.config.duration import read_duration
from hookrouter.wire.config.faults import Fault, Faults, Path
from hookrouter.wire.config.gathering import Gathering
from hookrouter.wire.rules.words import condition_fault

T = TypeVar("T")
Search = Callable[[bytes], object]

DEEPEST = 20
"""Levels of conditions within conditions; nobody can read more, and each costs a call."""


class Names(Protocol):
    """Where conditions are found by their names."""

    def find(self, name: str, place: Place) -> Named:
        """The condition that a text at `place` names.

        Raises:
            Faults: it cannot stand there.
        """


class _NoNames:
    """Where nothing has a name."""

    def find(self, name: str, place: Place) -> Named:
        """None is found."""
        raise place.fault(condition_fault(name, ()))


NO_NAMES: Names = _NoNames()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the document we read, how deep among conditions, and what holds there.

    Attributes:
        events: what the route as a whole takes; a condition within may name no other.
        names: where a text that stands for a condition is looked up.
        zone: in which a time without one is meant.
    """

    path: Path
    names: Names = NO_NAMES
    zone: tzinfo = UTC
    events: frozenset[LeadEvent] = USUAL_EVENTS
    depth: int = 0
    ignore_case: bool = False

    def at(self, part: str | int) -> Place:
        """The place of a part."""
        return replace(self, path=(*self.path, part))

    def deeper(self) -> Place:
        """The same place, one condition further in."""
        if self.depth >= DEEPEST:
            raise self.fault(f"more than {DEEPEST} levels deep")
        return replace(self, depth=self.depth + 1)

    def fault(self, message: str, *, at_key: bool = False) -> Faults:
        """One fault at this place, to be raised."""
        return Faults([Fault(path=self.path, message=message, at_key=at_key)])


def read_scalar(value: Json, place: Place) -> Scalar:
    """A plain value to compare with."""
    if value is None or value == "":
        raise place.fault("an empty value equals nothing: write {empty: true}")
    if isinstance(value, list | dict):
        raise place.fault("a plain value is needed: text, a number, true or false")
    if isinstance(value, float) and number_of(value) is None:
        raise place.fault("a finite number is needed")
    return value


def read_scalars(value: Json, place: Place) -> Sequence[Scalar]:
    """One plain value, or a list of some."""
    return read_each(value, place, read_scalar)


def read_texts(value: Json, place: Place) -> Sequence[str]:
    """One text, or a list of some; a number counts as its digits."""
    return read_each(value, place, _read_text)


def read_each(value: Json, place: Place, read: Callable[[Json, Place], T]) -> list[T]:
    """Read every part of a list, or the one value that stands instead of a list."""
    if not isinstance(value, list):
        return [read(value, place)]
    if not value:
        raise place.fault("an empty list matches nothing")
    results: list[T] = []
    gathering = Gathering()
    for number, part in enumerate(value):
        with gathering:
            results.append(read(part, place.at(number)))
    gathering.finish()
    return results


def read_number(value: Json, place: Place) -> float:
    """A number, also when written as text."""
    number = None if isinstance(value, bool) else number_of(value)
    if number is None:
        hint = "; for times there are before and after" if crm_time(value) else ""
        raise place.fault(f"a number is needed{hint}")
    return number


def read_two_numbers(value: Json, place: Place) -> tuple[float, float]:
    """A list of a lower and a higher number."""
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - it says so itself
        raise place.fault("two numbers are needed, as in [60, 79]")
    low, high = read_each(value, place, read_number)
    if low > high:
        raise place.fault("nothing lies between these: the lower number comes first")
    return low, high


def read_truth(value: Json, place: Place) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise place.fault("true or false is needed")
    return value


def read_moment(value: Json, place: Place) -> datetime:
    """A time, in the place's zone unless it says otherwise."""
    time = plain_time(value)
    if time is None:
        raise place.fault(f"a time is needed, such as 2026-03-04 15:20:11 ({place.zone}) or 2026-03-04")
    return time if time.tzinfo else time.replace(tzinfo=place.zone)


def read_span(value: Json, place: Place) -> timedelta:
    """A duration with its unit."""
    try:
        return read_duration(value if isinstance(value, str) else text_of(value))
    except ValueError as error:
        raise place.fault(str(error)) from error


def read_patterns(value: Json, place: Place) -> Sequence[tuple[str, Search]]:
    """One regular expression, or a list of some, each with what searches for it in linear time."""
    return read_each(value, place, _read_pattern)


def _read_pattern(value: Json, place: Place) -> tuple[str, Search]:
    pattern = _read_text(value, place)
    options = re2.Options()
    options.case_sensitive = not place.ignore_case
    options.log_errors = False
    try:
        search: Search = re2.compile(pattern.encode(), options).search
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise place.fault(f"no regular expression that re2 reads: {reason}") from error
    return pattern, search


def _read_text(value: Json, place: Place) -> str:
    if isinstance(value, bool | list | dict) or value in (None, ""):
        raise place.fault("text is needed")
    return text_of(read_scalar(value, place))
