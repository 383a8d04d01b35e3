"""The fields of a simulated lead, in the order of a live answer."""

from __future__ import annotations

from hookrouter.domain.crm_fields import SYSTEM_FIELDS

SimulatedLead = dict[str, str | None]
"""Field names with their values as the CRM writes them: everything is text, null or ''."""

FAVORITE_COLOR = "favorite_color_5a0dd86e6e290"
INTERESTS = "interests__check_all_that_apply__61a0c41b7e9a0"
CONTACT_TIME = "preferred_contact_time_61a0c3f2b4d5e"

CUSTOM_FIELDS = {
    FAVORITE_COLOR: ("Favorite Color", "string"),
    INTERESTS: ("Interests (check all that apply)", "checkbox"),
    CONTACT_TIME: ("Preferred Contact Time", "picklist"),
}
"""systemName -> label, dataType."""

LEAD_FIELDS = (*SYSTEM_FIELDS, *CUSTOM_FIELDS)
READ_ONLY = frozenset({"id", "updateTimestamp", "createTimestamp", "status"})
NULLABLE = frozenset({"accountID", "ownerID", "campaignID", "isUnsubscribed", "active"})
"""The fields into which null may be written."""

NUMBERS = frozenset(
    {"active", "isQualified", "isContact", "isCustomer", "status", "leadScore", "leadScoreWeighted", "isUnsubscribed"}
)
IDS = frozenset({"accountID", "ownerID", "campaignID"})
STATUSES = ("unqualified", "open", "qualified", "contact", "customer", "contactWithOpp")
LOCKED_STATUS = "contactWithOpp"  # the CRM keeps it, whatever is written

_NEVER_NULL: SimulatedLead = {
    "companyName": "",
    "persona": "",
    "trackingID": "_",
    "active": "1",
    "isQualified": "0",
    "isContact": "0",
    "isCustomer": "0",
    "status": "0",
    "leadScore": "0",
    "leadScoreWeighted": "0",
    "leadStatus": "unqualified",
    **dict.fromkeys(CUSTOM_FIELDS, ""),
}


def blank_lead() -> SimulatedLead:
    """A lead of which nothing was ever set: null in system fields, '' in custom ones."""
    return {name: _NEVER_NULL.get(name) for name in LEAD_FIELDS}


def flags_of(status: str) -> SimulatedLead:
    """The flags that follow from a lead's status."""
    rank = STATUSES.index(status)
    return {
        "isQualified": "1" if rank >= STATUSES.index("qualified") else "0",
        "isContact": "1" if rank >= STATUSES.index("contact") else "0",
        "isCustomer": "1" if status == "customer" else "0",
    }


def describe_fields() -> list[dict[str, str]]:
    """The fields as getFields tells them."""
    return [_describe(number, name) for number, name in enumerate(LEAD_FIELDS)]


def _describe(number: int, name: str) -> dict[str, str]:
    label, kind = CUSTOM_FIELDS.get(name, (name, "string"))
    return {
        "id": str(300_000_002 + number * 1024),
        "relationship": "lead",
        "systemName": name,
        "label": label,
        "source": "user" if name in CUSTOM_FIELDS else "default",
        "dataType": kind,
        "dataLength": "255",
        "isRequired": "1" if name == "emailAddress" else "0",
        "isCustom": "1" if name in CUSTOM_FIELDS else "0",
        "isActive": "1",
    }
