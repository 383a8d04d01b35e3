"""The lead as the CRM pushes it, judged field by field."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.lead import EMAIL_FIELD, ID_FIELDS, Json, Lead, lead_key, number_of
from hookrouter.domain.push import Batch, RejectedLead

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_FLAGS = frozenset({"", "0", "1", "true", "false"})


class KindField(fields.Field[Json], ABC):
    """A field whose value is kept as it came, if it is of its kind."""

    fault: ClassVar[str]

    @staticmethod
    @abstractmethod
    def is_sound(value: Json) -> bool:
        """Whether a value is of this kind."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Json:  # noqa: ARG002 - the library's signature
        if not self.is_sound(value):
            raise ValidationError(self.fault)
        return value  # type: ignore[no-any-return]  # it is of its kind by now


class IdField(KindField):
    """An id as text; the CRM writes the same id as text in reads and as a number elsewhere (crm-api 7, row 1)."""

    fault = "an id is digits or letters, 64 at most"

    @staticmethod
    def is_sound(value: Json) -> bool:
        """Whether it is an id as text, or empty."""
        return isinstance(value, str) and (not value or _ID.fullmatch(value) is not None)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Json:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        return super()._deserialize(text, attr, data, **kwargs)


class NumberField(KindField):
    """A number; the CRM sends them as text (crm-api 7, row 2)."""

    fault = "not a number"

    @staticmethod
    def is_sound(value: Json) -> bool:
        """Whether it says a number, or is empty."""
        return value == "" or number_of(value) is not None


class FlagField(KindField):
    """A yes or no: "0" and "1" on the wire (crm-api 4.1)."""

    fault = "neither 0 nor 1"

    @staticmethod
    def is_sound(value: Json) -> bool:
        """Whether it says yes or no, or is empty."""
        return str(value).lower() in _FLAGS


class TextField(KindField):
    """Text; a timestamp is text too, for a wrong one must not cost the lead (crm-api 7, row 13)."""

    fault = "not text"

    @staticmethod
    def is_sound(value: Json) -> bool:
        """Whether it is text."""
        return isinstance(value, str)


class LeadSchema(Schema):
    """The fields whose kind matters to us; all others, custom ones included, are kept as they come."""

    class Meta:
        unknown = EXCLUDE

    id = IdField(allow_none=True)
    leadID = IdField(allow_none=True)  # noqa: N815 - the CRM's name
    whoID = IdField(allow_none=True)  # noqa: N815 - the CRM's name
    accountID = IdField(allow_none=True)  # noqa: N815 - the CRM's name
    ownerID = IdField(allow_none=True)  # noqa: N815 - the CRM's name
    campaignID = IdField(allow_none=True)  # noqa: N815 - the CRM's name
    emailAddress = TextField(allow_none=True)  # noqa: N815 - the CRM's name
    leadStatus = TextField(allow_none=True)  # noqa: N815 - the CRM's name
    leadScore = NumberField(allow_none=True)  # noqa: N815 - the CRM's name
    leadScoreWeighted = NumberField(allow_none=True)  # noqa: N815 - the CRM's name
    active = FlagField(allow_none=True)
    isQualified = FlagField(allow_none=True)  # noqa: N815 - the CRM's name
    isContact = FlagField(allow_none=True)  # noqa: N815 - the CRM's name
    isCustomer = FlagField(allow_none=True)  # noqa: N815 - the CRM's name
    isUnsubscribed = FlagField(allow_none=True)  # noqa: N815 - the CRM's name
    updateTimestamp = TextField(allow_none=True)  # noqa: N815 - the CRM's name
    createTimestamp = TextField(allow_none=True)  # noqa: N815 - the CRM's name


_SCHEMA = LeadSchema()
_SOUND = {name: field.is_sound for name, field in _SCHEMA.load_fields.items() if isinstance(field, KindField)}


def read_batch(values: list[Json], bounds: Bounds = USUAL) -> Batch:
    """Part the good leads of a push from the bad ones, each with its number in the push."""
    accepted: list[tuple[int, Lead]] = []
    rejected: list[RejectedLead] = []
    for place, value in enumerate(values):
        try:
            accepted.append((place, read_lead(value, bounds)))
        except ValidationError as fault:
            rejected.append(RejectedLead(place=place, value=value, errors=_by_field(fault)))
    return Batch(accepted=accepted, rejected=rejected)


def read_lead(value: Json, bounds: Bounds = USUAL) -> Lead:
    """Judge one lead.

    Raises:
        ValidationError: with every fault by field.
    """
    if not isinstance(value, dict):
        raise ValidationError("a lead is an object with fields")
    _check_bounds(value, bounds)
    if not _is_sound(value):
        value = {**value, **_SCHEMA.load({name: value[name] for name in value.keys() & _SOUND.keys()})}
    key = lead_key(value)
    if key is None:
        raise ValidationError(f"none of {', '.join(ID_FIELDS)}, {EMAIL_FIELD} says who it is", "id")
    return Lead(key=key, fields=value)


def _is_sound(value: dict[str, Json]) -> bool:
    """Whether the schema would change and refuse nothing; asking it costs several times as much."""
    for name, is_sound in _SOUND.items():
        content = value.get(name)
        if content is not None and not is_sound(content):
            return False
    return True


def _check_bounds(value: dict[str, Json], bounds: Bounds) -> None:
    if len(value) > bounds.fields:
        raise ValidationError(f"a lead may have {bounds.fields} fields at most")
    if max(map(len, value), default=0) > bounds.field_name:
        raise ValidationError(f"a field's name is longer than {bounds.field_name} characters")
    size, longest = 0, bounds.field_value  # looked up once: leads have up to 90 fields, pushes hundreds of leads
    for name, content in value.items():
        if not content:
            continue
        length = len(content) if isinstance(content, str) else _length(content)
        if length > longest:
            raise ValidationError(f"longer than {longest} characters", name)
        size += length
    if size > bounds.lead:
        raise ValidationError(f"a lead may have {bounds.lead} characters in all its fields together")


def _length(content: Json) -> int:
    match content:
        case str():
            return len(content)
        case list():
            return len(content) + sum(map(_length, content))
        case dict():
            return sum(len(name) + 1 + _length(each) for name, each in content.items())
        case _:
            return 0


def _by_field(fault: ValidationError) -> dict[str, str]:
    messages = fault.messages
    if isinstance(messages, list):
        return {"lead": "; ".join(str(message) for message in messages)}
    return {
        ("lead" if name == "_schema" else str(name)): "; ".join(texts if isinstance(texts, list) else [str(texts)])
        for name, texts in messages.items()
    }
