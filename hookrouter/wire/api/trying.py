"""What is tried before it is done: which routes a lead would take, and a test message."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from hookrouter.wire.api.questions import Question, SaidField, UnmaskQuery, lead, name
from hookrouter.wire.api.told import (
    a,
    anything,
    count_or_none,
    many,
    maybe,
    moment,
    moment_or_none,
    number_or_none,
    text,
    text_or_none,
    texts,
    truth,
)

OF_PASTED = ("leads", "previous", "timeline")


class ExplainQuery(UnmaskQuery):
    """Whether what is personal is shown."""


class ExplainBody(Question):
    """Which leads are to be explained: some that are given, or some that are stored."""

    leads = fields.Raw(
        metadata={
            "description": "Leads in any shape that a push may have: one, a list, or either under `leads`; at most 20."
        }
    )
    previous = fields.Raw(
        metadata={"description": "The same leads as last seen; without it they are ones never seen before."}
    )
    timeline = fields.List(
        fields.Dict(keys=fields.Str()), metadata={"description": "Their history, as getLeadTimeline gives it."}
    )
    push = name("The leads of this stored push; with `lead`, one of them.")
    lead = lead("The last change of this stored lead: its id or e-mail address.")
    source = name("By which source they come; the first, if not said.")
    at = SaidField(
        metadata={
            "description": "The moment of the push; if not said, now or as it was.",
            "type": "string",
            "maxLength": 64,
        }
    )

    @validates_schema
    def insist_on_one_way(self, asked: dict[str, Any], **_: Any) -> None:
        """Refuse what asks for both, or for neither."""
        pasted = any(asked.get(each) is not None for each in OF_PASTED)
        stored = any(asked.get(each) is not None for each in ("push", "lead"))
        if pasted == stored or (pasted and asked.get("leads") is None):
            raise ValidationError("say whom: `leads`, or `push`, `lead` or both")


class AssignmentSchema(Schema):
    """Whom a lead would be given to."""

    team = text("The team.")
    owner = text("The person's id in the CRM; '' when it is nobody.")
    name = text("The person's name.")
    reason = text("Why this person.")
    otherwise = text_or_none("The sink that would take it instead, when nobody may.")
    known = truth("By the turns of now; else as if nobody had had one.")


class ExplainedStepSchema(Schema):
    """A follow-up step."""

    step = text("After how long.")
    due = moment_or_none("When it would be due; null is never.")
    to = texts("Which sinks would be told.")
    unless = texts("What would do away with it.")
    assign = maybe(text("`next` when another person would get the lead."))


class ExplainedRouteSchema(Schema):
    """What one route says of the lead."""

    route = text("The route.")
    matched = truth("Whether the lead takes it.")
    failed = text_or_none("The first condition that failed, and what it found.")
    would_match_if = texts("The fewest things that would have had to be otherwise.")
    tree = anything("All that its conditions found: `label`, `held`, `found`, `needs` and `parts` of the same kind.")
    shadow = maybe(truth("It sends nothing even when it matches."))
    held = maybe(text("How its deliveries would be held."))
    held_until = maybe(moment_or_none("When they would go out then."))
    told_by = maybe(text("The push by which it told of the lead less than its `once` ago."))
    follow_up = maybe(many(ExplainedStepSchema, "Its steps, if a clock would begin."))
    assigned = maybe(a(AssignmentSchema, "Whom it would give the lead to."))


class ExplainedDeliverySchema(Schema):
    """What a sink would be sent."""

    route = text("By which route.")
    sink = text("Which sink.")
    content = anything('What it would be sent; `{"error": …}` when that cannot be made.')
    gathered = maybe(text("How it would share a message with others."))
    shadow = maybe(truth("It would be sent if its route were no shadow."))


class ExplanationSchema(Schema):
    """All that would become of one lead."""

    lead = text("The lead.")
    event = text("What happened to it: created, updated, unchanged, stale or deleted.")
    changed = texts("The fields that changed.")
    routes = many(ExplainedRouteSchema, "What each route says.")
    deliveries = many(ExplainedDeliverySchema, "What each sink would be sent.")
    canary = maybe(truth("It is the canary's own change: no route is asked."))
    push = maybe(text("The stored push."))
    source = maybe(text("By which source it came."))
    at = maybe(moment("When it came."))
    doubt = maybe(text("What is not known of it."))


class UnreadLeadSchema(Schema):
    """A lead that would be rejected."""

    place = fields.Int(required=True, metadata={"description": "Its number, from 0."})
    errors = fields.Dict(
        keys=fields.Str(), values=fields.Str(), required=True, metadata={"description": "What is wrong, by field."}
    )


class ExplanationsSchema(Schema):
    """What would become of some leads."""

    leads = many(ExplanationSchema, "Each lead, in their order.")
    rejected = many(UnreadLeadSchema, "Those that would be rejected.")


class SendTestBody(Question):
    """About whom a test is."""

    lead = fields.Dict(
        keys=fields.Str(),
        metadata={"description": "The lead's fields; about somebody who does not exist, if not said."},
    )


class TestedSchema(Schema):
    """What came of a test."""

    id = text("The delivery.")
    sink = text("The sink.")
    delivered = truth("Whether the far side took it.")
    reason = text("Why not, in one word.")
    status = count_or_none("What the far side answered.")
    seconds = number_or_none("How long it took.")
    answer = text("The beginning of what the far side said.")
