"""The shapes in which a push may arrive; nobody outside the vendor knows which is the real one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from hookrouter.simulator.lead_fields import SimulatedLead

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
LARGEST_BATCH = 500


class Shape(StrEnum):
    """How a batch of leads is wrapped (crm-api 6.1)."""

    LIST = "list"  # a bare JSON list
    LEADS = "leads"  # {"leads": [...]}
    LEAD = "lead"  # {"lead": [...]}
    ENVELOPE = "envelope"  # a whole API answer
    SINGLE = "single"  # one lead a push
    FORM = "form"  # leads[0][id]=...


@dataclass(frozen=True, slots=True, kw_only=True)
class PushBody:
    """What is POSTed."""

    content_type: str
    content: bytes


def leads_a_push(shape: Shape) -> int:
    """How many leads one push carries at most."""
    return 1 if shape is Shape.SINGLE else LARGEST_BATCH


def encode_batch(leads: Sequence[SimulatedLead], shape: Shape) -> PushBody:
    """The body that carries these leads, no more of them than the shape takes."""
    if shape is Shape.FORM:
        return PushBody(content_type=FORM_TYPE, content=_form(leads))
    return PushBody(content_type=JSON_TYPE, content=php_json(_wrap(leads, shape)))


def php_json(value: object) -> bytes:
    """JSON as PHP writes it: ASCII only, slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def _wrap(leads: Sequence[SimulatedLead], shape: Shape) -> Any:
    match shape:
        case Shape.SINGLE:
            return leads[0]
        case Shape.LEADS:
            return {"leads": leads}
        case Shape.LEAD:
            return {"lead": leads}
        case Shape.ENVELOPE:
            return {"result": {"lead": leads}, "error": None, "id": ""}
        case _:
            return leads


def _form(leads: Sequence[SimulatedLead]) -> bytes:
    pairs = [
        (f"leads[{place}][{name}]", value or "") for place, lead in enumerate(leads) for name, value in lead.items()
    ]
    return urlencode(pairs, errors="replace").encode()
