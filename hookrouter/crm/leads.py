"""Leads read from the CRM."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hookrouter.crm.client import CrmClient
from hookrouter.domain.errors import CrmAway

LARGEST_PAGE = 500  # the CRM silently gives no more, whatever is asked
GET_LEADS = "getLeads"
LEAD_KEYS = ("lead", "leads")  # on the wire; in the documentation

CrmLead = dict[str, Any]


async def get_lead(client: CrmClient, lead_id: str) -> CrmLead | None:
    """The lead with this id, or None if the CRM does not know it."""
    leads = _leads_of(client, await client.call("getLead", {"id": lead_id}))
    return leads[0] if leads else None


async def get_leads(client: CrmClient, ids: Sequence[str]) -> list[CrmLead]:
    """Those of the leads that the CRM knows, inactive ones too; one call for each 500."""
    wanted = list(dict.fromkeys(ids))
    leads: list[CrmLead] = []
    for start in range(0, len(wanted), LARGEST_PAGE):
        params = _page({"id": wanted[start : start + LARGEST_PAGE]}, 0)
        leads += _leads_of(client, await client.call(GET_LEADS, params))
    return leads


async def get_leads_by_email(client: CrmClient, address: str) -> list[CrmLead]:
    """The leads with this e-mail address, however its letters are cased."""
    return _leads_of(client, await client.call(GET_LEADS, _page({"emailAddress": address}, 0)))


class CrmLeadCopies:
    """The port `LeadCopies`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def by_ids(self, ids: Sequence[str]) -> Sequence[CrmLead]:
        """The leads of up to 500 ids."""
        return await self._ask({"id": list(ids)})

    async def by_addresses(self, addresses: Sequence[str]) -> Sequence[CrmLead]:
        """The leads of up to 500 e-mail addresses."""
        return await self._ask({"emailAddress": list(addresses)})

    async def _ask(self, where: dict[str, Any]) -> Sequence[CrmLead]:
        return _surely_leads_of(self._client, await self._client.call(GET_LEADS, _page(where, 0)))


class CrmLeadPages:
    """The port `LeadPages`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def page(self, offset: int, limit: int = LARGEST_PAGE) -> Sequence[CrmLead]:
        """Some active leads from a place in the list of all; an empty page is the end."""
        params = {**_page({}, offset), "limit": limit}
        return _surely_leads_of(self._client, await self._client.call(GET_LEADS, params))


async def get_changed_leads(client: CrmClient, since: datetime, until: datetime, offset: int) -> list[CrmLead]:
    """Up to 500 leads created or updated in a span of time, the oldest first; an empty page is the end."""
    span = {"startDate": client.times.written(since), "endDate": client.times.written(until), "timestamp": "update"}
    params = {**span, "limit": LARGEST_PAGE, "offset": offset}
    return _leads_of(client, await client.call("getLeadsDateRange", params))


def _page(where: dict[str, Any], offset: int) -> dict[str, Any]:
    return {"where": where, "limit": LARGEST_PAGE, "offset": offset}


def _surely_leads_of(client: CrmClient, result: dict[str, Any]) -> list[CrmLead]:
    """The leads in a result that has a list of them: who takes silence for 'there are none' loses what the CRM knows.

    Raises:
        CrmAway: it has none.
    """
    if not any(isinstance(result.get(key), list | dict) for key in LEAD_KEYS):
        raise CrmAway(f"the CRM's answer to {GET_LEADS} has no list of leads; it is asked again later")
    return _leads_of(client, result)


def _leads_of(client: CrmClient, result: dict[str, Any]) -> list[CrmLead]:
    """The leads in a result; one without an id stands for 'not found' and is left out (crm-api 3.5)."""
    found: Any = next((result[key] for key in LEAD_KEYS if result.get(key)), [])
    listed = found if isinstance(found, list) else [found]
    known = [lead for lead in listed if isinstance(lead, dict) and lead.get("id") not in (None, "")]
    return client.times.of_copies(known, client.now())
