"""Teams, whom leads were given to, and who is waited for, as the operator API tells of them."""

from __future__ import annotations

from marshmallow import Schema

from hookrouter.wire.api.paging import page_of
from hookrouter.wire.api.questions import EntriesQuery, PlacesQuery, UnmaskQuery, lead, name
from hookrouter.wire.api.told import (
    a_or_none,
    anything,
    count,
    many,
    moment,
    moment_or_none,
    text,
    text_or_none,
    texts,
    truth,
)


class MemberStandingSchema(Schema):
    """What one member of a team has."""

    owner = text("The person's id in the CRM.")
    name = text("The person's name.")
    share = count("How many leads in a turn.")
    next = truth("Whether the next lead is this person's.")
    not_now = text("Why the person gets no lead now; '' when the person may.")
    today = count("Leads of today.")
    this_hour = count("Leads of this hour.")
    given = count("Leads in all.")
    open = count("Leads that nobody touched yet.")


class TeamSchema(Schema):
    """Where a team stands."""

    team = text("Its name.")
    pick = text("How a member is picked.")
    next = text_or_none("Whose turn it is, by the id in the CRM; null when nobody may.")
    reason = text("Why.")
    limit = anything("How many leads each member may get, if that is limited: `leads` and `per`.")
    otherwise = text_or_none("The team or the sink that takes what nobody may.")
    members = many(MemberStandingSchema, "What each has.")


class TeamsSchema(Schema):
    """All teams."""

    found = many(TeamSchema, "As the configuration has them.")


class DecisionSchema(Schema):
    """Whom a lead was given to, and why."""

    at = moment("When.")
    team = text("The team that was asked.")
    lead = text("The lead.")
    owner = text("The person's id in the CRM; '' when it is nobody.")
    name = text("The person's name.")
    reason = text("Why this person.")
    route = text("The route.")
    push = text("The push that brought the lead.")


DecisionPage = page_of(DecisionSchema, "DecisionPage", "The decisions, the newest first.")


class DecisionsQuery(EntriesQuery, UnmaskQuery):
    """Which decisions."""

    team = name("Of this team.")
    lead = lead("Of this lead: its id, or its e-mail address if it is known by that.")


class StepSchema(Schema):
    """A follow-up step of a clock."""

    step = text("After how long.")
    state = text("Whether it is said, handled or to come.")
    due = moment_or_none("When it is due; null is never.")
    to = texts("Which sinks are told.")


class FollowUpSchema(Schema):
    """A lead that nobody has reacted to yet."""

    lead = text("The lead.")
    route = text("The route whose clock runs.")
    source = text("The source.")
    push = text("The push that brought the lead.")
    began = moment("Since when it is waited.")
    next = a_or_none(StepSchema, "What comes next.")
    steps = many(StepSchema, "All steps of the route, as they are now.")


FollowUpPage = page_of(FollowUpSchema, "FollowUpPage", "The leads, those that are due first at the front.")


class FollowUpsQuery(PlacesQuery, UnmaskQuery):
    """Which clocks."""

    route = name("Of this route.")
    lead = lead("Of this lead: its id, or its e-mail address if it is known by that.")
