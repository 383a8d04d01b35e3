"""The canary's lead in the CRM: its field changed, and looked at."""

from __future__ import annotations

from hookrouter.crm.client import CrmClient
from hookrouter.crm.leads import get_leads
from hookrouter.crm.writes import update_leads_v2
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import text_of
from hookrouter.wire.crm.errors import NO_SUCH_RECORD, NOTHING_CHANGED


class CrmCage:
    """The port `Cage`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def write(self, lead: LeadKey, field: str, value: str) -> str:
        """Change a lead's field; why the CRM did not, '' when it did."""
        [result] = await update_leads_v2(self._client, [{"id": lead, field: value}])
        if result.success:
            return ""
        if not result.is_known:
            return f"the CRM does not answer, and nobody knows whether it changed lead {lead}"
        if result.code == NO_SUCH_RECORD:
            return f"the CRM knows no lead {lead}: name one of its leads in crm.canary.lead"
        if result.code == NOTHING_CHANGED:
            return f"the CRM changed nothing of lead {lead}: is {field}, named in crm.canary.field, a field of it?"
        return f"the CRM refused to change {field} of lead {lead}: {result.message} (code {result.code})"

    async def has(self, lead: LeadKey, field: str, value: str) -> bool:
        """Whether a lead's field has this value."""
        leads = await get_leads(self._client, [lead])
        return any(text_of(each.get(field)) == value for each in leads)
