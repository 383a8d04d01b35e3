"""What the CRM remembers of a lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hookrouter.crm.client import CrmClient
from hookrouter.domain.lead import Json
from hookrouter.ports.crm import PAGE_OF_EVENTS

CrmEvent = dict[str, Any]


async def get_lead_timeline(
    client: CrmClient, who_id: str, source: str | None, offset: int = 0
) -> list[Mapping[str, Json]]:
    """Up to 500 events of a lead, of one event source or of all.

    They have no id, come grouped by source in no sure order, and exact duplicates among them are genuine (crm-api 5.2).
    """
    where = {"whoID": who_id} if source is None else {"whoID": who_id, "eventSource": source}
    result = await client.call("getLeadTimeline", {"where": where, "limit": PAGE_OF_EVENTS, "offset": offset})
    events = result.get("leadTimeline") or []
    told = [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    return client.times.of_events(told, client.now())


class CrmHistory:
    """The port `History`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def timeline(self, lead: str, source: str | None, offset: int = 0) -> Sequence[Mapping[str, Json]]:
        """A page of events of a lead, of one event source or of all."""
        return await get_lead_timeline(self._client, lead, source, offset)
