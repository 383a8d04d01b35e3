"""Deliveries, as the operator API shows them."""

from __future__ import annotations

from typing import Any

from hookrouter.domain.lead import Json
from hookrouter.domain.logged_attempt import Whereabouts
from hookrouter.runtime.stories import Stories
from hookrouter.web.api.calls import Asked, Call
from hookrouter.wire.api.deliveries import (
    DeliveriesQuery,
    DeliveryPage,
    DeliveryQuery,
    DeliverySchema,
    WaitingQuery,
    WaitingSchema,
)


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
    story = asked.desk.deliveries().show_on_a_page(delivery, asked.query.get("push", ""))
    if story.found is None:
        return asked.shown(story.whole())
    return asked.told(story.whole(), story.found.delivery.lead, story.found.delivery.previous)


def list_waiting(asked: Asked) -> dict[str, Any]:
    """What sinks have not been told of yet."""
    wanted, query = asked.wanted, asked.query
    waits = (
        Stories(asked.runtime).waiting().list(wanted.sink, wanted.route, limit=query["limit"], after=query.get("after"))
    )
    return {
        "found": [
            {
                "sink": each.sink,
                "held_up": each.held_up,
                "total": each.total,
                "next": each.end,
                "found": [asked.shown(_waiting(one)) for one in each.found],
            }
            for each in waits
        ]
    }


def _waiting(found: Whereabouts) -> dict[str, Json]:
    delivery = found.delivery
    return {
        "id": delivery.id,
        "push": delivery.push,
        "route": delivery.route,
        "lead": delivery.lead_key,
        "received_at": delivery.received_at.isoformat(),
        "attempts": delivery.attempts,
        "now": found.state.value,
        "until": None if found.until is None else found.until.isoformat(),
    }


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
        path="/deliveries/waiting",
        does=list_waiting,
        query=WaitingQuery,
        answer=WaitingSchema,
        about="List what sinks have not been told of yet, and what holds it up.",
        notes="It lists so many of each sink; with `sink`, the `next` of that sink is where its next page begins.",
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
