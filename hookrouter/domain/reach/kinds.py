"""Kinds of values, and what a test may say of them.

Each kind answers two questions about a test: may one of its values pass, and may one fail? `True` is always allowed:
it means that nobody can tell. `False` must be right, for `check` says on its word that a route never matches.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import Protocol

from hookrouter.domain.conditions.compare import Between, Compared
from hookrouter.domain.conditions.equal import OneOf
from hookrouter.domain.conditions.field import ValueTest
from hookrouter.domain.conditions.moment import After, Before
from hookrouter.domain.conditions.presence import Empty, Exists
from hookrouter.domain.conditions.several import Either, Every, Not
from hookrouter.domain.conditions.text import Contains, Has, Like, Prefix, Suffix
from hookrouter.domain.lead import Json, number_of

TRUE, FALSE = frozenset({"1", "true", "True", "TRUE"}), frozenset({"0", "false", "False", "FALSE"})
"""The spellings of truths, see `conditions.equal`."""

Answers = tuple[bool, bool]
"""Whether a value may pass, and whether one may fail."""

ANYBODYS_GUESS: Answers = (True, True)
NEVER: Answers = (False, True)
ALWAYS: Answers = (True, False)


class Kind(Protocol):
    """Some values, of which all that a test may say is asked at once."""

    def ask(self, test: ValueTest) -> Answers:
        """What a test that is no combination of others may say of them."""


def answers(kind: Kind, test: ValueTest) -> Answers:
    """Whether one of these values may pass the test, and whether one may fail."""
    match test:
        case Not():
            may_pass, may_fail = answers(kind, test.test)
            return may_fail, may_pass
        case Every():
            each = [answers(kind, part) for part in test.tests]
            return all(may_pass for may_pass, _ in each), any(may_fail for _, may_fail in each)
        case Either():
            each = [answers(kind, part) for part in test.tests]
            return any(may_pass for may_pass, _ in each), all(may_fail for _, may_fail in each)
        case _:
            return kind.ask(test)


def certainly(passes: bool) -> Answers:  # noqa: FBT001 - the callers name it
    """The answers where all values of a kind fare alike."""
    return passes, not passes


@dataclass(frozen=True, slots=True)
class Exactly:
    """These values, or others that every test takes for the same."""

    values: tuple[Json, ...]

    def ask(self, test: ValueTest) -> Answers:
        """What the test says of each."""
        found = [test.holds(value) for value in self.values]
        return any(found), not all(found)


@dataclass(frozen=True, slots=True)
class AnyCase:
    """All texts that are this one in small letters."""

    text: str

    def ask(self, test: ValueTest) -> Answers:
        """A test that tells capitals from small letters may say anything."""
        match test:
            case OneOf(ignore_case=False) if not test.holds(self.text):
                return any(text.casefold() == self.text for text in test.texts), True
            case OneOf(ignore_case=False):
                return True, not self.text.isdecimal()
            case OneOf() | Compared() | Between() | Exists() | Empty():
                return certainly(test.holds(self.text))
            case Prefix() | Suffix() | Contains() | Like() | Has() if test.ignore_case:
                return certainly(test.holds(self.text))
            case _:
                return ANYBODYS_GUESS


@dataclass(frozen=True, slots=True)
class Spelled:
    """A number, in all the ways that it can be written."""

    number: float

    def ask(self, test: ValueTest) -> Answers:
        """Numbers are compared as such, whatever their spelling."""
        match test:
            case OneOf():
                may_pass = self.number in numbers_among(test)
                return may_pass, self.number not in test.numbers
            case Compared() | Between() | Exists() | Empty():
                return certainly(test.holds(self.number))
            case _:
                return ANYBODYS_GUESS


@dataclass(frozen=True, slots=True)
class Stretch:
    """All that lies between two limits."""

    low: float | datetime
    high: float | datetime
    has_low: bool = True
    has_high: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether nothing does."""
        return self.low > self.high or (self.low == self.high and not (self.has_low and self.has_high))  # type: ignore[operator]  # both ends are of a kind

    def meet(self, other: Stretch) -> Stretch:
        """What lies in both."""
        low, lacks_low = max((self.low, not self.has_low), (other.low, not other.has_low))
        high, has_high = min((self.high, self.has_high), (other.high, other.has_high))
        return Stretch(low, high, not lacks_low, has_high)

    def holds(self, number: float) -> bool:
        """Whether a number does."""
        return not self.meet(Stretch(number, number)).is_empty


@dataclass(frozen=True, slots=True)
class Numbers:
    """All values that say a number of a stretch."""

    stretch: Stretch

    def ask(self, test: ValueTest) -> Answers:
        """Whether the stretch and the test's have something in common."""
        match test:
            case Compared() | Between():
                return _by_stretch(self.stretch, stretch_of(test))
            case OneOf():
                return any(self.stretch.holds(number) for number in numbers_among(test)), True
            case _:
                return _as_something(test)


@dataclass(frozen=True, slots=True)
class Moments:
    """All values that say a time of a stretch."""

    stretch: Stretch

    def ask(self, test: ValueTest) -> Answers:
        """Whether the stretch and the test's have something in common."""
        match test:
            case Before() | After():
                return _by_stretch(self.stretch, time_of(test))
            case _:
                return _as_something(test)


@dataclass(frozen=True, slots=True)
class Something:
    """All values but those that say nothing."""

    def ask(self, test: ValueTest) -> Answers:
        """Only whether they say something can be told."""
        return _as_something(test)


NOTHING = Exactly((None, "", [], {}))


def _as_something(test: ValueTest) -> Answers:
    match test:
        case Exists():
            return ALWAYS
        case Empty():
            return NEVER
        case _:
            return ANYBODYS_GUESS


def _by_stretch(mine: Stretch, other: Stretch) -> Answers:
    return not mine.meet(other).is_empty, mine.meet(other) != mine


def numbers_among(test: OneOf) -> set[float]:
    """The numbers that values which pass the test may say, and perhaps some more."""
    read = {number_of(text) for text in test.texts}
    truths = {float(truth) for truth, spellings in ((1, TRUE), (0, FALSE)) if not spellings.isdisjoint(test.texts)}
    return {number for number in read if number is not None} | test.numbers | test.spelled | truths


_STRETCHES: dict[Callable[[float, float], bool], Callable[[float], Stretch]] = {
    operator.gt: lambda limit: Stretch(limit, inf, has_low=False),
    operator.ge: lambda limit: Stretch(limit, inf),
    operator.lt: lambda limit: Stretch(-inf, limit, has_high=False),
    operator.le: lambda limit: Stretch(-inf, limit),
}


def stretch_of(test: Compared | Between) -> Stretch:
    """The numbers that pass."""
    return Stretch(test.low, test.high) if isinstance(test, Between) else _STRETCHES[test.passes](test.limit)


def time_of(test: Before | After) -> Stretch:
    """The times that pass."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    if isinstance(test, Before):
        return Stretch(first, test.moment, has_high=False)
    return Stretch(test.moment, last, has_low=False)
