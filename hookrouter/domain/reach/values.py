"""Whether one value can pass several tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import combinations

from hookrouter.domain.conditions.compare import Between, Compared
from hookrouter.domain.conditions.equal import OneOf, asked_for
from hookrouter.domain.conditions.field import ValueTest
from hookrouter.domain.conditions.moment import After, Before
from hookrouter.domain.conditions.presence import Empty
from hookrouter.domain.conditions.several import Either, Every, Not
from hookrouter.domain.lead import Json, number_of, text_of
from hookrouter.domain.reach.kinds import (
    FALSE,
    NOTHING,
    TRUE,
    AnyCase,
    Exactly,
    Kind,
    Moments,
    Numbers,
    Something,
    Spelled,
    Stretch,
    answers,
    stretch_of,
    time_of,
)

TRUTHS: tuple[frozenset[str | float], ...] = (frozenset({1.0, "true"}), frozenset({0.0, "false"}))
"""What a truth may be spelled: it passes for any of them."""

MOST_DIGITS = 400
"""Of a number that a text may spell; beyond 308 no number of the machine is so large."""

MOST_PIECES = 200
"""Values of a list that are looked at one by one; of a longer one nothing is said."""


def exclude_each_other(tests: Sequence[ValueTest]) -> bool:
    """Whether surely no value passes all of them."""
    single = list(_apart(tests))
    return (
        _contradict(single)
        or _share_no_spelling([test for test in single if isinstance(test, OneOf)])
        or all(any(not answers(kind, test)[0] for test in single) for kind in _kinds_that_pass(single))
    )


def culprits(tests: Sequence[ValueTest]) -> Sequence[ValueTest]:
    """Of tests that exclude each other the fewest that do: one, two, or all of them."""
    for several in (*combinations(tests, 1), *combinations(tests, 2)):
        if exclude_each_other(several):
            return several
    return tests


def spellings(test: OneOf) -> set[str | float]:
    """What values that pass say, so that two tests which share nothing of it share no value; see `equal.asked_for`."""
    said: set[str | float] = set()
    for wanted in asked_for(test):
        number = number_of(wanted)
        said.add(wanted if number is None else number)
    for truth in TRUTHS:
        if not said.isdisjoint(truth):
            said |= truth
    return said


def _apart(tests: Iterable[ValueTest]) -> Iterator[ValueTest]:
    """The tests, each by itself: what must hold together need not be kept together."""
    for test in tests:
        match test:
            case Every():
                yield from _apart(test.tests)
            case Not(test=Not(test=inner)):
                yield from _apart((inner,))
            case Not(test=Either(tests=parts)):
                yield from _apart([Not(test=part) for part in parts])
            case _:
                yield test


def _contradict(tests: Sequence[ValueTest]) -> bool:
    return any(isinstance(test, Not) and test.test in tests for test in tests)


def _share_no_spelling(tests: Sequence[OneOf]) -> bool:
    return bool(tests) and not reduce(set.__and__, map(spellings, tests))


def _kinds_that_pass(tests: Sequence[ValueTest]) -> Sequence[Kind]:
    """Kinds that have all values which may pass the tests, as narrow as can be told."""
    lists = [test for test in tests if isinstance(test, OneOf)]
    if lists:
        return list(_pieces(min(lists, key=lambda test: len(test.texts) + len(test.numbers) + len(test.spelled))))
    if any(isinstance(test, Empty) for test in tests):
        return [NOTHING]
    stretches = [stretch_of(test) for test in tests if isinstance(test, Compared | Between)]
    if stretches:
        whole = reduce(Stretch.meet, stretches)
        return [] if whole.is_empty else [Numbers(whole)]
    times = [time_of(test) for test in tests if isinstance(test, Before | After)]
    if times:
        whole = reduce(Stretch.meet, times)
        return [] if whole.is_empty else [Moments(whole)]
    return [NOTHING, Something()]


def _pieces(test: OneOf) -> Iterator[Kind]:
    """All values that pass, by what makes them pass."""
    if len(test.texts) + len(test.numbers) > MOST_PIECES:
        yield Something()
        return
    for text in test.texts:
        yield Exactly(tuple(_written_so(text)))
        if test.ignore_case:
            yield AnyCase(text) if text.casefold() == text else Something()
    for truth, words in ((True, TRUE), (False, FALSE)):
        if not words.isdisjoint(test.texts):
            yield Exactly((truth,))
    yield from map(Spelled, test.numbers)
    yield Exactly(tuple(test.spelled))


def _written_so(text: str) -> Iterator[Json]:
    """The values that are spelled in this way."""
    yield text
    number = number_of(text)
    for value in (number, int(number) if number is not None and number.is_integer() else None, _whole(text)):
        if value is not None and text_of(value) == text:
            yield value


def _whole(text: str) -> int | None:
    return int(text) if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < MOST_DIGITS else None
