"""The documented call of each method: its params, its answer, and how `Client` asks for it and tells it (crm-api 3).

All people and ids are invented. Where clients were seen to send other params than the documentation names, these stand
here; numbers may be sent as text.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hookrouter.crm import Client, CrmEvent, CrmField, CrmLead, WriteResult

LEAD = "718281920514"
MOMENT = datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC)
STAMP = "2026-03-04 15:20:11"
EXISTS = {"code": 301, "message": "Entry already exists.", "data": []}
MISSING = {"code": 404, "message": "A record with that ID does not exist.", "data": []}
DONE = {"success": True, "error": None}
EVENT = {
    "id": "6257360898",
    "leadID": LEAD,
    "eventName": "Lead opened an email.",
    "whatID": "372514818",
    "whatType": "email",
    "eventData": None,
    "eventSource": "emailOpened",
    "createTimestamp": STAMP,
}
HAPPENED = {
    "whoID": LEAD,
    "createTimestamp": STAMP,
    "whatType": "email",
    "eventSource": "emailOpened",
    "eventName": "Lead opened an email.",
}
COLOR = {
    "id": "300000002",
    "relationship": "lead",
    "systemName": "Favorite_Color_5a0dd86e6e290",
    "label": "Favorite Color",
    "dataType": "string",
    "dataLength": "255",
    "isCustom": "1",
}
CALL = {
    "userID": "313499604",
    "leadID": LEAD,
    "direction": "incoming",
    "callResult": "noAnswerNoMessage",
    "callNotes": "text",
    "createTimestamp": STAMP,
}

Question = Callable[[Client], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """A call as it is documented, and as it is made from Python."""

    method: str
    ask: Question
    params: dict[str, Any]
    result: dict[str, Any]
    error: Any = None
    told: Any = None
    counts: dict[str, str] = field(default_factory=dict)

    def answer(self, request_id: str) -> dict[str, Any]:
        return {"result": self.result, "error": self.error, "id": request_id, **self.counts}


async def all_of(rows: AsyncIterator[Any]) -> list[Any]:
    return [row async for row in rows]


def a_lead(**fields: Any) -> CrmLead:
    return CrmLead(id=fields["id"], fields=fields, raw=fields)


def an_event(raw: dict[str, Any]) -> CrmEvent:
    name = "Lead opened an email."
    return CrmEvent(lead=LEAD, source="emailOpened", name=name, at=MOMENT, id=raw.get("id"), raw=raw)


MARTA = {
    "emailAddress": "marta.quill@example.com",
    "firstName": "Marta",
    "leadStatus": "open",
    "favorite_color_5a0dd86e6e290": "42",
}
UPDATES = [{"id": LEAD, "title": "Buyer"}, {"emailAddress": "teo@example.org", "city": "Ulm"}]
OF_THIS_DAY = datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 4, 23, 59, 59, tzinfo=UTC)

CALLS = [
    Documented(
        method="createLeads",
        ask=lambda crm: crm.create_leads([MARTA, {"emailAddress": "teo@example.org"}]),
        params={"objects": [MARTA, {"emailAddress": "teo@example.org"}]},
        result={"creates": [{**DONE, "id": 718281920514}, {"success": False, "error": EXISTS}]},
        error=[EXISTS],
        told=[
            WriteResult(success=True, id=LEAD),
            WriteResult(success=False, code=301, message="Entry already exists."),
        ],
        counts={"callCount": "12", "queryLimit": "50000"},
    ),
    Documented(
        method="updateLeads",
        ask=lambda crm: crm.update_leads(UPDATES),
        params={"objects": UPDATES},
        result={"updates": [DONE, DONE]},
        error=[],
        told=[WriteResult(success=True)] * 2,
    ),
    Documented(
        method="updateLeadsV2",
        ask=lambda crm: crm.update_leads_v2([{"id": "17", "title": "Buyer"}]),
        params={"objects": [{"id": "17", "title": "Buyer"}]},
        result={"updates": [{"success": False, "error": MISSING}]},
        error=[MISSING],
        told=[WriteResult(success=False, code=404, message="A record with that ID does not exist.")],
    ),
    Documented(
        method="deleteLeads",
        ask=lambda crm: crm.delete_leads([718281920514]),
        params={"objects": [{"id": 718281920514}]},
        result={"deletes": [DONE]},
        error=[],
        told=[WriteResult(success=True)],
    ),
    Documented(
        method="getLead",
        ask=lambda crm: crm.get_lead(LEAD),
        params={"id": 718281920514},
        result={"lead": [{"id": LEAD, "firstName": "Marta"}]},
        told=a_lead(id=LEAD, firstName="Marta"),
    ),
    Documented(
        method="getLeads",
        ask=lambda crm: crm.get_leads(emails=["marta.quill@example.com", "teo@example.org"], only=["emailAddress"]),
        params={
            "where": {"emailAddress": ["marta.quill@example.com", "teo@example.org"]},
            "limit": 500,
            "offset": 0,
            "fields": ["id", "emailAddress"],
        },
        result={"lead": [{"id": LEAD, "emailAddress": "marta.quill@example.com"}]},
        told=[a_lead(id=LEAD, emailAddress="marta.quill@example.com")],
        counts={"callCount": "1036", "queryLimit": "50000"},
    ),
    Documented(
        method="getLeadsDateRange",
        ask=lambda crm: all_of(crm.get_leads_date_range(*OF_THIS_DAY, by="update")),
        params={
            "startDate": "2026-03-04 00:00:00",
            "endDate": "2026-03-04 23:59:59",
            "timestamp": "update",
            "limit": 500,
            "offset": 0,
        },
        result={"lead": [{"id": LEAD, "updateTimestamp": STAMP}]},
        told=[a_lead(id=LEAD, updateTimestamp=STAMP)],
    ),
    Documented(
        method="subscribeToLeadUpdates",
        ask=lambda crm: crm.subscribe_to_lead_updates("https://hooks.example.com/crm/7f3a"),
        params={"url": "https://hooks.example.com/crm/7f3a"},
        result={"success": True},
        error=[],  # by analogy with the other writes: nobody outside the vendor has seen the answer
        told=True,
    ),
    Documented(
        method="logCalls",
        ask=lambda crm: crm.log_calls([{**CALL, "createTimestamp": MOMENT}]),
        params={"objects": [CALL]},
        result={"creates": [{**DONE, "id": 346800001026}]},
        error=[],
        told=[WriteResult(success=True, id="346800001026")],
    ),
    Documented(
        method="getLeadListMemberships",
        ask=lambda crm: crm.get_lead_list_memberships([LEAD]),
        params={"memberIDs": [LEAD]},
        result={"getWhereIns": [{"memberID": LEAD, "listID": "422420482"}]},
        told={LEAD: ["422420482"]},
    ),
    Documented(
        method="getEvents",
        ask=lambda crm: all_of(crm.get_events(lead_id=LEAD)),
        params={"where": {"leadID": LEAD}, "limit": 500, "offset": 0},
        result={"event": [EVENT]},
        told=[an_event(EVENT)],
    ),
    Documented(
        method="getEventsByType",
        ask=lambda crm: all_of(crm.get_events_by_type(["emailOpened", "formSubmit"], lead_id=LEAD)),
        params={"where": {"eventSource": "emailOpened,formSubmit", "leadID": LEAD}, "limit": 500, "offset": 0},
        result={"event": [EVENT]},
        told=[an_event(EVENT)],
    ),
    Documented(
        method="getLeadTimeline",
        ask=lambda crm: all_of(crm.get_lead_timeline(718281920514, "emailOpened")),
        params={"where": {"whoID": 718281920514, "eventSource": "emailOpened"}, "limit": 500, "offset": 0},
        result={"leadTimeline": [HAPPENED]},
        told=[an_event(HAPPENED)],
        counts={"callCount": "1037", "queryLimit": "50000"},
    ),
    Documented(
        method="getFields",
        ask=lambda crm: crm.get_fields(),
        params={"where": {}, "limit": 500, "offset": 0},
        result={"field": [COLOR]},
        told=[
            CrmField(name=COLOR["systemName"], label="Favorite Color", kind="string", is_custom=True, raw=COLOR),
        ],
    ),
]
