"""Leads read from the CRM."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from hookrouter.crm.client import CrmClient
from hookrouter.crm.paging import LARGEST_PAGE, Row, Rows, one_call
from hookrouter.domain.lead import text_of
from hookrouter.domain.pieces import pieces
from hookrouter.domain.reconciling import Kind, Span

GET_LEAD = "getLead"
GET_LEADS = "getLeads"
GET_LEADS_DATE_RANGE = "getLeadsDateRange"
LEAD_KEYS = ("lead", "leads")  # on the wire; in the documentation

LeadRow = dict[str, Any]


async def get_lead(client: CrmClient, lead_id: str) -> LeadRow | None:
    """The lead with this id, inactive or not, or None if the CRM does not know it."""
    leads = _leads_of(client, await client.call(GET_LEAD, {"id": lead_id}), GET_LEAD)
    return leads[0] if leads else None


async def get_leads(client: CrmClient, ids: Sequence[str], fields: Sequence[str] = ()) -> list[LeadRow]:
    """Those of the leads that the CRM knows, inactive ones too; one call for each 500."""
    return await _get_all(client, "id", ids, fields)


async def get_leads_by_email(client: CrmClient, addresses: Sequence[str], fields: Sequence[str] = ()) -> list[LeadRow]:
    """The leads with these e-mail addresses, however their letters are cased; one call for each 500."""
    return await _get_all(client, "emailAddress", addresses, fields)


async def _get_all(client: CrmClient, name: str, values: Sequence[str], fields: Sequence[str]) -> list[LeadRow]:
    leads: list[LeadRow] = []
    wanted = list(dict.fromkeys(values))
    for some in pieces(wanted, LARGEST_PAGE):
        params = _page({name: some}, 0) | _only(fields)
        leads += _leads_of(client, await client.call(GET_LEADS, params), GET_LEADS)
    return leads


async def all_leads(client: CrmClient, fields: Sequence[str] = ()) -> AsyncIterator[LeadRow]:
    """Every active lead once, also when others are deleted meanwhile."""
    rows = Rows(
        client=client,
        method=GET_LEADS,
        params={"where": {}, **_only(fields)},
        keys=LEAD_KEYS,
        told=lambda row: text_of(row.get("id")),
    )
    async for row in rows.each():
        for lead in _known(client, [row]):
            yield lead


async def get_changed_leads(
    client: CrmClient, kind: Kind, span: Span, offset: int, *, limit: int = LARGEST_PAGE, fields: Sequence[str] = ()
) -> list[LeadRow]:
    """Some of the leads created, or created or updated, in a span of time, `limit` at most.

    Rows without an id are among them, for whoever counts them sees whether there are more.
    """
    params = _span(client, kind, span) | _only(fields, kind.field) | {"limit": limit, "offset": offset}
    rows = one_call(await client.call(GET_LEADS_DATE_RANGE, params), GET_LEADS_DATE_RANGE, LEAD_KEYS)
    return client.times.of_copies(rows, client.now())


class CrmLeadCopies:
    """The port `LeadCopies`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def by_ids(self, ids: Sequence[str]) -> Sequence[LeadRow]:
        """The leads of up to 500 ids."""
        return await self._ask({"id": list(ids)})

    async def by_addresses(self, addresses: Sequence[str]) -> Sequence[LeadRow]:
        """The leads of up to 500 e-mail addresses."""
        return await self._ask({"emailAddress": list(addresses)})

    async def _ask(self, where: dict[str, Any]) -> Sequence[LeadRow]:
        return _leads_of(self._client, await self._client.call(GET_LEADS, _page(where, 0)), GET_LEADS)


class CrmLeadPages:
    """The port `LeadPages`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def page(self, offset: int, limit: int = LARGEST_PAGE) -> Sequence[LeadRow]:
        """Some active leads from a place in the list of all; an empty page is the end."""
        params = {**_page({}, offset), "limit": limit}
        return _leads_of(self._client, await self._client.call(GET_LEADS, params), GET_LEADS)


def _page(where: dict[str, Any], offset: int) -> dict[str, Any]:
    return {"where": where, "limit": LARGEST_PAGE, "offset": offset}


def _span(client: CrmClient, kind: Kind, span: Span) -> dict[str, Any]:
    times = client.times
    return {"startDate": times.written(span.start), "endDate": times.written(span.end), "timestamp": kind.value}


def _only(fields: Sequence[str], *needed: str) -> dict[str, Any]:
    """Which fields are wanted, with those by which leads are told apart; all if none is named."""
    return {"fields": list(dict.fromkeys(["id", *needed, *fields]))} if fields else {}


def _leads_of(client: CrmClient, result: dict[str, Any], method: str) -> list[LeadRow]:
    return _known(client, one_call(result, method, LEAD_KEYS))


def _known(client: CrmClient, rows: Sequence[Row]) -> list[LeadRow]:
    """The leads among rows, with their times in UTC; one without an id stands for 'not found' (crm-api 3.5)."""
    known = [row for row in rows if row.get("id") not in (None, "")]
    return client.times.of_copies(known, client.now())
