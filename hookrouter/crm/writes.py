"""Leads and calls written to the CRM: one result for each object, in order.

Values may be whatever `crm.written` takes. A write is cut into calls of as many objects as the CRM takes. What a lost
answer leaves in doubt is read back. Once something is written nothing is raised any more, for the results so far would
be lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from hookrouter.crm import doubts
from hookrouter.crm.batches import WriteObject, batches
from hookrouter.crm.client import CrmClient
from hookrouter.crm.doubts import Doubt
from hookrouter.crm.written import as_written
from hookrouter.domain.errors import CrmAway, CrmRefused
from hookrouter.wire.crm.envelope import WriteResult, write_results
from hookrouter.wire.crm.errors import (
    ABOUT_OBJECTS,
    ENTRY_EXISTS,
    NOTHING_CHANGED,
    UNKNOWN_ERROR,
    text_of_code,
)

MOST_PARTINGS = 40
"""Times that a refused call is made again in two halves, to find the object for which all were refused."""

ReadBack = Callable[[CrmClient, Sequence[WriteObject], Doubt], Awaitable[list[WriteResult]]]


async def create_leads(client: CrmClient, leads: Sequence[WriteObject]) -> list[WriteResult]:
    """Create leads; one whose e-mail address is known, in any case, is refused with 301.

    Raises:
        CrmAway: nothing was written at all, as with all writes.
        CrmRefused: likewise.
    """
    return await _Write(client, "createLeads", doubts.read_created).all(leads)


async def update_leads(client: CrmClient, leads: Sequence[WriteObject]) -> list[WriteResult]:
    """Update leads by id or e-mail address; the CRM also calls it a success when it found none (crm-api 3.2)."""
    return await _Write(client, "updateLeads", doubts.read_updated).all(leads)


async def update_leads_v2(client: CrmClient, leads: Sequence[WriteObject]) -> list[WriteResult]:
    """Update leads by id or e-mail address; an unknown one is refused with 404, one that is so already with 302."""
    return await _Write(client, "updateLeadsV2", doubts.read_updated).all(leads)


async def delete_leads(client: CrmClient, ids: Sequence[str]) -> list[WriteResult]:
    """Delete leads."""
    return await _Write(client, "deleteLeads", doubts.read_deleted).all([{"id": each} for each in ids])


async def log_calls(client: CrmClient, calls: Sequence[WriteObject]) -> list[WriteResult]:
    """Log calls with leads; `userID`, `leadID`, `direction` and `createTimestamp` are needed.

    A call is never logged a second time: where the answer is lost and the lead's events do not show it, nobody knows.
    """
    return await _Write(client, "logCalls", doubts.read_logged).all(calls)


@dataclass(slots=True)
class _Write:
    """One write, however many calls it takes."""

    client: CrmClient
    method: str
    read_back: ReadBack
    partings: int = 0

    async def all(self, objects: Sequence[WriteObject]) -> list[WriteResult]:
        results: list[WriteResult] = []
        written = [as_written(each, self.client.times) for each in objects]
        for batch in batches(written):
            try:
                results += await self._batch(batch)
            except (CrmAway, CrmRefused) as fault:
                if not results:
                    raise
                left = len(objects) - len(results)
                return results + [_not_written(fault)] * left
        return results

    async def _batch(self, batch: Sequence[WriteObject]) -> list[WriteResult]:
        """Write what fits one call; what is refused as a whole is written in halves, for one object may be to blame."""
        try:
            return await self._once(batch)
        except CrmRefused as refused:
            if refused.code not in ABOUT_OBJECTS:
                raise
            if len(batch) == 1 or self.partings >= MOST_PARTINGS:
                return [_refused(refused.code)] * len(batch)
        self.partings += 1
        middle = len(batch) // 2
        results = await self._batch(batch[:middle])
        try:
            return results + await self._batch(batch[middle:])
        except (CrmAway, CrmRefused) as fault:  # the first half is written
            return results + [_not_written(fault)] * (len(batch) - middle)

    async def _once(self, batch: Sequence[WriteObject]) -> list[WriteResult]:
        try:
            told = await self.client.ask(self.method, {"objects": list(batch)})
        except CrmAway as away:
            if away.did_nothing:
                raise
            return await self._ask_back(batch, Doubt.LOST)
        results = list(write_results(told.result, len(batch)))
        if len(results) != len(batch):
            return await self._ask_back(batch, Doubt.UNTOLD)
        return await self._repeated(batch, results) if told.doubtful else results

    async def _repeated(self, batch: Sequence[WriteObject], results: list[WriteResult]) -> list[WriteResult]:
        """After a try whose answer was lost: 'exists already' and 'changed nothing' may be that try's own doing."""
        places = [place for place, each in enumerate(results) if each.code in (ENTRY_EXISTS, NOTHING_CHANGED)]
        if places:
            read = await self._ask_back([batch[place] for place in places], Doubt.REPEATED)
            for place, each in zip(places, read, strict=True):
                results[place] = each if each.success else results[place]
        return results

    async def _ask_back(self, batch: Sequence[WriteObject], doubt: Doubt) -> list[WriteResult]:
        try:
            return await self.read_back(self.client, batch, doubt)
        except (CrmAway, CrmRefused):
            return [doubts.UNKNOWN] * len(batch)


def _not_written(fault: CrmAway | CrmRefused) -> WriteResult:
    return _refused(fault.code if isinstance(fault, CrmRefused) else UNKNOWN_ERROR)


def _refused(code: int) -> WriteResult:
    return WriteResult(success=False, code=code, message=text_of_code(code))
