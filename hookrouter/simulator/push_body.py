"""The bodies of pushes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from hookrouter.simulator.lead_fields import CUSTOM_FIELDS, LEAD_FIELDS
from hookrouter.simulator.shapes import Labelling, Shape, Transfer

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
BOUNDARY = "------------------------5f1c7a9e2b4d6083"  # as curl writes one, which is what PHP posts by
MULTIPART_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
FORM_NAMES = {"id": "leadID", "trackingID": "trackingid__sb"}
FORM_ENDS = {"accountid__sb": "307412802", "formid__sb": "424242178"}

PushedLead = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushBody:
    """What is POSTed; without a content type nothing is said of it."""

    content_type: str | None
    content: bytes
    transfer: Transfer = Transfer.PLAIN


def encode_push(
    leads: Sequence[PushedLead],
    shape: Shape,
    labelling: Labelling = Labelling.RIGHT,
    transfer: Transfer = Transfer.PLAIN,
) -> PushBody:
    """The body that carries these leads, no more of them than the shape takes."""
    match shape:
        case Shape.FORM:
            kind, content = FORM_TYPE, urlencode(list(_fields_of(leads)), errors="replace").encode()
        case Shape.FORM_JSON:
            kind, content = FORM_TYPE, urlencode({"leads": php_json(leads)}).encode()
        case Shape.MULTIPART:
            kind, content = MULTIPART_TYPE, _parts(_fields_of(leads))
        case Shape.POSTBACK:
            kind, content = MULTIPART_TYPE, _parts((name, _text(value)) for name, value in leads[0].items())
        case Shape.FORM_POSTBACK:
            kind, content = MULTIPART_TYPE, _parts(_as_form_names(leads[0]))
        case _:
            kind, content = JSON_TYPE, php_json(_wrap(leads, shape))
    return PushBody(content_type=_label(kind, labelling), content=content, transfer=transfer)


def php_json(value: object) -> bytes:
    """JSON as PHP writes it: ASCII only, slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def _wrap(leads: Sequence[PushedLead], shape: Shape) -> Any:
    match shape:
        case Shape.SINGLE:
            return leads[0]
        case Shape.WRAPPED:
            return {"lead": leads[0]}
        case Shape.LEADS | Shape.LEAD | Shape.DATA:
            return {shape.value: leads}
        case Shape.ENVELOPE:
            return {"result": {"lead": leads}, "error": None, "id": ""}
        case _:
            return leads


def _fields_of(leads: Sequence[PushedLead]) -> Iterator[tuple[str, str]]:
    for place, lead in enumerate(leads):
        for name, value in lead.items():
            yield f"leads[{place}][{name}]", _text(value)


def _as_form_names(lead: PushedLead) -> Iterator[tuple[str, str]]:
    """A lead under the names that a form's postback has: custom fields by number."""
    for name, value in lead.items():
        number = 300_000_002 + 1024 * LEAD_FIELDS.index(name) if name in CUSTOM_FIELDS else None
        yield (f"field_{number}" if number else FORM_NAMES.get(name, name)), _text(value)
    yield from FORM_ENDS.items()


def _parts(fields: Iterator[tuple[str, str]]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields
    ]
    return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode("utf-8", "replace")


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _label(kind: str, labelling: Labelling) -> str | None:
    match labelling:
        case Labelling.NONE:
            return None
        case Labelling.TEXT:
            return "text/plain"
        case Labelling.WRONG:
            return FORM_TYPE if kind == JSON_TYPE else JSON_TYPE
        case Labelling.RIGHT:
            return kind
