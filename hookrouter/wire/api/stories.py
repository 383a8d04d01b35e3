"""Leads' stories, and what is forgotten of a lead, as the operator API tells of them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from hookrouter.domain.forgetting import Files
from hookrouter.domain.on_the_way import Halt
from hookrouter.wire.api.deliveries import AttemptSchema
from hookrouter.wire.api.people import DecisionSchema, FollowUpSchema
from hookrouter.wire.api.questions import Question, lead, name
from hookrouter.wire.api.set_aside import RejectionSchema
from hookrouter.wire.api.told import (
    a_or_none,
    anything,
    by_name,
    count,
    many,
    moment,
    moment_or_none,
    one_of,
    text,
    text_or_none,
    texts,
)
from hookrouter.wire.api.trying import ExplainedRouteSchema

MOST_PLACES = 1_000_000


class StoryBody(Question):
    """Whose story, and from where on."""

    lead = lead("Of this lead: its id or e-mail address. With `push`, from that push back.")
    source = name("Of this source; of every one that knows the lead, if not said.")
    push = name("A push; with `place`, of the lead that stands there, from its last change back.")
    place = fields.Int(
        validate=validate.Range(0, MOST_PLACES), metadata={"description": "The lead's number in the push, from 0."}
    )

    @validates_schema
    def insist_on_one_way(self, asked: dict[str, Any], **_: Any) -> None:
        """Refuse what names nobody, or two."""
        by_place = asked.get("push") is not None and asked.get("place") is not None
        if by_place == (asked.get("lead") is not None) or (
            asked.get("push") is None and asked.get("place") is not None
        ):
            raise ValidationError("say whose: `lead`, `lead` and `push`, or `push` and `place`")


class GivenSchema(Schema):
    """Whom a delivery's lead was given to."""

    name = text("The person's name.")
    reason = text("Why this person.")


class ToldDeliverySchema(Schema):
    """What was sent, or is to be."""

    id = text("The delivery.")
    sink = text("The sink.")
    route = text("The route.")
    step = text_or_none("The follow-up step, if it is a reminder.")
    now = text("Where it is, or how it ended, in one word.")
    until = moment_or_none("When it is attempted next, if that is known.")
    revision = text_or_none("Of the configuration that routed it.")
    attempts = many(AttemptSchema, "Every attempt.")
    assigned = a_or_none(GivenSchema, "Whom the lead was given to.")
    held_up = text_or_none("What keeps its sink from being told of anything now.")
    silence = text_or_none("The silence that kept it back.")
    content = anything("What it says, by the rules of now; null when that is not known.")
    fault = text_or_none("Why it cannot be made.")


class ChapterSchema(Schema):
    """What one push did."""

    push = text("The push.")
    place = count("The lead's number in it.")
    at = moment("When it came.")
    via = text("How it came.")
    event = text("What had happened to the lead.")
    doubt = text_or_none("What is not known of it.")
    pushed = by_name("The lead as it was pushed.")
    changes = by_name("Each field that changed, with `before` and `after`.")
    routes = many(ExplainedRouteSchema, "Which routes match and why the others do not, by the rules of now.")
    deliveries = many(ToldDeliverySchema, "What was sent, or is to be.")
    decisions = many(DecisionSchema, "To whom the lead was given, and why.")
    pending = texts("The routes that are not decided yet.")
    rejection = a_or_none(RejectionSchema, "Why it could not be routed, if it could not.")
    looked_up_to = moment_or_none("How far behind the push the log was looked at; null when that was its end.")


class OnTheWaySchema(Schema):
    """A push of a lead that no rule has judged yet."""

    push = text("The push.")
    place = count("Which of its leads it is; 0 is the first.")
    waits_for = one_of(tuple(Halt), "The CRM's copy of the lead, or a worker.")
    since = moment("Since when.")
    crm_away = text_or_none("Why the CRM is not asked just now, if that is so.")


class LeadStorySchema(Schema):
    """One lead's whole story."""

    source = text("The source.")
    lead = text("The lead.")
    fields_ = fields.Dict(
        keys=fields.Str(),
        required=True,
        data_key="fields",
        attribute="fields",
        metadata={"description": "The lead as last seen; empty when that is not known any more."},
    )
    chapters = many(ChapterSchema, "Push after push, the last one first.")
    further = text_or_none("The push with which the story goes on: ask again with it.")
    on_the_way = many(OnTheWaySchema, "The pushes of it that no rule has judged yet, of those that came last.")
    clocks = many(FollowUpSchema, "The follow-up clocks that run.")
    given = by_name("Whom the lead was given to, by team.")
    revision = text("Of the configuration whose rules are the rules of now.")


class LeadStoriesSchema(Schema):
    """The stories, one for each source that knows the lead."""

    found = many(LeadStorySchema, "By source.")


class ForgetBody(Question):
    """Whom to forget."""

    lead = lead("The lead's id or e-mail address.", required=True)
    source = name("Only the lead of this source; needed for an id if there are several.")
    only_look = fields.Bool(
        load_default=False, metadata={"description": "Tell what would be erased, and erase nothing."}
    )


class ErasedSchema(Schema):
    """What was erased, or would be."""

    ids = texts("Of the leads that are meant.")
    erased = by_name("How many records, by where they were.")
    total = count("How many records in all.")
    files = one_of(tuple(Files), "What became of the files of Redis, which hold it until they are written anew.")
    under_way = texts("Streams that were being worked on all the while: what they held may come back, so ask again.")
    left = texts("What could not be erased, and what to do about it.")
