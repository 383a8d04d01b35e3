"""The leads in a push, found by what the body is.

Nobody outside the vendor knows the push's shape (crm-api 6.1): JSON or a form; a list of leads, one lead, or
either wrapped under one of the names that the CRM's API uses, nested as in a whole API answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.errors import PushRefused
from hookrouter.domain.lead import EMAIL_FIELD, ID_FIELDS, Json
from hookrouter.wire.pushes.form_body import is_form, read_form
from hookrouter.wire.pushes.inflate import inflate
from hookrouter.wire.pushes.php_names import nest
from hookrouter.wire.pushes.postback import lead_of_postback
from hookrouter.wire.strict_json import BOM, read_json

WRAPPERS = ("leads", "lead", "objects", "data", "result")
FOR_LEADS_ALONE = frozenset({"leads", "lead", "objects", "result"})
"""Wrappers that hold nothing but leads or the answer to a question for some."""
LEAD_MARKS = frozenset(
    {*ID_FIELDS, EMAIL_FIELD, "leadStatus", "firstName", "lastName", "companyName", "updateTimestamp"}
)
"""Fields by which an object without a wrapper is taken for a lead, if only to be rejected with a reason."""
JSON_BEGINS = (b"{", b"[", b'"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the sender says of a body; wrong or missing as often as not."""

    content_type: str = ""
    content_encoding: str = ""

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Self:
        """The label among the headers of a push."""
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(content_type=lowered.get("content-type", ""), content_encoding=lowered.get("content-encoding", ""))


UNLABELLED = Label()


def read_push_body(body: bytes, label: Label = UNLABELLED, bounds: Bounds = USUAL) -> list[Json]:
    """The leads of a push as they are, not yet judged.

    Raises:
        PushRefused: 400 for what cannot be read, 413 for too many bytes or leads, 415 for an unknown coding,
            422 when nothing in it is a lead.
    """
    plain = inflate(body, label.content_encoding, bounds.body).removeprefix(BOM).strip()
    media = label.content_type.partition(";")[0].strip().lower()
    if not plain.startswith(JSON_BEGINS) and is_form(plain, media):
        leads = _of_form(nest(read_form(plain, label.content_type, bounds.form_fields), bounds.depth), bounds.depth)
    else:
        leads = _unwrap(read_json(plain, bounds.depth))
    if leads is None:
        raise PushRefused(422, "no lead in it", "nothing in the body is a lead: send a list of leads, or one lead")
    if len(leads) > bounds.leads:
        raise PushRefused(413, "too many leads", f"a push may hold {bounds.leads} leads at most")
    return leads


def _of_form(fields: dict[str, Json], depth: int) -> list[Json] | None:
    """The leads of a form: itself, those under its brackets, or the JSON in one of its fields."""
    if _is_like_a_lead(fields):
        return [lead_of_postback(fields)]
    opened = _Opened.of(fields, depth)
    places = (opened.fields, *filter(_holds_objects, opened.fields.values()))
    found = next((leads for place in places if (leads := _unwrap(place)) is not None), None)
    if found is None and opened.fault is not None:
        raise opened.fault
    return None if found is None else [lead_of_postback(lead) for lead in found]


def _holds_objects(value: Json) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


@dataclass(frozen=True, slots=True)
class _Opened:
    """A form's fields, with the JSON in them as what it says.

    A text may begin like JSON (`[urgent] please call`) and costs nothing but where nothing else is a lead.
    """

    fields: dict[str, Json]
    fault: PushRefused | None

    @classmethod
    def of(cls, fields: Mapping[str, Json], depth: int) -> Self:
        opened, fault = dict(fields), None
        for name, value in fields.items():
            if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
                try:
                    opened[name] = read_json(value.strip().encode(), depth)
                except PushRefused as refusal:
                    fault = fault or refusal
        return cls(opened, fault)


def _unwrap(value: Json) -> list[Json] | None:
    if isinstance(value, list):
        return [_unwrapped(each) for each in value]
    if not isinstance(value, dict):
        return None
    for name in WRAPPERS:
        inner = value.get(name)
        if isinstance(inner, dict | list) and (inner or not _is_a_lead_around(value, name)):
            found = _unwrap(inner) if inner else _none_in(inner, name)
            if found is not None:
                return found
    if _is_like_a_lead(value):
        return [value]
    return [_unwrapped(each) for each in value.values()] if _is_numbered(value) else None


def _none_in(empty: Json, wrapper: str) -> list[Json] | None:
    """No leads, where a wrapper says so: PHP writes an empty list as an empty map, and the reverse."""
    return [] if isinstance(empty, list) or wrapper in FOR_LEADS_ALONE else None


def _unwrapped(value: Json) -> Json:
    """One of a list of leads, also where each is wrapped by itself."""
    if isinstance(value, dict) and len(value) == 1 and not _is_like_a_lead(value):
        [(name, inner)] = value.items()
        return inner if name in WRAPPERS and isinstance(inner, dict) else value
    return value


def _is_numbered(value: dict[str, Json]) -> bool:
    """Whether it is a list as PHP writes one with gaps: a map by numbers."""
    return bool(value) and all(name.isdigit() and isinstance(each, dict) for name, each in value.items())


def _is_a_lead_around(value: dict[str, Json], wrapper: str) -> bool:
    """Whether a wrapper's empty content is a field of a lead; an API's answer has an `id` and an `error` as well."""
    return _is_like_a_lead(value) and not (wrapper == "result" and "error" in value)


def _is_like_a_lead(value: dict[str, Json]) -> bool:
    return not LEAD_MARKS.isdisjoint(value)
