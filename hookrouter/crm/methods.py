"""The methods of the API that hookrouter knows, with what it takes to call them by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from hookrouter.crm.client import CrmClient
from hookrouter.crm.events import EVENT_KEYS
from hookrouter.crm.fields import FIELD_KEYS
from hookrouter.crm.leads import LEAD_KEYS
from hookrouter.crm.paging import Row, Rows
from hookrouter.crm.writes import create_leads, delete_leads, log_calls, update_leads, update_leads_v2
from hookrouter.wire.crm.envelope import WriteResult

Write = Callable[[CrmClient, Sequence[Any]], Awaitable[list[WriteResult]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How a method is called by its name.

    Attributes:
        example: params that are fit for it.
        rows: where the rows of a list stand in the result; of what is no list, nowhere.
        is_stable: whether nothing vanishes from the list while it is read.
        write: how it writes objects, and where their results stand.
        needs: what each of these objects must have.
    """

    example: Mapping[str, Any]
    rows: Sequence[str] = ()
    is_stable: bool = True
    write: tuple[Write, str] | None = None
    needs: str | None = None


async def _delete(client: CrmClient, objects: Sequence[Any]) -> list[WriteResult]:
    return await delete_leads(client, [str(each["id"]) for each in objects])


_LEAD = "718281920514"
_UPDATES = {"objects": [{"id": _LEAD, "title": "Buyer"}]}

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "createLeads": Method(
            example={"objects": [{"emailAddress": "marta@example.com"}]}, write=(create_leads, "creates")
        ),
        "deleteLeads": Method(example={"objects": [{"id": _LEAD}]}, write=(_delete, "deletes"), needs="id"),
        "getEvents": Method(example={"where": {"leadID": _LEAD}}, rows=EVENT_KEYS),
        "getEventsByType": Method(example={"where": {"leadID": _LEAD, "eventSource": "formSubmit"}}, rows=EVENT_KEYS),
        "getFields": Method(example={"where": {}}, rows=FIELD_KEYS),
        "getLead": Method(example={"id": _LEAD}),
        "getLeadListMemberships": Method(example={"memberIDs": [_LEAD]}),
        "getLeadTimeline": Method(example={"where": {"whoID": _LEAD}}, rows=("leadTimeline",)),
        "getLeads": Method(example={"where": {}, "fields": ["id", "city"]}, rows=LEAD_KEYS, is_stable=False),
        "getLeadsDateRange": Method(
            example={"startDate": "2026-03-01", "endDate": "2026-03-02", "timestamp": "update"},
            rows=LEAD_KEYS,
            is_stable=False,
        ),
        "logCalls": Method(
            example={
                "objects": [
                    {
                        "userID": "313499604",
                        "leadID": _LEAD,
                        "direction": "outgoing",
                        "createTimestamp": "2026-03-04 15:20:11",
                    }
                ]
            },
            write=(log_calls, "creates"),
        ),
        "subscribeToLeadUpdates": Method(example={"url": "https://hooks.example.com/hooks/crm/TOKEN"}),
        "updateLeads": Method(example=_UPDATES, write=(update_leads, "updates")),
        "updateLeadsV2": Method(example=_UPDATES, write=(update_leads_v2, "updates")),
    }
)


def may_change(name: str) -> bool:
    """Whether a method of this name may change something in the CRM: also one that hookrouter does not know."""
    return not name.startswith("get")


def rows_of(client: CrmClient, name: str, params: Mapping[str, Any]) -> Rows:
    """All rows of a list by its name.

    Raises:
        KeyError: there is no such list.
    """
    method = METHODS[name]
    if not method.rows:
        raise KeyError(name)
    wanted = {"where": {}, **params} if "where" in method.example else params
    told = None if method.is_stable or "id" not in params.get("fields", ["id"]) else _which_lead
    return Rows(client=client, method=name, params=wanted, keys=method.rows, told=told)


def _which_lead(row: Row) -> tuple[object, object]:
    return row.get("id"), row.get("updateTimestamp")
