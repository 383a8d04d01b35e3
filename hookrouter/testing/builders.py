"""Facts that are valid by default, with one keyword for each difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hookrouter.domain.case import Case
from hookrouter.domain.change import Change, LeadEvent
from hookrouter.domain.delivery import Delivery, Occasion, make_delivery
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SinkName, SourceName
from hookrouter.domain.lead import Json, Lead, lead_key

RECEIVED_AT = datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC)

FIELDS: Mapping[str, Json] = {
    "id": "718281920514",
    "firstName": "Ada",
    "lastName": "Brown",
    "companyName": "Acme",
    "emailAddress": "ada.brown@acme.example",
    "leadStatus": "qualified",
    "leadScore": "91",
    "state": "CA",
    "createTimestamp": "2026-02-01 09:00:00",
    "updateTimestamp": "2026-03-04 15:20:11",
}


def a_lead(**fields: Json) -> Lead:
    """A qualified lead; a keyword sets a field, and `id=None` leaves it known by its e-mail address."""
    values = {**FIELDS, **fields}
    return Lead(key=lead_key(values) or LeadKey("unknown"), fields=values)


def a_change(
    *,
    lead: Lead | None = None,
    event: LeadEvent = LeadEvent.UPDATED,
    changed: tuple[str, ...] = ("leadStatus",),
    previous: Mapping[str, Json] | None = None,
    earlier_known: bool = True,
) -> Change:
    """A lead that was open, now qualified."""
    was = {"leadStatus": "open"} if previous is None else previous
    lead = lead or a_lead()
    return Change(
        event=event, lead=lead, received=lead.fields, changed=changed, previous=was, earlier_known=earlier_known
    )


def a_case(change: Change | None = None, *, timeline: Sequence[Mapping[str, Json]] | None = None) -> Case:
    """A changed lead from the source `crm`, at the moment of its last change."""
    return Case(change=change or a_change(), source=SourceName("crm"), at=RECEIVED_AT, timeline=timeline)


def an_occasion(
    *,
    push: str = "p_019500000000aabbccddeeff",
    source: str = "crm",
    place: int = 0,
    received_at: datetime = RECEIVED_AT,
) -> Occasion:
    """The first lead of a push."""
    return Occasion(push=PushId(push), source=SourceName(source), place=place, received_at=received_at)


def a_delivery(
    *,
    change: Change | None = None,
    occasion: Occasion | None = None,
    route: str = "hot-lead",
    sink: str = "sales",
    **overrides: Any,
) -> Delivery:
    """A changed lead for the sink `sales` by the route `hot-lead`; `overrides` are fields of the delivery."""
    made = make_delivery(occasion or an_occasion(), change or a_change(), RouteName(route), SinkName(sink))
    return replace(made, **overrides)
