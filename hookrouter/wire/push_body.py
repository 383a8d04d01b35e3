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
from hookrouter.wire.form_body import is_form, read_form
from hookrouter.wire.inflate import inflate
from hookrouter.wire.php_names import nest
from hookrouter.wire.postback import lead_of_postback
from hookrouter.wire.strict_json import BOM, read_json

WRAPPERS = ("leads", "lead", "objects", "data", "result")
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
    opened = {name: _opened(value, depth) for name, value in fields.items()}
    found = (
        leads for value in (opened, *filter(_holds_objects, opened.values())) if (leads := _unwrap(value)) is not None
    )
    return next(([lead_of_postback(lead) for lead in leads] for leads in found), None)


def _holds_objects(value: Json) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


def _opened(value: Json, depth: int) -> Json:
    """A field's value, or the JSON in it."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        opened: Json = read_json(value.strip().encode(), depth)
        return opened
    return value


def _unwrap(value: Json) -> list[Json] | None:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    for name in WRAPPERS:
        inner = value.get(name)
        if isinstance(inner, dict | list) and (inner or not _is_like_a_lead(value)):
            found = _unwrap(inner)
            if found is not None:
                return found
    return [value] if _is_like_a_lead(value) else None


def _is_like_a_lead(value: dict[str, Json]) -> bool:
    return not LEAD_MARKS.isdisjoint(value)
