"""Deliveries, as the operator API shows them."""

from __future__ import annotations

from typing import Any

from hookrouter.web.api.calls import Asked, Call
from hookrouter.wire.api.deliveries import DeliveriesQuery, DeliveryPage, DeliverySchema
from hookrouter.wire.api.questions import UnmaskQuery


def list_deliveries(asked: Asked) -> dict[str, Any]:
    """The attempts that are wanted."""
    query = asked.query
    page = asked.desk.deliveries().list(
        asked.wanted,
        lead=query.get("lead"),
        outcome=query.get("outcome"),
        limit=query["limit"],
        after=query.get("after"),
    )
    return asked.page(page)


def show_delivery(asked: Asked, delivery: str) -> dict[str, Any]:
    """One delivery's story."""
    return asked.shown(asked.desk.deliveries().show(delivery).whole())


CALLS = (
    Call(
        method="GET",
        path="/deliveries",
        does=list_deliveries,
        query=DeliveriesQuery,
        answer=DeliveryPage,
        about="List attempts to deliver.",
        notes="Of about the last 100,000. A search looks at so many of them in one go: `next` looks further.",
    ),
    Call(
        method="GET",
        path="/deliveries/<delivery>",
        does=show_delivery,
        query=UnmaskQuery,
        answer=DeliverySchema,
        about="Tell one delivery's whole story.",
        refusals=(404,),
    ),
)
