"""The CRM's postbacks, whose forms name some of a lead's fields otherwise than its API (crm-api 6.2)."""

from __future__ import annotations

from types import MappingProxyType

from hookrouter.domain.lead import Json

OWN_NAMES = MappingProxyType({"leadID": "id", "trackingid__sb": "trackingID"})
"""A postback's name, and the lead's own for the same; custom fields come as `field_<id>` and stay so."""


def lead_of_postback(lead: Json) -> Json:
    """A lead of a form, also under its own names, so that a rule sees it as it sees a pushed one."""
    if not isinstance(lead, dict):
        return lead
    own = {OWN_NAMES[name]: value for name, value in lead.items() if name in OWN_NAMES and value}
    return {**own, **{name: value for name, value in lead.items() if value or name not in own}}
