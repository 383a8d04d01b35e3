"""What of a lead is personal, and how it is shown to those who need not know it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hookrouter.domain.lead import Json, text_of
from hookrouter.domain.short_names import short_name

HIDDEN = "***"
SHOWN_DIGITS = 2
"""So that an operator can tell two numbers apart."""
LEAST_TEXT = 6
"""A shorter text would be all but shown by its last characters."""

_PERSONAL_NAMES = re.compile(r"phone|fax|e-?mail", re.IGNORECASE)
_OUTSIDE = r"\s@\"'<>()\[\]:;,=&?/"
_EMAIL = re.compile(rf"(?<![^{_OUTSIDE}])([^{_OUTSIDE}])[^{_OUTSIDE}]*+@([^{_OUTSIDE}]++)")
"""Looked for from the beginning of each word alone, so that a text without blanks costs no more than one with them."""
_PHONE = re.compile(r"\+\d[\d\s().-]{5,}(\d{2})")
"""Only with its plus: other long numbers are mostly ids and times."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides e-mail addresses and telephone numbers, as well as the fields that the operator named."""

    redacted: frozenset[str] = frozenset()

    def is_personal(self, name: str) -> bool:
        """Whether a field is hidden by its name alone."""
        if name in self.redacted or _PERSONAL_NAMES.search(name) is not None:
            return True
        return bool(self.redacted) and short_name(name) in self.redacted

    def value(self, value: Json, name: str = "") -> Json:
        """A value of the field `name`, nested ones included, without what is personal."""
        if name and self.is_personal(name):
            return self._hidden(value)
        match value:
            case dict():
                return {key: self.value(inner, key) for key, inner in value.items()}
            case list():
                return [self.value(inner) for inner in value]
            case str():
                return self.text(value)
            case _:
                return value

    def text(self, text: str) -> str:
        """A text without the addresses and numbers in it."""
        return _PHONE.sub(rf"{HIDDEN}\1", _EMAIL.sub(rf"\1{HIDDEN}@\2", text))

    def _hidden(self, value: Json) -> Json:
        match value:
            case dict():
                return {key: self._hidden(inner) for key, inner in value.items()}
            case list():
                return [self._hidden(inner) for inner in value]
            case None | bool() | "":
                return value
        text = text_of(value)
        if "@" in text:
            masked = self.text(text)
            return masked if masked != text else HIDDEN
        return HIDDEN + text[-SHOWN_DIGITS:] if len(text) >= LEAST_TEXT else HIDDEN


NO_VALUES = frozenset({"errors", "changed"})
"""They name fields, and hold none."""


def masked(values: dict[str, Json], mask: Mask) -> dict[str, Json]:
    """What is known of something, without what is personal in it."""
    return {name: value if name in NO_VALUES else mask.value(value, name) for name, value in values.items()}
