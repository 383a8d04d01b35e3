"""The leads in a push, found by what the body is.

Nobody outside the vendor knows the push's outer shape (crm-api 6.1): a list of leads, one lead, or either
wrapped under one of the names that the CRM's API uses, nested as in a whole API answer.
"""

from __future__ import annotations

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.lead import EMAIL_FIELD, ID_FIELDS, Json
from hookrouter.wire.strict_json import read_json

WRAPPERS = ("leads", "lead", "objects", "data", "result")
LEAD_MARKS = frozenset(
    {*ID_FIELDS, EMAIL_FIELD, "leadStatus", "firstName", "lastName", "companyName", "updateTimestamp"}
)
"""Fields by which an object without a wrapper is taken for a lead, if only to be rejected with a reason."""

MOST_LEADS = 5000


def read_push_body(body: bytes) -> list[Json]:
    """The leads of a push as they are, not yet judged.

    Raises:
        PushRefused: 400 for what is no JSON, 413 for too many leads, 422 when nothing in it is a lead.
    """
    leads = _unwrap(read_json(body))
    if leads is None:
        raise PushRefused(422, "no lead in it", "nothing in the body is a lead: send a list of leads, or one lead")
    if len(leads) > MOST_LEADS:
        raise PushRefused(413, "too many leads", f"a push may hold {MOST_LEADS} leads at most")
    return leads


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
