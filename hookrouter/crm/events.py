"""What leads did, read from the CRM: by getEvents, by its successor, and lead by lead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from hookrouter.crm.client import CrmClient
from hookrouter.crm.paging import LARGEST_PAGE, Row, Rows, one_call
from hookrouter.domain.errors import CrmRefused

GET_EVENTS = "getEvents"
GET_EVENTS_BY_TYPE = "getEventsByType"
EVENT_KEYS = ("event", "events", "fields")  # on the wire; by analogy; in the documentation


async def events(client: CrmClient, lead: str | None = None, after: datetime | None = None) -> AsyncIterator[Row]:
    """Events of one lead or of all, after a moment or of all times."""
    rows = Rows(client=client, method=GET_EVENTS, params={"where": _where(client, lead, after)}, keys=EVENT_KEYS)
    async for row in rows.each():
        yield _in_utc(client, row)


async def events_by_type(
    client: CrmClient, sources: Sequence[str], lead: str | None = None, after: datetime | None = None
) -> AsyncIterator[Row]:
    """Events of some event sources, of one lead or after a moment, or both.

    Raises:
        ValueError: neither is given, which the CRM refuses.
    """
    if lead is None and after is None:
        raise ValueError("say of which lead the events are to be, or after which moment")
    where = {"eventSource": ",".join(sources), **_where(client, lead, after)}
    page: list[Row] | None = None
    offset = 0
    while True:
        before, (page, is_all) = page, _of_all_types(await client.call(GET_EVENTS_BY_TYPE, _page(where, offset)))
        if page == before:
            return  # it minds no offset: the vendor documents none here
        for row in page:
            yield _in_utc(client, row)
        if is_all:
            return
        offset += LARGEST_PAGE


async def last_events(client: CrmClient, lead: str, sources: Sequence[str]) -> Sequence[Row]:
    """A page of a lead's events, with times as the CRM wrote them; of some sources alone where getEvents is no more.

    Raises:
        CrmAway: it does not answer, or has no list of them.
        CrmRefused: it refuses its successor as well.
    """
    where = {"leadID": lead}
    try:
        return one_call(await client.call(GET_EVENTS, _page(where, 0)), GET_EVENTS, EVENT_KEYS)
    except CrmRefused:
        where["eventSource"] = ",".join(sources)
        events, _ = _of_all_types(await client.call(GET_EVENTS_BY_TYPE, _page(where, 0)))
        return events


def _page(where: dict[str, str], offset: int) -> dict[str, Any]:
    return {"where": where, "limit": LARGEST_PAGE, "offset": offset}


def _of_all_types(result: Mapping[str, Any]) -> tuple[list[Row], bool]:
    """The events of an answer, and whether they are all.

    Nobody outside the vendor has seen one: they may be in one list, which may go on, or in one for each type.
    """
    found = next(
        (result[key] for key in (*EVENT_KEYS, GET_EVENTS_BY_TYPE) if isinstance(result.get(key), list | dict)), result
    )
    if isinstance(found, list):
        return [row for row in found if isinstance(row, dict)], len(found) < LARGEST_PAGE
    lists = [each for each in found.values() if isinstance(each, list)]
    return [row for each in lists for row in each if isinstance(row, dict)], True


def _where(client: CrmClient, lead: str | None, after: datetime | None) -> dict[str, str]:
    where = {} if lead is None else {"leadID": lead}
    return where if after is None else {**where, "createTimestamp": client.times.written(after)}


def _in_utc(client: CrmClient, row: Row) -> Row:
    [event] = client.times.of_events([row], client.now())
    return dict(event)
