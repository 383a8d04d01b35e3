"""What may be asked with a call: which part of a list, of which deliveries, and whether what is personal is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from hookrouter.wire.moments import Said, back_from, read_said

MOST = 200
"""Rows of a page; each may be a few kilobytes, and a receiver makes them beside taking pushes."""
USUAL = 50
LONGEST_NAME = 200
LONGEST_LEAD = 320
"""Characters; the longest e-mail address has so many."""
LONGEST_REASON = 500
ENTRY = r"[1-9][0-9]{0,18}-[0-9]{1,19}"
PLACE = r"[0-9]{1,20}(?:\.[0-9]{1,20})?(?:e[+-]?[0-9]{1,3})?:[\x21-\x7e]{1,200}"
NUMBER = r"[0-9]{1,6}"


class Question(Schema):
    """What is asked; a word that is not known is a fault."""

    class Meta:
        unknown = RAISE


class SaidField(fields.Field[Said]):
    """A moment as people say it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Said:  # noqa: ARG002 - the library's signature
        try:
            return read_said(value if isinstance(value, str) else repr(value))
        except ValueError as fault:
            raise ValidationError(str(fault)) from None


def said(about: str, **settings: Any) -> SaidField:
    """A field for a moment as people say it."""
    return SaidField(metadata={"description": about, "type": "string", "maxLength": 64}, **settings)


def name(about: str, **settings: Any) -> fields.Str:
    """A field for a name."""
    return fields.Str(validate=validate.Length(1, LONGEST_NAME), metadata={"description": about}, **settings)


def lead(about: str, **settings: Any) -> fields.Str:
    """A field for a lead's id or e-mail address."""
    return fields.Str(validate=validate.Length(1, LONGEST_LEAD), metadata={"description": about}, **settings)


def cursor(shape: str) -> fields.Str:
    """Where a page begins; `shape` is what earlier pages give as `next`."""
    fault = "this is no place in the list: give what an earlier page says in `next`, or leave it out"
    return fields.Str(
        validate=validate.Regexp(rf"^(?:{shape})\Z", error=fault),
        metadata={
            "description": "What an earlier page said in `next`: the page behind it.",
            "pattern": f"^(?:{shape})$",
        },
    )


class LimitQuery(Question):
    """How many rows."""

    limit = fields.Int(
        strict=False,
        load_default=USUAL,
        validate=validate.Range(1, MOST, error=f"give a number from 1 to {MOST}"),
        metadata={"description": "At most so many rows."},
    )


class UnmaskQuery(Question):
    """Whether what is personal is shown."""

    unmask = fields.Bool(
        load_default=False,
        metadata={
            "description": "Show e-mail addresses, telephone numbers and the fields under `redact` as they are: for "
            "operators "
            "only, and written to the audit log."
        },
    )


class EntriesQuery(LimitQuery):
    """A page of a stream."""

    after = cursor(ENTRY)


class PlacesQuery(LimitQuery):
    """A page of an index by time."""

    after = cursor(PLACE)


class SpanQuery(Question):
    """A span of time."""

    since = said("From this moment on, or not longer ago than, say, `2h`.")
    until = said("Before this moment, or longer ago than, say, `2h`.")


class WantedQuery(SpanQuery):
    """Which deliveries are meant."""

    sink = name("Of this sink.")
    route = name("Of this route.")


def span_of(asked: Mapping[str, Any], now: datetime) -> tuple[datetime | None, datetime | None]:
    """The span of time that is meant.

    Raises:
        ValidationError: it begins when it is over.
    """
    since, until = back_from(now, asked.get("since")), back_from(now, asked.get("until"))
    if since is not None and until is not None and since >= until:
        raise ValidationError("`since` must lie before `until`", "since")
    return since, until
