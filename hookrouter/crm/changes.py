"""Leads that changed in the CRM, a page at a time, and those that are still there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from hookrouter.crm.client import CrmClient
from hookrouter.crm.leads import LeadRow, all_leads, get_changed_leads
from hookrouter.domain.reconciling import Kind, Span


class CrmChanges:
    """Leads that changed; of each only some fields, if any are named."""

    def __init__(self, client: CrmClient, fields: Sequence[str] = ()) -> None:
        self._client = client
        self._fields = fields

    async def page(self, kind: Kind, span: Span, offset: int, limit: int) -> Sequence[LeadRow]:
        """Some of the leads whose time of a kind lies in a span; without any update, a creation counts as one."""
        return await get_changed_leads(self._client, kind, span, offset, limit=limit, fields=self._fields)


class CrmActiveLeads:
    """The port `ActiveLeads`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def ids(self) -> AsyncIterator[str]:
        """The id of each active lead, once."""
        async for lead in all_leads(self._client, ["id"]):
            yield str(lead["id"])
