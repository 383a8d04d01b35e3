"""What the CRM remembers of a lead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from hookrouter.crm.client import CrmClient
from hookrouter.crm.paging import Rows, rows_of
from hookrouter.domain.lead import Json
from hookrouter.ports.crm import PAGE_OF_EVENTS

METHOD = "getLeadTimeline"


async def get_lead_timeline(
    client: CrmClient, who_id: str, source: str | None, offset: int = 0
) -> list[Mapping[str, Json]]:
    """Up to 500 events of a lead, of one event source or of all.

    They have no id, come grouped by source in no sure order, and exact duplicates among them are genuine (crm-api 5.2).
    """
    params = {**_of_lead(who_id, source), "limit": PAGE_OF_EVENTS, "offset": offset}
    result = await client.call(METHOD, params)
    return client.times.of_events(rows_of(result.get("leadTimeline")), client.now())


async def whole_timeline(client: CrmClient, who_id: str, source: str | None) -> AsyncIterator[Mapping[str, Json]]:
    """All events of a lead, however many."""
    rows = Rows(client=client, method=METHOD, params=_of_lead(who_id, source), keys=("leadTimeline",))
    async for row in rows.each():
        for event in client.times.of_events([row], client.now()):
            yield event


def _of_lead(who_id: str, source: str | None) -> dict[str, Any]:
    return {"where": {"whoID": who_id} if source is None else {"whoID": who_id, "eventSource": source}}


class CrmHistory:
    """The port `History`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def timeline(self, lead: str, source: str | None, offset: int = 0) -> Sequence[Mapping[str, Json]]:
        """A page of events of a lead, of one event source or of all."""
        return await get_lead_timeline(self._client, lead, source, offset)
