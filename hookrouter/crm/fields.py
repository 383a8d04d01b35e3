"""The fields that leads have in the CRM."""

from __future__ import annotations

from hookrouter.crm.client import CrmClient
from hookrouter.crm.paging import Row, Rows

METHOD = "getFields"
FIELD_KEYS = ("field", "fields")  # on the wire; in the documentation
MOST_FIELDS = 10_000
"""More than any account has; a CRM that knows no end of them is not asked for ever."""


async def get_fields(client: CrmClient) -> list[Row]:
    """All fields of the account, custom ones too, of leads and of all else."""
    rows = Rows(client=client, method=METHOD, params={"where": {}}, keys=FIELD_KEYS)
    fields: list[Row] = []
    async for row in rows.each():
        fields.append(row)
        if len(fields) == MOST_FIELDS:
            break
    return fields


async def field_names(client: CrmClient) -> frozenset[str]:
    """The names of all fields of leads, by which reads and pushes give them."""
    named = [one for one in await get_fields(client) if one.get("systemName")]
    return frozenset(str(one["systemName"]) for one in named if is_of_leads(one))


def is_of_leads(field: Row) -> bool:
    """Whether leads have a field."""
    return str(field.get("relationship") or "lead") in {"lead", "contact"}
