"""What a far side answered, without what it echoes: the lead's personal values, anything like them, and secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.lead import Json, text_of
from hookrouter.domain.outcome import Outcome
from hookrouter.domain.personal import HIDDEN, SHOWN_DIGITS, Mask

LEAST_SECRET = 4
"""Shorter ones would mask half of every sentence."""
LONG_ENOUGH_TO_BE_CUT = 256
"""Characters from which on an answer may have been cut in the middle of a secret: its kilobyte counts bytes."""

FEWEST_DIGITS = 7
"""Of a telephone number: shorter ones cannot be told from other numbers."""

_SUSPECT = re.compile(r"@|\d(?:\D{0,6}\d){6}")
_AT = re.compile(r"%40|&#64;|&#x40;|&commat;|\\u0040", re.IGNORECASE)
_OUTSIDE = r"\s@\"<>()\[\]\\,;:"
_EMAIL = re.compile(rf"(?<![^{_OUTSIDE}])([^{_OUTSIDE}])[^{_OUTSIDE}]*+@([^{_OUTSIDE}]++)")
"""Possessive and from the beginning of a word alone, so that a hostile answer costs one look at each of its characters;
what stands in front of an address goes with it."""

_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_TIME = r"(?<![\d.+-])(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?![.-]?\d)"
_IP = rf"(?<![\d.+-]){_BYTE}(?:\.{_BYTE}){{3}}(?![.-]?\d)"
_BETWEEN = r"(?:[ \t\xa0().+/-]|%2[0-9A-F]){0,3}"
_DIGIT = rf"(?!{_TIME}|{_IP})\d"
_REST = rf"{{{FEWEST_DIGITS - 1},}}+"
_NUMBERS = re.compile(
    rf"(?P<kept>{_TIME}|{_IP})|(?:\+|%2B)\(?\d(?:{_BETWEEN}\d){_REST}|\(?{_DIGIT}(?:{_BETWEEN}{_DIGIT}){_REST}",
    re.IGNORECASE,
)
"""Times and IP addresses, which stay, or digits in the ways that people write a telephone number."""
_NORTH_AMERICAN = re.compile(r"1?[2-9]\d\d[2-9]\d{6}")
_NATIONAL = re.compile(r"00?[1-9]\d{6,13}")
_NO_DIGITS = re.compile(r"\D+")


@dataclass(frozen=True, slots=True)
class Discretion:
    """Hides in answers what must not be kept of them; `mask` knows the fields that the operator named."""

    mask: Mask = field(default_factory=Mask)

    def about(self, outcome: Outcome, delivery: Delivery, secrets: Sequence[str]) -> Outcome:
        """The outcome with an answer that may be kept."""
        text = outcome.answer.text
        if len(text) < LEAST_SECRET:
            return outcome
        told = self.text(text, delivery.lead, delivery.previous, secrets)
        return outcome if told == text else replace(outcome, answer=replace(outcome.answer, text=told))

    def text(
        self, text: str, lead: Mapping[str, Json], previous: Mapping[str, Json], secrets: Sequence[str] = ()
    ) -> str:
        """An answer's text without secrets, addresses and telephone numbers."""
        text = _without(text, secrets)
        if not self.mask.redacted and not _SUSPECT.search(text) and not _AT.search(text):
            return text
        known = sorted(
            {value for fields in (lead, previous) for value in self._personal(fields)}, key=len, reverse=True
        )
        text = _without(_EMAIL.sub(rf"\1{HIDDEN}@\2", _AT.sub("@", text)), known)
        return _NUMBERS.sub(_unless_dialled, _without_numbers(text, known))

    def _personal(self, fields: Mapping[str, Json]) -> Iterator[str]:
        for name, value in fields.items():
            if self.mask.is_personal(name) and not isinstance(value, (dict, list, bool)):
                text = text_of(value)
                if len(text) >= LEAST_SECRET:
                    yield text


def without_secrets(value: Json, secrets: Mapping[str, str]) -> Json:
    """A message without what is secret in it, each with what is shown instead."""
    match value:
        case dict():
            return {name: without_secrets(inner, secrets) for name, inner in value.items()}
        case list():
            return [without_secrets(inner, secrets) for inner in value]
        case str():
            for secret, instead in secrets.items():
                value = value.replace(secret, instead)
            return value
        case _:
            return value


def _without(text: str, hidden: Sequence[str]) -> str:
    for value in hidden:
        if value in text:
            text = text.replace(value, HIDDEN)
    if len(text) < LONG_ENOUGH_TO_BE_CUT:
        return text
    for value in hidden:
        for length in range(len(value) - 1, LEAST_SECRET - 1, -1):
            if text.endswith(value[:length]):
                return text[:-length] + HIDDEN
    return text


def _without_numbers(text: str, known: Sequence[str]) -> str:
    digits_of_text = _NO_DIGITS.sub("", text)
    for value in known:
        digits = _NO_DIGITS.sub("", value)
        if len(digits) >= FEWEST_DIGITS and digits in digits_of_text:
            text = re.sub(_BETWEEN.join(digits), HIDDEN + digits[-SHOWN_DIGITS:], text)
    return text


def _unless_dialled(found: re.Match[str]) -> str:
    if found["kept"] or not _looks_dialled(found):
        return found[0]
    return HIDDEN + found[0][-SHOWN_DIGITS:]


def _looks_dialled(found: re.Match[str]) -> bool:
    written, text = found[0], found.string
    if written[0] in "+%":
        return True
    before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
    if before.isalpha() or before == "_" or after.isalpha() or after == "_":
        return False  # a part of somebody's id
    return not written.isdigit() or is_to_be_dialled(written)


def is_to_be_dialled(digits: str) -> bool:
    """Whether digits that stand together are a telephone number rather than somebody's id, which begins with no 0."""
    return _NORTH_AMERICAN.fullmatch(digits) is not None or _NATIONAL.fullmatch(digits) is not None
