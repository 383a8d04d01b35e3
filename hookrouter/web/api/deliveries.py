"""Deliveries, as the operator API shows them."""

from __future__ import annotations

from typing import Any

from hookrouter.web.api.calls import Asked, Call
from hookrouter.web.console.deliveries import MOST_LOOKED_AT, begins
from hookrouter.wire.api.deliveries import DeliveriesQuery, DeliveryPage, DeliveryQuery, DeliverySchema


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
    story = asked.desk.deliveries().show(delivery, since=begins(asked.query.get("push", "")), most=MOST_LOOKED_AT)
    if story.found is None:
        return asked.shown(story.whole())
    return asked.told(story.whole(), story.found.delivery.lead, story.found.delivery.previous)


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
        query=DeliveryQuery,
        answer=DeliverySchema,
        about="Tell one delivery's whole story.",
        notes=(
            "It looks through the newest 10,000 entries of the log, or through those behind its push if that is said."
        ),
        refusals=(404,),
    ),
)
