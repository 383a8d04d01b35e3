"""What `match` asks of one field: a plain value, a list, or operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hookrouter.domain.conditions import compare, equal, moment, text
from hookrouter.domain.conditions.compare import Comparison
from hookrouter.domain.conditions.field import ValueTest
from hookrouter.domain.conditions.presence import Empty, Exists
from hookrouter.domain.conditions.several import Either, Every, Not
from hookrouter.domain.lead import Json
from hookrouter.wire.config.gathering import Gathering
from hookrouter.wire.config.json_shapes import TRUTH, Shape, reference
from hookrouter.wire.rules.shapes import MOMENT, NUMBER, SCALARS, SPAN, TEXTS, TWO_NUMBERS
from hookrouter.wire.rules.values import (
    Place,
    read_each,
    read_moment,
    read_number,
    read_patterns,
    read_scalar,
    read_scalars,
    read_texts,
    read_truth,
    read_two_numbers,
)
from hookrouter.wire.rules.words import IGNORE_CASE, WITHIN, operator_fault

CASELESS_FIELDS = frozenset({"emailAddress", "leadStatus", "country", "state"})
"""E-mail and enumerations, which people and imports spell in any case."""

COMPARISONS = {
    Comparison.GT: "above",
    Comparison.GTE: "of at least",
    Comparison.LT: "below",
    Comparison.LTE: "of at most",
}


def read_field_tests(field: str, value: Json, place: Place) -> tuple[ValueTest, ...]:
    """The tests of a field, all of which must hold."""
    caseless = field.rpartition(".")[2] in CASELESS_FIELDS
    return _read_tests(value, replace(place, ignore_case=caseless))


def read_field_test(field: str, value: Json, place: Place) -> ValueTest:
    """The tests of a field as one."""
    return _joined(read_field_tests(field, value, place))


def _read_tests(value: Json, place: Place) -> tuple[ValueTest, ...]:
    match value:
        case dict():
            return _read_operators(value, place.deeper())
        case list() if any(isinstance(part, dict | list) for part in value):
            return (Either(tests=tuple(read_each(value, place.deeper(), _read_test))),)
        case list():
            return (equal.is_in(read_scalars(value, place), ignore_case=place.ignore_case),)
        case _:
            return (equal.is_value(read_scalar(value, place), ignore_case=place.ignore_case),)


def _read_test(value: Json, place: Place) -> ValueTest:
    return _joined(_read_tests(value, place))


def _read_operators(value: dict[str, Json], place: Place) -> tuple[ValueTest, ...]:
    operators = {word: operand for word, operand in value.items() if word != IGNORE_CASE}
    gathering = Gathering()
    with gathering:
        place = _with_case(value, place)
    with gathering:
        if not operators:
            raise place.fault("an operator is needed, as in {gte: 80}")
    tests: list[ValueTest] = []
    for word, operand in operators.items():
        with gathering:
            tests.append(_read_operator(word, operand, place.at(word)))
    gathering.finish()
    return tuple(tests)


def _with_case(value: dict[str, Json], place: Place) -> Place:
    if IGNORE_CASE not in value:
        return place
    return replace(place, ignore_case=read_truth(value[IGNORE_CASE], place.at(IGNORE_CASE)))


def _read_operator(word: str, operand: Json, place: Place) -> ValueTest:
    operator = READERS.get(word)
    if operator is None:
        raise place.fault(operator_fault(word), at_key=True)
    return operator.read(operand, place)


def _joined(tests: tuple[ValueTest, ...]) -> ValueTest:
    return tests[0] if len(tests) == 1 else Every(tests=tests)


def _not(value: Json, place: Place) -> ValueTest:
    return Not(test=_read_test(value, place))


def _in(value: Json, place: Place) -> ValueTest:
    return equal.is_in(read_scalars(value, place), ignore_case=place.ignore_case)


def _compared(comparison: Comparison) -> Callable[[Json, Place], ValueTest]:
    return lambda value, place: compare.compared(comparison, read_number(value, place))


def _between(value: Json, place: Place) -> ValueTest:
    return compare.between(*read_two_numbers(value, place))


def _prefix(value: Json, place: Place) -> ValueTest:
    return text.prefix(read_texts(value, place), ignore_case=place.ignore_case)


def _suffix(value: Json, place: Place) -> ValueTest:
    return text.suffix(read_texts(value, place), ignore_case=place.ignore_case)


def _contains(value: Json, place: Place) -> ValueTest:
    return text.contains(read_texts(value, place), ignore_case=place.ignore_case)


def _like(value: Json, place: Place) -> ValueTest:
    return text.like(read_texts(value, place), ignore_case=place.ignore_case)


def _has(value: Json, place: Place) -> ValueTest:
    return text.has(read_texts(value, place), ignore_case=place.ignore_case)


def _regex(value: Json, place: Place) -> ValueTest:
    patterns = read_patterns(value, place)
    return text.regex([pattern for pattern, _ in patterns], [search for _, search in patterns])


def _within(_value: Json, place: Place) -> ValueTest:
    message = f"`{WITHIN}` stands right below its field; for the opposite write not: {{FIELD: {{within: …}}}}"
    raise place.fault(message, at_key=True)


def _exists(value: Json, place: Place) -> ValueTest:
    return Exists() if read_truth(value, place) else Empty()


def _empty(value: Json, place: Place) -> ValueTest:
    return Empty() if read_truth(value, place) else Exists()


def _before(value: Json, place: Place) -> ValueTest:
    return moment.before(read_moment(value, place))


def _after(value: Json, place: Place) -> ValueTest:
    return moment.after(read_moment(value, place))


@dataclass(frozen=True, slots=True)
class Operator:
    """What an operator asks, how what stands behind it is read, and what that looks like."""

    asks: str
    read: Callable[[Json, Place], ValueTest]
    takes: Shape


ANY_TEST = reference("test")
"""All that may be asked of a field; the operators themselves are among it."""

READERS: Mapping[str, Operator] = {
    "not": Operator("the opposite; true for an empty field, too", _not, ANY_TEST),
    "in": Operator("is any of these", _in, SCALARS),
    **{
        comparison.value: Operator(f"is a number {words} this", _compared(comparison), NUMBER)
        for comparison, words in COMPARISONS.items()
    },
    "between": Operator("is a number from the first to the second, both included", _between, TWO_NUMBERS),
    "prefix": Operator("begins with this, or with one of these", _prefix, TEXTS),
    "suffix": Operator("ends with this, or with one of these", _suffix, TEXTS),
    "contains": Operator("has this in it, or one of these", _contains, TEXTS),
    "like": Operator("fits a pattern: * stands for any characters, ? for one", _like, TEXTS),
    "has": Operator("is a set, such as a multi-select, that has this or one of these", _has, TEXTS),
    "regex": Operator("has something in it that fits the regular expression (re2)", _regex, TEXTS),
    WITHIN: Operator("is a time that had passed no longer than this when the lead was pushed", _within, SPAN),
    "exists": Operator("says something (true), or nothing (false)", _exists, TRUTH),
    "empty": Operator("says nothing (true), or something (false)", _empty, TRUTH),
    "before": Operator("is a time before this", _before, MOMENT),
    "after": Operator("is a time after this", _after, MOMENT),
}
"""The one table of operators: for reading them, and for editors."""
