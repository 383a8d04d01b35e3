"""Fields that take a value only when it plainly means what is wanted."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.config.json_shapes import Shape, also, or_variable, text

LONGEST_NAME = 63
KEBAB = r"[a-z0-9]+(?:-[a-z0-9]+)*"
DIGITS = r"0|[1-9][0-9]{0,17}"
_KEBAB = re.compile(KEBAB)
_BREAKS = re.compile(r"[^a-z0-9]+")
_DIGITS = re.compile(DIGITS)


class StrictSchema(Schema):
    """A map in which a key that is not known is a fault."""

    class Meta:
        unknown = RAISE


class WholeNumber(fields.Field[int]):
    """A whole number, also as the text that a variable brings."""

    def __init__(self, least: int, most: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.least = least
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002 - the library's signature
        number = value
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            number = int(value)
        if isinstance(number, bool) or not isinstance(number, int) or not self.least <= number <= self.most:
            raise ValidationError(f"give a whole number from {self.least} to {self.most}")
        return number

    def json_schema(self) -> Shape:
        """What an editor takes."""
        return {**also("integer", text(DIGITS)), "minimum": self.least, "maximum": self.most}


class Truth(fields.Field[bool]):
    """`true` or `false` and no other word."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002 - the library's signature
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        raise ValidationError("give true or false")

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return also("boolean", text("true|false"))


class Choice(fields.Field[str]):
    """One of a few words."""

    def __init__(self, choices: tuple[str, ...], later: tuple[str, ...] = (), **settings: Any) -> None:
        super().__init__(**settings)
        self.choices = choices
        self.later = later

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        if isinstance(value, str) and value in self.choices:
            return value
        if isinstance(value, str) and value in self.later:
            raise ValidationError(f"`{value}` is not supported by this version: give {_either(self.choices)}")
        suggestion = did_you_mean(value, self.choices) if isinstance(value, str) else ""
        raise ValidationError(f"give {_either(self.choices)}{suggestion}")

    def json_schema(self) -> Shape:
        """What an editor takes."""
        return or_variable({"enum": list(self.choices)})


class Name(fields.Field[str]):
    """A name in kebab-case, fit for metrics, addresses and messages."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)  # a plain number is spelt as it was written
        if not isinstance(value, str) or not value:
            raise ValidationError("a name is needed here, such as hot-lead")
        if len(value) > LONGEST_NAME:
            raise ValidationError(f"a name has at most {LONGEST_NAME} characters")
        if not is_name(value):
            nearest = as_name(value) or "hot-lead"
            raise ValidationError(f"a name is written in small letters, digits and hyphens (did you mean {nearest}?)")
        return value

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return {**also("integer", text(KEBAB, example="hot-lead")), "maxLength": LONGEST_NAME}


def is_name(text: str) -> bool:
    """Whether a text can be a name."""
    return _KEBAB.fullmatch(text) is not None and len(text) <= LONGEST_NAME


def as_name(text: str) -> str:
    """A text in kebab-case."""
    return _BREAKS.sub("-", text.lower()).strip("-")


def _either(choices: tuple[str, ...]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"
