"""Objects of all kinds written to the CRM, for those who write for many."""

from __future__ import annotations

from collections.abc import Sequence

from hookrouter.crm import doubts, writes
from hookrouter.crm.client import CrmClient
from hookrouter.crm.doubts import Doubt
from hookrouter.domain.crm_write import Action
from hookrouter.domain.lead import Fields, plain_time, text_of
from hookrouter.wire.crm.envelope import WriteResult

MOMENT = "createTimestamp"


class CrmObjectWrites:
    """The port `CrmObjects`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def write(self, action: Action, objects: Sequence[Fields]) -> Sequence[WriteResult]:
        """One result for each, in order."""
        match action:
            case Action.UPDATE:
                return await writes.update_leads_v2(self._client, objects)
            case Action.CREATE:
                return await writes.create_leads(self._client, objects)
            case Action.DELETE:
                return await writes.delete_leads(self._client, [text_of(each["id"]) for each in objects])
            case Action.LOG_CALL:
                return await writes.log_calls(self._client, self._calls(objects))

    async def logged(self, calls: Sequence[Fields]) -> Sequence[WriteResult]:
        """Which of these calls the leads' events show."""
        return await doubts.read_logged(self._client, self._calls(calls), Doubt.LOST)

    def _calls(self, calls: Sequence[Fields]) -> list[Fields]:
        return [{**call, MOMENT: self._written(text_of(call[MOMENT]))} for call in calls]

    def _written(self, moment: str) -> str:
        """A moment as the account writes its times; one without a zone is one already."""
        read = plain_time(moment)
        return moment if read is None or read.tzinfo is None else self._client.times.written(read)
