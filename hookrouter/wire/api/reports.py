"""Figures and the audit log, as the operator API tells of them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from hookrouter.domain.audit import Act
from hookrouter.domain.operator import Door, Role
from hookrouter.wire.api.paging import page_of
from hookrouter.wire.api.questions import EntriesQuery, Question, SpanQuery, name
from hookrouter.wire.api.told import a, count, day, many, moment, one_of, text, truth


class TotalsSchema(Schema):
    """All of some days."""

    leads = count("Leads that came in, created or updated.")
    new = count("Those of them that were created.")
    missed = count("Those of them that no push brought.")
    routed = count("Those of them that a route took.")
    delivered = count("Messages that arrived.")
    promised = count("Messages by routes with an objective.")
    late = count("Those of them that came later than that.")
    dead = count("Deliveries that were given up.")
    reminded = count("Reminders.")
    kept_back = count("Messages that a silence, or `once`, held back.")
    reacted = count("Leads that somebody reacted to.")
    reacted_half = text("Within what time to half of them, in words.")


class DayFiguresSchema(Schema):
    """One day."""

    day = day("Which.")
    leads = count("Leads that came in.")
    delivered = count("Messages that arrived.")


class RouteFiguresSchema(Schema):
    """What one route did."""

    name = text("The route.")
    leads = count("Leads that it took.")
    delivered = count("Messages that arrived.")
    late = count("Messages that came later than promised.")
    dead = count("Deliveries that were given up.")
    half = text("Within what time half of its messages were there, in words.")
    most = text("The same for 95 of a hundred, or for as many as are promised.")
    promise = text("Its objective in words.")
    is_kept = truth("Whether that was kept.")
    reacted = count("Leads that somebody reacted to.")
    reacted_half = text("Within what time to half of them.")
    reacted_most = text("The same for 95 of a hundred.")


class PersonFiguresSchema(Schema):
    """The leads that one person was given."""

    name = text("The person.")
    delivered = count("Messages about them that arrived.")
    late = count("Messages that came later than promised.")
    dead = count("Deliveries that were given up.")
    reminded = count("Reminders.")
    reacted = count("Leads that were the person's after a reaction.")
    reacted_half = text("Within what time to half of them.")


class ReportSchema(Schema):
    """What became of the leads of some days."""

    first = day("The first day.")
    last = day("The last day.")
    totals = a(TotalsSchema, "All of it.")
    before = a(TotalsSchema, "The same of as many days before.")
    days = many(DayFiguresSchema, "By day.")
    routes = many(RouteFiguresSchema, "By route.")
    people = many(PersonFiguresSchema, "By person.")


class ReportQuery(Question):
    """Of which days; the last seven with today, if not said."""

    since = fields.Date(metadata={"description": "From this day to today."})
    week = fields.Str(
        validate=validate.Regexp(r"^(?:last|[0-9]{4}-?W[0-9]{2})\Z", error="give a week such as 2026-W47, or `last`"),
        metadata={"description": "Of a whole week, Monday to Sunday: `2026-W47`, or `last`."},
    )


class DeedSchema(Schema):
    """What an operator did."""

    at = moment("When.")
    by = text("Who.")
    role = one_of(tuple(Role), "What the operator may do.")
    door = one_of(tuple(Door), "By which way the operator came.")
    address = text("Whence; '' for a command.")
    act = text("What was done.")
    of = text("To what.")
    result = text("What it came to.")


AuditPage = page_of(DeedSchema, "AuditPage", "The deeds, the newest first.")


class AuditQuery(EntriesQuery, SpanQuery):
    """Which deeds."""

    act = fields.Str(validate=validate.OneOf([act.value for act in Act]), metadata={"description": "Of this kind."})
    by = name("Of this operator.")
