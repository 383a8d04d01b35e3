"""Deliveries and pushes, as the operator API tells of them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from hookrouter.domain.logged_attempt import GONE, Result, State
from hookrouter.domain.push import Via
from hookrouter.wire.api.paging import page_of
from hookrouter.wire.api.questions import (
    EntriesQuery,
    LimitQuery,
    PlacesQuery,
    SpanQuery,
    UnmaskQuery,
    WantedQuery,
    cursor,
    lead,
    name,
)
from hookrouter.wire.api.told import (
    a,
    by_name,
    count,
    count_or_none,
    many,
    maybe,
    moment,
    moment_or_none,
    number_or_none,
    one_of,
    text,
    text_or_none,
)

CAME = ("taken", "in-part", "refused")
"""What may come of a push; the last but one is that some of its leads were rejected."""
SPOT = r"[0-5]:[a-z0-9-]{0,63}:[\x21-\x7e]{0,240}"
"""A place among what waits at a sink."""


class AttemptSchema(Schema):
    """What one attempt came to."""

    at = moment("When it began.")
    seconds = number_or_none("How long it took; null when nothing was attempted.")
    outcome = one_of(tuple(Result), "What it came to; all but the first three without an attempt.")
    reason = text("Why, in one word; or the delivery that took its place or that it became a part of.")
    status = count_or_none("The far side's HTTP or SMTP status.")
    answer = text("The beginning of what the far side said.")


class LoggedAttemptSchema(AttemptSchema):
    """An entry of the log of attempts."""

    id = text("The delivery.")
    push = text("The push that brought the lead.")
    sink = text("The sink.")
    route = text("The route.")
    lead = text("The lead's id, or its e-mail address if it is known by that.")
    revision = text("Of the configuration that routed it.")
    attempts = count("How often it had been tried by then.")


class AssignedSchema(Schema):
    """Whom a lead was given to."""

    team = text("The team.")
    owner = text("The person's id in the CRM.")
    name = text("The person's name.")
    reason = text("Why this person.")


class DeliverySchema(Schema):
    """One delivery's whole story."""

    id = text("The delivery.")
    push = text("The push that brought the lead.")
    sink = text("The sink.")
    route = text("The route.")
    lead = text("The lead's id, or its e-mail address if it is known by that.")
    revision = text("Of the configuration that routed it.")
    assigned = maybe(a(AssignedSchema, "Whom the lead was given to, if its route assigns it."))
    now = one_of(tuple(dict.fromkeys((*State, *Result, GONE))), "Where it is, or how it ended.")
    until = moment_or_none("When it is attempted next, or let go, if that is known.")
    attempts = many(AttemptSchema, "Every attempt, the first one first.")


DeliveryPage = page_of(LoggedAttemptSchema, "DeliveryPage", "The attempts, the newest first.")


class DeliveriesQuery(EntriesQuery, WantedQuery, UnmaskQuery):
    """Which attempts."""

    lead = lead("Of this lead: its id, or its e-mail address.")
    outcome = fields.Str(
        validate=validate.OneOf([result.value for result in Result]), metadata={"description": "That came to this."}
    )


class WaitingDeliverySchema(Schema):
    """A delivery that its sink has not been told of yet."""

    id = text("The delivery.")
    push = text("The push that brought the lead.")
    route = text("The route.")
    lead = text("The lead's id, or its e-mail address if it is known by that.")
    received_at = moment("When the lead came.")
    attempts = count("How often it was tried so far.")
    now = one_of(tuple(State), "Where it is.")
    until = moment_or_none("When it is attempted next, or let go, if that is known.")


class WaitingAtSchema(Schema):
    """What waits at a sink."""

    sink = text("The sink.")
    held_up = text("What keeps it from being told of anything; '' when nothing does.")
    total = count("How many wait in all, by whatever route.")
    next = text_or_none("Where the next page of this sink begins: give it as `after`. Null when nothing comes behind.")
    found = many(WaitingDeliverySchema, "What failed before, what its routes hold, then what comes next, in order.")


class WaitingSchema(Schema):
    """What waits at sinks."""

    found = many(WaitingAtSchema, "The sinks at which something waits.")


class WaitingQuery(LimitQuery, UnmaskQuery):
    """Where to look."""

    sink = name("At this sink.")
    route = name("By this route.")
    after = cursor(SPOT)

    @validates_schema
    def _is_of_one_sink(self, asked: dict[str, Any], **_rest: Any) -> None:
        if "after" in asked and "sink" not in asked:
            raise ValidationError("say of which `sink`: each has pages of its own", "after")


class DeliveryQuery(UnmaskQuery):
    """Where to look."""

    push = name("The push that brought its lead, if you know it.")


class PushSchema(Schema):
    """A push as it came."""

    id = text("The push.")
    source = text("By which source it came.")
    at = moment("When.")
    bytes = count("How long its body is.")
    leads = count_or_none("How many leads it named; null when it was refused.")
    accepted = count_or_none("How many of them were taken.")
    rejected = count_or_none("How many of them were rejected.")
    refused = text_or_none("Why it was refused as a whole; null when it was not.")
    via = one_of(tuple(Via), "How its leads came: pushed, or fetched from the CRM.")


class WholePushSchema(PushSchema):
    """A push as it came, with its headers."""

    headers = by_name("Its headers, without secrets.")


PushPage = page_of(PushSchema, "PushPage", "The pushes, the newest first.")


class PushesQuery(PlacesQuery, SpanQuery):
    """Which pushes."""

    source = name("By this source.")
    came = fields.Str(
        validate=validate.OneOf(CAME),
        metadata={"description": "Of which all was taken, of which some leads were rejected, or that were refused."},
    )


class ReceiptSchema(Schema):
    """What became of a push."""

    push = text("The push.")
    leads = count("How many leads it names.")
    accepted = count("How many of them were taken.")
    rejected = count("How many of them were rejected.")
