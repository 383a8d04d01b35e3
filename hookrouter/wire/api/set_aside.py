"""Dead letters and rejected leads, as the operator API tells of them and is told what to do with them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from hookrouter.domain.outcome import Reason
from hookrouter.wire.api.deliveries import AttemptSchema
from hookrouter.wire.api.paging import page_of
from hookrouter.wire.api.questions import (
    PLACE,
    PlacesQuery,
    Question,
    SpanQuery,
    UnmaskQuery,
    WantedQuery,
    cursor,
    name,
    said,
)
from hookrouter.wire.api.told import (
    anything,
    by_name,
    count,
    count_or_none,
    many,
    moment,
    text,
    text_or_none,
    texts,
)

MOST_AT_ONCE = 500
"""Ids in one call."""
MOST_FIELDS = 200


class DeadLetterSchema(Schema):
    """A delivery that was given up."""

    id = text("The delivery.")
    sink = text("The sink.")
    route = text("The route.")
    lead = text("The lead, or how many of a digest.")
    reason = text("Why it was given up, in one word.")
    status = count_or_none("What the far side answered, if it did.")
    attempts = count("How often it was tried.")
    first_at = moment("When it was first tried.")
    last_at = moment("When it was last tried, and died.")


class MemberSchema(Schema):
    """One delivery of a digest."""

    id = text("The delivery.")
    route = text("The route.")
    lead = text("The lead.")
    fields_ = fields.Dict(
        keys=fields.Str(), required=True, data_key="fields", attribute="fields", metadata={"description": "Its fields."}
    )


class WholeDeadLetterSchema(DeadLetterSchema):
    """All that is known of a dead letter."""

    answer = text("The beginning of what the far side said.")
    push = text("The push that brought the lead.")
    revision = text("Of the configuration that routed it.")
    source = text("The source.")
    received_at = moment("When the lead came.")
    event = text("What had happened to the lead.")
    changed = texts("The fields that had changed.")
    previous = by_name("What those were before.")
    fields_ = fields.Dict(
        keys=fields.Str(),
        required=True,
        data_key="fields",
        attribute="fields",
        metadata={"description": "The lead as it came."},
    )
    timeline = fields.List(
        fields.Dict(keys=fields.Str()),
        required=True,
        metadata={"description": "Its history, if its route asked for it."},
    )
    remainder = anything("What earlier attempts left to do.")
    tries = many(AttemptSchema, "Every failed attempt.")
    members = many(MemberSchema, "What went out with it, if it is a digest.")


DeadPage = page_of(DeadLetterSchema, "DeadPage", "The dead letters, the newest first.")


def _reason() -> fields.Str:
    return fields.Str(
        validate=validate.OneOf(sorted(Reason)), metadata={"description": "Of those that died for this reason."}
    )


class DeadQuery(PlacesQuery, WantedQuery, UnmaskQuery):
    """Which dead letters."""

    reason = _reason()


def _changes(about: str) -> fields.Dict:
    return fields.Dict(
        keys=fields.Str(validate=validate.Length(1, MOST_FIELDS)),
        data_key="set",
        attribute="changes",
        load_default=dict,
        validate=validate.Length(max=MOST_FIELDS),
        metadata={"description": about},
    )


class RepairBody(Question):
    """How a lead is mended."""

    changes = _changes(
        'Fields of the lead to set anew, such as `{"emailAddress": "ada@example.com"}`; null empties one.'
    )


class SelectionBody(Question):
    """Which are meant: by their ids, by what they have in common, or all."""

    ids = fields.List(
        name("One."),
        validate=validate.Length(1, MOST_AT_ONCE),
        metadata={"description": "These; nothing else may be said beside them."},
    )
    since = said("Set aside from this moment on, or not longer ago than, say, `2h`.")
    until = said("Set aside before this moment.")
    all = fields.Bool(metadata={"description": "All there are."})
    after = cursor(PLACE)

    @validates_schema
    def insist_on_one_way(self, asked: dict[str, Any], **_: Any) -> None:
        """Refuse a call that names none: it would be all, by mistake."""
        narrowed = any(asked.get(each) is not None for each in ("sink", "route", "source", "reason", "since", "until"))
        if sum((asked.get("ids") is not None, narrowed, bool(asked.get("all")))) != 1:
            raise ValidationError("say which: `ids`, or by what they have in common, or `all: true`")


class DeadBody(SelectionBody):
    """Which dead letters are meant."""

    sink = name("Of this sink.")
    route = name("Of this route.")
    reason = _reason()


class RejectedBody(SelectionBody):
    """Which rejected leads are meant."""

    source = name("Of this source.")


class TendedSchema(Schema):
    """What became of the dead letters that were meant."""

    done = texts("Those with which it was done.")
    gone = texts("Those that were gone before.")
    no_such_sink = texts("Those whose sink the configuration names no more: they are left as they are.")
    next = text_or_none("Where the next call goes on: give it as `after`. Null when all is done.")
    left = count("How many letters there are at most to look at from there on.")


class PreviewSchema(Schema):
    """What a delivery would say."""

    content = anything("As the sink would be sent it; null when it cannot be made.")
    fault = text("Why it cannot be made; '' when it can.")


class RejectionSchema(Schema):
    """A lead that could not be routed."""

    id = text("The rejected lead.")
    source = text("By which source it came.")
    push = text("By which push.")
    place = count("Its number in the push, from 0.")
    at = moment("When.")
    errors = fields.Dict(
        keys=fields.Str(), values=fields.Str(), required=True, metadata={"description": "What is wrong, by field."}
    )


class WholeRejectionSchema(RejectionSchema):
    """A lead that could not be routed, as it came."""

    lead = anything("The lead as it came.")


RejectedPage = page_of(RejectionSchema, "RejectedPage", "The rejected leads, the newest first.")


class RejectedQuery(PlacesQuery, SpanQuery, UnmaskQuery):
    """Which rejected leads."""

    source = name("Of this source.")


class TriedSchema(Schema):
    """What became of the rejected leads that were meant."""

    done = texts("Those with which it was done.")
    gone = texts("Those that were gone before.")
    still_rejected = texts("Those that still cannot be routed: they are left as they are.")
    next = text_or_none("Where the next call goes on: give it as `after`. Null when all is done.")
    left = count("How many there are at most to look at from there on.")
