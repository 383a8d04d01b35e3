"""What became of writes whose answer was lost: the CRM is asked what it has now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from hookrouter.crm.batches import WriteObject
from hookrouter.crm.client import CrmClient
from hookrouter.crm.events import last_events
from hookrouter.crm.leads import CrmLeadCopies, LeadRow
from hookrouter.domain.html_entities import decoded_value
from hookrouter.domain.lead import text_of
from hookrouter.wire.crm.envelope import WriteResult
from hookrouter.wire.crm.errors import ENTRY_EXISTS, NO_SUCH_RECORD, UNKNOWN_ERROR, text_of_code

MOST_HISTORIES = 50
"""Leads whose events are read to see whether a call was logged; for more the quota is too dear."""

UNKNOWN = WriteResult(
    success=False, is_known=False, message="the answer was lost and nobody knows whether it was written"
)
CALL_SOURCES = {"incoming": "incomingCall"}
CALLS = ("incomingCall", "outgoingCall")
CALL_FIELDS = ("leadID", "eventSource", "createTimestamp")


class Doubt(StrEnum):
    """Why it is not known what became of a write."""

    LOST = "lost"  # the answer did not come: the write may be done, or be on its way still
    UNTOLD = "untold"  # the answer tells nothing of the objects, but the call is over
    REPEATED = "repeated"  # a lost try before may have done what this one found done


async def read_created(client: CrmClient, leads: Sequence[WriteObject], doubt: Doubt) -> list[WriteResult]:
    """Created, if there is a lead with the address that has what was given."""
    there = await _Copies.read(client, [{"emailAddress": each.get("emailAddress")} for each in leads])
    return [_as_created(given, there.of_address(given), doubt) for given in leads]


def _as_created(given: WriteObject, lead: LeadRow | None, doubt: Doubt) -> WriteResult:
    if lead is None:
        return _not_done(doubt)
    if _agrees(given, lead):
        return WriteResult(success=True, id=text_of(lead["id"]))
    return WriteResult(success=False, id=text_of(lead["id"]), code=ENTRY_EXISTS, message=text_of_code(ENTRY_EXISTS))


async def read_updated(client: CrmClient, leads: Sequence[WriteObject], doubt: Doubt) -> list[WriteResult]:
    """Updated, if the lead has all that was given."""
    there = await _Copies.read(client, leads)
    return [_as_updated(given, there.of(given), doubt) for given in leads]


def _as_updated(given: WriteObject, lead: LeadRow | None, doubt: Doubt) -> WriteResult:
    if lead is None:
        return WriteResult(success=False, code=NO_SUCH_RECORD, message=text_of_code(NO_SUCH_RECORD))
    return WriteResult(success=True) if _agrees(given, lead) else _not_done(doubt)


async def read_deleted(client: CrmClient, leads: Sequence[WriteObject], doubt: Doubt) -> list[WriteResult]:
    """Deleted, if no read shows it any more."""
    there = await _Copies.read(client, leads)
    return [_not_done(doubt) if there.of(given) else WriteResult(success=True) for given in leads]


async def read_logged(client: CrmClient, calls: Sequence[WriteObject], doubt: Doubt) -> list[WriteResult]:
    """Logged, if among the lead's events are as many such calls as were given up to this one."""
    leads = {text_of(call.get("leadID")) for call in calls}
    if doubt is Doubt.REPEATED or len(leads) > MOST_HISTORIES:
        return [UNKNOWN] * len(calls)
    found: Counter[tuple[str, ...]] = Counter()
    for lead in leads:
        found.update(_call_key(event) for event in await last_events(client, lead, CALLS))
    wanted: Counter[tuple[str, ...]] = Counter()
    results = []
    for call in calls:
        key = _call_key({**call, "eventSource": CALL_SOURCES.get(str(call.get("direction")), "outgoingCall")})
        wanted[key] += 1
        results.append(WriteResult(success=True) if wanted[key] <= found[key] else UNKNOWN)
    return results


def _call_key(event: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(text_of(event.get(name)) for name in CALL_FIELDS)


def _not_done(doubt: Doubt) -> WriteResult:
    if doubt is Doubt.LOST:
        return UNKNOWN
    return WriteResult(success=False, code=UNKNOWN_ERROR, message=text_of_code(UNKNOWN_ERROR))


def _agrees(given: WriteObject, lead: LeadRow) -> bool:
    return all(_says(value, lead.get(name), name) for name, value in given.items() if name != "id")


def _says(written: object, read: object, name: str) -> bool:
    """Whether a field says what was written; the CRM writes some characters as entities (crm-api 4.5)."""
    one, other = text_of(written), text_of(read)  # type: ignore[arg-type]  # what JSON holds
    if name == "emailAddress":
        return one.lower() == other.lower()
    return one == other or decoded_value(one) == decoded_value(other)


class _Copies:
    """The leads that a write named, as they are now."""

    def __init__(self, leads: Sequence[LeadRow]) -> None:
        self._by_id = {text_of(lead["id"]): lead for lead in leads}
        self._by_address = {text_of(lead.get("emailAddress")).lower(): lead for lead in leads}

    @classmethod
    async def read(cls, client: CrmClient, given: Sequence[WriteObject]) -> _Copies:
        ids = list(dict.fromkeys(text_of(each["id"]).strip() for each in given if each.get("id")))
        addresses = list(
            dict.fromkeys(
                text_of(each["emailAddress"]).strip()
                for each in given
                if not each.get("id") and each.get("emailAddress")
            )
        )
        copies = CrmLeadCopies(client)
        leads = [*(await copies.by_ids(ids) if ids else [])]
        leads += await copies.by_addresses(addresses) if addresses else []
        return cls(leads)

    def of(self, given: WriteObject) -> LeadRow | None:
        return self._by_id.get(text_of(given["id"]).strip()) if given.get("id") else self.of_address(given)

    def of_address(self, given: WriteObject) -> LeadRow | None:
        address = text_of(given.get("emailAddress")).strip().lower()
        return self._by_address.get(address) if address else None
