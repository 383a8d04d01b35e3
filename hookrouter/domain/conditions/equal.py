"""Equality, with the field's type in mind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from hookrouter.domain.lead import Json, Scalar, text_of

EXACT = 2**53 - 1  # beyond it neighbouring whole numbers are the same float, and ids have up to 18 digits
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """Holds when the value says the same as one of the wanted ones.

    Numbers are compared as numbers when at least one side is one: 80 is "80" and "80.0". Text is compared as text,
    and text with a leading zero or plus is never a number: "02134" is not 2134.

    Attributes:
        texts: the spellings that pass, folded if `ignore_case`.
        numbers: the wanted numbers; text that spells one of them passes.
        spelled: the numbers that wanted texts spell; only a real number is compared with them.
    """

    label: str
    texts: frozenset[str]
    numbers: frozenset[float]
    spelled: frozenset[float]
    ignore_case: bool

    def holds(self, value: Json) -> bool:
        """Whether the value is one of them."""
        if isinstance(value, str):
            text = value.casefold() if self.ignore_case else value
            return text in self.texts or (bool(self.numbers) and _plain_number(value) in self.numbers)
        if isinstance(value, bool):
            return not self.texts.isdisjoint(_spellings(value))
        if isinstance(value, (int, float)):
            return text_of(value) in self.texts or value in self.numbers or value in self.spelled
        return False


def is_value(value: Scalar, *, ignore_case: bool = False) -> OneOf:
    """The test for one plain value."""
    return _one_of((value,), f"is {text_of(value)}", ignore_case=ignore_case)


def is_in(values: Sequence[Scalar], *, ignore_case: bool = False) -> OneOf:
    """The test for any of several values."""
    return _one_of(values, f"in [{', '.join(text_of(value) for value in values)}]", ignore_case=ignore_case)


def asked_for(test: OneOf) -> set[str | float]:
    """Under which spellings a test is to be found; see `could_equal`."""
    return {text.casefold() for text in test.texts} | test.numbers | test.spelled


def could_equal(value: Json) -> tuple[str | float, ...]:
    """The spellings of which a test must ask for one, if the value is to pass it; some tests that do are not passed."""
    if isinstance(value, str):
        number = _plain_number(value)
        return (value.casefold(),) if number is None else (value.casefold(), number)
    if isinstance(value, bool):
        return tuple(text.casefold() for text in _spellings(value))
    if isinstance(value, (int, float)):
        return text_of(value).casefold(), value
    return ()


def _one_of(values: Sequence[Scalar], label: str, *, ignore_case: bool) -> OneOf:
    texts = {text for value in values for text in _spellings(value)} - {""}
    numbers = {float(value) for value in values if _is_number(value) and abs(value) <= EXACT}
    spelled = {_plain_number(value) for value in values if isinstance(value, str)}
    return OneOf(
        label=label,
        texts=frozenset(text.casefold() if ignore_case else text for text in texts),
        numbers=frozenset(numbers),
        spelled=frozenset(number for number in spelled if number is not None),
        ignore_case=ignore_case,
    )


def _is_number(value: Scalar) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _spellings(value: Scalar) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("1", "true", "True", "TRUE") if value else ("0", "false", "False", "FALSE")
    return (text_of(value),)


def _plain_number(text: str) -> float | None:
    if not _PLAIN_NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if abs(number) <= EXACT else None
