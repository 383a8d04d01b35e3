"""Fields of answers, each with what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, validate

AnyField = fields.Field[Any]


def _about(about: str, **more: Any) -> dict[str, Any]:
    return {"required": True, "metadata": {"description": about, **more}}


def text(about: str) -> AnyField:
    """A text; '' where there is nothing to tell."""
    return fields.Str(**_about(about))


def text_or_none(about: str) -> AnyField:
    """A text, or null."""
    return fields.Str(allow_none=True, **_about(about))


def one_of(words: Sequence[str], about: str) -> AnyField:
    """One of a few words."""
    return fields.Str(validate=validate.OneOf([str(word) for word in words]), **_about(about))


def count(about: str) -> AnyField:
    """A whole number from 0."""
    return fields.Int(validate=validate.Range(min=0), **_about(about))


def count_or_none(about: str) -> AnyField:
    """A whole number, or null where nobody knows it."""
    return fields.Int(allow_none=True, **_about(about))


def number_or_none(about: str) -> AnyField:
    """A number, or null."""
    return fields.Float(allow_none=True, **_about(about))


def truth(about: str) -> AnyField:
    """True or false."""
    return fields.Bool(**_about(about))


def moment(about: str) -> AnyField:
    """A moment in ISO 8601, with its zone."""
    return fields.Str(**_about(about, format="date-time"))


def moment_or_none(about: str) -> AnyField:
    """A moment, or null."""
    return fields.Str(allow_none=True, **_about(about, format="date-time"))


def day(about: str) -> AnyField:
    """A day in ISO 8601."""
    return fields.Str(**_about(about, format="date"))


def texts(about: str) -> AnyField:
    """A list of texts."""
    return fields.List(fields.Str(), **_about(about))


def by_name(about: str) -> AnyField:
    """A map from names to values of any kind."""
    return fields.Dict(keys=fields.Str(), **_about(about))


def anything(about: str) -> AnyField:
    """A value of any kind."""
    return fields.Raw(allow_none=True, **_about(about))


def a(schema: type[Schema], about: str) -> AnyField:
    """What another schema describes."""
    return fields.Nested(schema, **_about(about))


def a_or_none(schema: type[Schema], about: str) -> AnyField:
    """What another schema describes, or null."""
    return fields.Nested(schema, allow_none=True, **_about(about))


def many(schema: type[Schema], about: str) -> AnyField:
    """A list of what another schema describes."""
    return fields.List(fields.Nested(schema), **_about(about))


def maybe(field: AnyField) -> AnyField:
    """The same field, which an answer may leave out."""
    field.required = False
    return field
