"""A lead: who it is, and what its fields mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite

from hookrouter.domain.ids import LeadKey

Scalar = str | int | float | bool | None
Json = Scalar | list["Json"] | dict[str, "Json"]
Fields = Mapping[str, Json]

ID_FIELDS = ("id", "leadID", "whoID")
"""The names under which the CRM's surfaces give a lead's id (API and push, postback, timeline)."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""A time may be so far ahead of our clock and still be of now."""

CRM_TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
EMAIL_FIELD = "emailAddress"
UPDATED_FIELD = "updateTimestamp"
CREATED_FIELD = "createTimestamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A lead as it was pushed; `fields` keep the values as they were received."""

    key: LeadKey
    fields: Fields

    @property
    def updated_at(self) -> datetime | None:
        """When the CRM last changed it, if it says so."""
        return crm_time(self.fields.get(UPDATED_FIELD))

    @property
    def created_at(self) -> datetime | None:
        """When the CRM created it, if it says so."""
        return crm_time(self.fields.get(CREATED_FIELD))


def lead_key(fields: Fields) -> LeadKey | None:
    """Who the lead is: by id, else by e-mail address in lower case, else nobody."""
    for name in ID_FIELDS:
        text = text_of(fields.get(name))
        if text:
            return LeadKey(text)
    email = text_of(fields.get(EMAIL_FIELD)).strip().lower()
    return LeadKey(f"email:{email}") if email else None


def is_empty(value: Json) -> bool:
    """Whether the CRM means 'nothing': it writes null and '' alike (crm-api 4.4)."""
    return not value and (value is None or isinstance(value, (str, list, dict)))


def text_of(value: Json) -> str:
    """The one spelling by which values are compared: 80 is "80", true is "1", null is ""."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case _:
            return _text_of_nested(value)


def _text_of_nested(value: list[Json] | dict[str, Json]) -> str:
    if not value:
        return ""
    if isinstance(value, list):
        return "[" + ",".join(text_of(part) for part in value) + "]"
    return "{" + ",".join(f"{name}:{text_of(value[name])}" for name in sorted(value)) + "}"


def same_value(one: Json, other: Json) -> bool:
    """Whether two values of a field say the same, however they were spelled."""
    if one == other:
        return True
    match one, other:
        case dict(), dict():
            return all(same_value(one.get(name), other.get(name)) for name in one.keys() | other.keys())
        case list(), list():
            return len(one) == len(other) and all(map(same_value, one, other))
        case (dict() | list(), _) | (_, dict() | list()):
            return is_empty(one) and is_empty(other)
        case _:
            return text_of(one) == text_of(other)


def crm_time(value: Json) -> datetime | None:
    """The moment that a timestamp tells (`YYYY-MM-DD HH:MM:SS`, in UTC unless it has a zone), or None."""
    time = plain_time(value)
    return time if time is None or time.tzinfo else time.replace(tzinfo=UTC)


def plain_time(value: Json) -> datetime | None:
    """A timestamp as it is written, with a zone only if that stands in it; None if it says nothing.

    The zero date and anything unreadable say nothing: the CRM sends both (crm-api 7, row 13).
    """
    if not isinstance(value, str) or not value or value.startswith("0000"):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def number_of(value: Json) -> float | None:
    """The number a field holds, also when it arrives as text; None if it holds none."""
    if isinstance(value, str):
        if not value or "_" in value:
            return None
    elif not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def field_at(fields: Fields, path: str) -> Json:
    """The value of a field, or of a dotted path into nested values; None where there is none."""
    if path in fields or "." not in path:
        return fields.get(path)
    first, *rest = path.split(".")
    value = fields.get(first)
    for part in rest:
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value
