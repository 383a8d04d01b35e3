"""The fields that leads have in the CRM."""

from __future__ import annotations

from hookrouter.crm.client import CrmClient
from hookrouter.domain.errors import CrmAway

METHOD = "getFields"
LARGEST_PAGE = 500
MOST_PAGES = 20
"""More fields than any account has; a CRM that knows no end of them is not asked for ever."""


async def field_names(client: CrmClient) -> frozenset[str]:
    """The names of all fields of leads, custom ones too, by which reads and pushes give them."""
    names: set[str] = set()
    for page in range(MOST_PAGES):
        where = {"where": {}, "limit": LARGEST_PAGE, "offset": page * LARGEST_PAGE}
        result = await client.call(METHOD, where)
        found = result.get("field", result.get("fields"))
        if not isinstance(found, list):
            raise CrmAway(f"the CRM's answer to {METHOD} has no fields")
        fields = [one for one in found if isinstance(one, dict)]
        names |= {str(one["systemName"]) for one in fields if one.get("systemName") and _is_of_leads(one)}
        if len(found) < LARGEST_PAGE:
            break
    return frozenset(names)


def _is_of_leads(field: dict[str, object]) -> bool:
    return str(field.get("relationship") or "lead") in {"lead", "contact"}
